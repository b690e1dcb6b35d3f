// SPDX-License-Identifier: Apache-2.0
import type { Badge, JobAction, JobSummary } from '@/api/types'

export type ActionKind = JobAction['kind']

export interface Offer {
  kind: ActionKind
  allowed: boolean
  /** Why not; empty when it is allowed. */
  reason: string
}

/** What one most likely wants under a badge, likeliest first. */
const kLikely: Record<Badge, readonly ActionKind[]> = {
  DRAFT: ['START', 'EDIT'],
  RELEASING: ['EDIT'],
  READY: ['START', 'EDIT'],
  STARTING: ['STOP'],
  RUNNING: ['STOP', 'SAVEPOINT'],
  RESTARTING: ['STOP', 'EDIT'],
  DEGRADED: ['RESTART', 'STOP'],
  UNREACHABLE: ['STOP', 'RESTART'],
  SAVING: ['STOP'],
  STOPPING: ['STOP'],
  SUSPENDED: ['START', 'EDIT'],
  STOPPED: ['START', 'EDIT'],
  FINISHED: ['START', 'EDIT'],
  FAILED: ['START', 'EDIT'],
  QUARANTINED: ['EDIT', 'START'],
  NEEDS_YOU: ['START', 'EDIT'],
}

const kAll: readonly ActionKind[] = [
  'START',
  'STOP',
  'RESTART',
  'SAVEPOINT',
  'RELEASE',
  'EDIT',
  'DELETE',
  'UNDELETE',
]

function offer(job: JobSummary, kind: ActionKind): Offer {
  const found = job.actions.find((action) => action.kind === kind)
  return {
    kind,
    allowed: found?.allowed ?? false,
    reason: found?.allowed ? '' : (found?.reason ?? ''),
  }
}

/** The two buttons of the header and the rest for the menu. What is likely stays a button when it is refused: it says why. */
export function offers(job: JobSummary): { buttons: Offer[]; menu: Offer[] } {
  if (job.deletedAt !== null) return { buttons: [offer(job, 'UNDELETE')], menu: [] }
  const likely = kLikely[job.badge]
  const buttons = likely.slice(0, 2).map((kind) => offer(job, kind))
  const menu = kAll
    .filter((kind) => !likely.includes(kind) && kind !== 'UNDELETE')
    .map((kind) => offer(job, kind))
  return { buttons, menu }
}

/** Whether a savepoint can be written now: while something else is under way, the API takes a plain stop only. */
export function canSave(job: JobSummary): boolean {
  return job.operation === null && (job.badge === 'RUNNING' || job.badge === 'DEGRADED')
}
