// SPDX-License-Identifier: Apache-2.0
import type { JobAction, JobSummary } from '@/api/types'

export type ActionKind = JobAction['kind']

/** What the list can begin: what the API says of a job, and what needs no permission of the engine. */
export type ListAction = ActionKind | 'COPY' | 'OPEN_YAML'

/** Why something cannot be done to a job now; undefined when it can. */
export function refusal(job: JobSummary, kind: ActionKind): string | undefined {
  const action = job.actions.find((one) => one.kind === kind)
  if (action === undefined) return ''
  return action.allowed ? undefined : action.reason
}

export function allowed(job: JobSummary, kind: ActionKind): boolean {
  return refusal(job, kind) === undefined
}

/** The two most likely things to do, by what the badge asks for; only those that can be done. */
export function likelyActions(job: JobSummary): ActionKind[] {
  const order: ActionKind[] = ['START', 'STOP', 'RESTART', 'RELEASE', 'SAVEPOINT', 'EDIT']
  return order.filter((kind) => allowed(job, kind)).slice(0, 2)
}
