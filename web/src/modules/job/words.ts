// SPDX-License-Identifier: Apache-2.0
import { useI18n } from 'vue-i18n'
import type { JobSummary, Operation, Step } from '@/api/types'

/** Words for what the API gives as codes; its own sentence where a code is newer than these texts. */
export function useJobWords() {
  const { t, te } = useI18n()

  /** How the job is, in a sentence; what the engine said about it follows in its own words. */
  function reason({ badge, badgeReason: { code, message, parameters = {} } }: JobSummary): string {
    if (!te(`job.reason.${code}`)) return message === '' ? t(`badge.meaning.${badge}`) : message
    const particulars = parameters['cause'] ?? parameters['message'] ?? ''
    return [t(`job.reason.${code}`, parameters), particulars].filter(Boolean).join(' ')
  }

  function step({ name }: Pick<Step, 'name'>): string {
    if (te(`job.step.${name}`)) return t(`job.step.${name}`)
    return name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ').toLowerCase()
  }

  const action = (kind: string) => t(`job.action.${kind}`)

  /** What an operation was asked to do: `Stop · with a savepoint`. */
  function operation({ kind, parameters }: Pick<Operation, 'kind' | 'parameters'>): string {
    const savepoint = parameters['savepoint']
    const detail =
      kind === 'STOP' && typeof savepoint === 'string' ? t(`job.stopMode.${savepoint}`) : ''
    return detail === '' ? action(kind) : `${action(kind)} · ${detail}`
  }

  const outcome = (state: string) => t(`job.outcome.${state}`)
  return { reason, step, action, operation, outcome }
}
