// SPDX-License-Identifier: Apache-2.0
import { useI18n } from 'vue-i18n'
import type { JobAction, JobSummary } from '@/api/types'
import type { Permission } from '@/gen/permissions'
import { useSession } from '@/stores/session'

export type ActionKind = JobAction['kind']

/** What the list can begin: what the API says of a job, and what needs no permission of the engine. */
export type ListAction = ActionKind | 'COPY' | 'OPEN_YAML'

const kNeeds: Record<ActionKind, Permission> = {
  EDIT: 'job:edit',
  RELEASE: 'job:operate',
  START: 'job:operate',
  STOP: 'job:operate',
  SAVEPOINT: 'job:operate',
  RESTART: 'job:operate',
  DELETE: 'job:edit',
  UNDELETE: 'job:edit',
}

const kLikely: readonly ActionKind[] = ['START', 'STOP', 'RESTART', 'RELEASE', 'SAVEPOINT', 'EDIT']

/** What can be done to a job now by whoever is signed in: what its state allows, and what their role in its team does. */
export function useJobActions() {
  const { t } = useI18n()
  const session = useSession()

  /** Why something cannot be done; undefined when it can. */
  function refusal(job: JobSummary, kind: ActionKind): string | undefined {
    if (!session.can(kNeeds[kind], job.team.id)) return t('common.forbidden.title')
    const action = job.actions.find((one) => one.kind === kind)
    if (action === undefined) return ''
    return action.allowed ? undefined : action.reason
  }

  const allowed = (job: JobSummary, kind: ActionKind) => refusal(job, kind) === undefined

  /** The two most likely things to do; only those that can be done. */
  const likely = (job: JobSummary) => kLikely.filter((kind) => allowed(job, kind)).slice(0, 2)

  return { refusal, allowed, likely }
}
