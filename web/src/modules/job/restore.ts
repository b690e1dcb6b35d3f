// SPDX-License-Identifier: Apache-2.0
import type { JobSummary, Restore, Snapshot } from '@/api/types'

export interface RestoreChoice {
  from: Restore['from']
  snapshotId: string
  path: string
  mode: NonNullable<Restore['mode']>
  allowNonRestored: boolean
}

/** Whether a job can be started from it, as far as is known. */
export function usable(snapshot: Snapshot): boolean {
  return (
    snapshot.completedAt !== null &&
    snapshot.verification !== 'INVALID' &&
    snapshot.verification !== 'UNCONFIRMED'
  )
}

/** What `LATEST` will most likely be: the newest data that can be used. The API decides at the start. */
export function latest(snapshots: readonly Snapshot[]): Snapshot | undefined {
  return snapshots
    .filter(usable)
    .reduce<Snapshot | undefined>(
      (best, one) =>
        best === undefined || Date.parse(one.triggeredAt) > Date.parse(best.triggeredAt)
          ? one
          : best,
      undefined,
    )
}

/** The safest choice: the newest state where there is one. A job that never had state has nothing to lose. */
export function safestChoice(snapshots: readonly Snapshot[], given?: Snapshot): RestoreChoice {
  const base = { path: '', mode: 'NO_CLAIM', allowNonRestored: false } as const
  if (given !== undefined) return { from: 'SNAPSHOT', snapshotId: given.id, ...base }
  const best = latest(snapshots)
  return { from: best === undefined ? 'NOTHING' : 'LATEST', snapshotId: best?.id ?? '', ...base }
}

/**
 * The command's part. A job that never ran says nothing about it; one that did and has nothing to go on from says that it is
 * meant to start empty, which the API demands.
 */
export function restoreOf(
  choice: RestoreChoice,
  job: Pick<JobSummary, 'attempts'>,
  snapshots: readonly Snapshot[],
): Restore | undefined {
  const { from, mode, allowNonRestored } = choice
  if (from === 'NOTHING')
    return job.attempts.length === 0 && snapshots.length === 0
      ? undefined
      : { from, mode: 'NO_CLAIM', allowNonRestored: false }
  const shared = { mode, allowNonRestored }
  if (from === 'SNAPSHOT') return { from, snapshotId: choice.snapshotId, ...shared }
  if (from === 'PATH') return { from, path: choice.path.trim(), ...shared }
  return { from, ...shared }
}

/** Whether enough has been said. */
export function complete(choice: RestoreChoice): boolean {
  if (choice.from === 'SNAPSHOT') return choice.snapshotId !== ''
  if (choice.from === 'PATH') return choice.path.trim() !== ''
  return true
}
