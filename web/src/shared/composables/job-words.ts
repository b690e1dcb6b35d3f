// SPDX-License-Identifier: Apache-2.0
import { useI18n } from 'vue-i18n'
import type { JobSummary } from '@/api/types'

/** Words for what the API names by codes that it may add to: translated where a text exists, else as the API says it. */
export function useJobWords() {
  const { t, te, locale } = useI18n()

  /** How a job is, in a sentence; what the engine said about it follows in its own words. */
  function reasonOf({ badge, badgeReason }: Pick<JobSummary, 'badge' | 'badgeReason'>): string {
    const { code, message, parameters = {} } = badgeReason
    if (!te(`job.reason.${code}`, locale.value))
      return message === '' ? t(`badge.meaning.${badge}`) : message
    const particulars = parameters['cause'] ?? parameters['message'] ?? ''
    return [t(`job.reason.${code}`, parameters), particulars].filter(Boolean).join(' ')
  }

  function stepName(step: string): string {
    if (te(`job.step.${step}`, locale.value)) return t(`job.step.${step}`)
    return step.charAt(0).toUpperCase() + step.slice(1).replaceAll(/[_-]+/g, ' ').toLowerCase()
  }

  return { reasonOf, stepName }
}
