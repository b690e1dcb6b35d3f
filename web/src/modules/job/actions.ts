// SPDX-License-Identifier: Apache-2.0
import type { Badge, JobAction, JobSummary } from '@/api/types'
import type { Permission } from '@/gen/permissions'

export type ActionKind = JobAction['kind']

/** Whether the caller may do something in a team; the session's `can`. */
export type Can = (permission: Permission, inTeam?: string | null) => boolean

/** Why something cannot be done now: a code with its parts, which each language has words for, and the words in English. */
export interface Refusal {
  code: 'FORBIDDEN' | NonNullable<JobAction['code']>
  parameters: Record<string, string>
  message: string
}

export interface Offer {
  kind: ActionKind
  /** Null when it can be done. */
  refusal: Refusal | null
}

const kPermissions: Record<ActionKind, Permission> = {
  EDIT: 'job:edit',
  RELEASE: 'job:operate',
  START: 'job:operate',
  STOP: 'job:operate',
  SAVEPOINT: 'job:operate',
  RESTART: 'job:operate',
  UPGRADE: 'job:operate',
  RESCALE: 'job:operate',
  ROLLBACK: 'job:operate',
  DELETE: 'job:edit',
  UNDELETE: 'job:edit',
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
  'UPGRADE',
  'ROLLBACK',
  'RESCALE',
  'RESTART',
  'SAVEPOINT',
  'RELEASE',
  'EDIT',
  'DELETE',
  'UNDELETE',
]

/** Whether something can be done to a job: first whether the caller may, then whether the API says that it can be done now. */
export function offer(job: JobSummary, kind: ActionKind, can: Can): Offer {
  if (!can(kPermissions[kind], job.team.id))
    return {
      kind,
      refusal: { code: 'FORBIDDEN', parameters: {}, message: 'Your role does not allow this.' },
    }
  const found = job.actions.find((action) => action.kind === kind)
  if (found?.allowed) return { kind, refusal: null }
  const { code = 'IDLE', parameters = {}, reason = '' } = found ?? {}
  return { kind, refusal: { code, parameters, message: reason } }
}

type Translate = (key: string, named: Record<string, string>) => string

export function refusalText({ code, parameters: { kind } }: Refusal, t: Translate): string {
  return t(`job.actionReason.${code}`, {
    operation: kind === undefined ? '' : t(`job.action.${kind}`, {}),
  })
}

/** The two buttons of the header and the rest for the menu. What is likely stays a button when it is refused: it says why. */
export function offers(job: JobSummary, can: Can): { buttons: Offer[]; menu: Offer[] } {
  if (job.deletedAt !== null) return { buttons: [offer(job, 'UNDELETE', can)], menu: [] }
  // What was edited wants to run; a restart would bring it in unproven and unwatched.
  const newer =
    job.revision.wanted !== job.revision.deployed &&
    job.actions.some(({ kind, allowed }) => kind === 'UPGRADE' && allowed)
  const [first, ...others] = kLikely[job.badge]
  const likely = newer ? (['UPGRADE', first ?? 'STOP'] as const) : [first ?? 'EDIT', ...others]
  return {
    buttons: likely.map((kind) => offer(job, kind, can)),
    menu: kAll
      .filter((kind) => !(likely as readonly ActionKind[]).includes(kind) && kind !== 'UNDELETE')
      .map((kind) => offer(job, kind, can)),
  }
}

/** Whether a savepoint can be written now: while something else is under way, the API takes a plain stop only. */
export function canSave(job: JobSummary): boolean {
  return job.operation === null && (job.badge === 'RUNNING' || job.badge === 'DEGRADED')
}
