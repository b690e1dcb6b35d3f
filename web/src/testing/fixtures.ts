// SPDX-License-Identifier: Apache-2.0
// Whole, typed answers of the API for tests: a change of the contract that matters to a test breaks it at compile time.
import type { JobAction, JobSummary, TaskCounts } from '@/api/types'

export const kNoTasks: TaskCounts = {
  total: 0,
  created: 0,
  scheduled: 0,
  deploying: 0,
  initializing: 0,
  running: 0,
  finished: 0,
  canceling: 0,
  canceled: 0,
  failed: 0,
  reconciling: 0,
}

/** Every action of a job, each allowed. */
export const kActions: JobAction[] = (
  [
    'EDIT',
    'RELEASE',
    'START',
    'STOP',
    'SAVEPOINT',
    'RESTART',
    'UPGRADE',
    'RESCALE',
    'ROLLBACK',
    'DELETE',
    'UNDELETE',
  ] as const
).map((kind) => ({ kind, allowed: true, reason: '' }))

export function jobSummary(changes: Partial<JobSummary> = {}): JobSummary {
  return {
    id: '01J000000000000000000000A1',
    name: 'carrier-delays',
    team: { id: 't1', name: 'demo' },
    description: '',
    tags: [],
    engine: 'FLINK',
    type: 'SQL',
    version: '1.20.5',
    target: { clusterId: 'c1', clusterName: 'local' },
    parallelism: 2,
    owner: { id: 'u1', name: 'ada' },
    badge: 'RUNNING',
    badgeSince: '2026-03-01T12:00:00Z',
    badgeReason: { code: 'RUNNING', message: 'All tasks run.' },
    desired: 'RUNNING',
    observed: {
      state: 'RUNNING',
      nativeState: 'RUNNING',
      observedAt: '2026-03-01T12:00:00Z',
      reachability: 'REACHABLE',
    },
    operation: null,
    revision: { wanted: 1, released: 1, deployed: 1, lastStable: 1, rollback: null },
    startedAt: '2026-03-01T11:00:00Z',
    endedAt: null,
    tasks: { ...kNoTasks, total: 4, running: 4 },
    slots: 2,
    recordsInPerSecond: 1234.5,
    recordsOutPerSecond: 12,
    pendingRecords: null,
    restarts: 0,
    lastCheckpointAt: '2026-03-01T11:59:55Z',
    attempts: [{ id: 'a1', outcome: 'LIVE' }],
    stateful: true,
    updatedAt: '2026-03-01T12:00:00Z',
    etag: '"1"',
    deletedAt: null,
    actions: kActions,
    ...changes,
  }
}
