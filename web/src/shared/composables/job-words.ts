// SPDX-License-Identifier: Apache-2.0
import { useI18n } from 'vue-i18n'
import type { JobSummary } from '@/api/types'

/** Words for what the API names by codes that it may add to: translated where a text exists, else as the API says it. */
export function useJobWords() {
  const { t, te, locale } = useI18n()

  function reasonOf({ badgeReason }: Pick<JobSummary, 'badgeReason'>): string {
    const key = `badge.reason.${badgeReason.code}`
    if (!te(key, locale.value)) return badgeReason.message
    return t(key, badgeReason.parameters ?? {})
  }

  function stepName(step: string): string {
    const key = `step.${step}`
    return te(key, locale.value) ? t(key) : step.replaceAll(/[_-]+/g, ' ').toLowerCase()
  }

  return { reasonOf, stepName }
}
