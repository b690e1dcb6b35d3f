// SPDX-License-Identifier: Apache-2.0
import { useI18n } from 'vue-i18n'
import type { Operation } from '@/api/types'

/** Words for what is done to a job. Those for how it is are `useJobWords`, which other modules need too. */
export function useOperationWords() {
  const { t } = useI18n()
  const action = (kind: string) => t(`job.action.${kind}`)

  /** What an operation was asked to do: `Stop · with a savepoint`. */
  function operation({ kind, parameters }: Pick<Operation, 'kind' | 'parameters'>): string {
    const savepoint = parameters['savepoint']
    const detail =
      kind === 'STOP' && typeof savepoint === 'string' ? t(`job.stopMode.${savepoint}`) : ''
    return detail === '' ? action(kind) : `${action(kind)} · ${detail}`
  }

  const outcome = (state: string) => t(`job.outcome.${state}`)
  return { action, operation, outcome }
}
