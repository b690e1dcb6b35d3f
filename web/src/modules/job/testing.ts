// SPDX-License-Identifier: Apache-2.0
// Things of the API for this module's tests; a change of the contract breaks their types.
import type { Attempt, Decision, Job, JobGraph, Operation, Snapshot } from '@/api/types'
import { kActions } from '@/testing/fixtures'

const kTime = '2026-03-01T12:00:00Z'
const person = { id: 'u', name: 'ada' }

export function aJob(over: Partial<Job> = {}): Job {
  return {
    id: 'J1',
    name: 'carrier-delays',
    team: { id: 't', name: 'demo' },
    description: '',
    tags: [],
    engine: 'FLINK',
    type: 'SQL',
    version: '1.20.5',
    target: { clusterId: 'c', clusterName: 'local' },
    parallelism: 2,
    owner: person,
    badge: 'RUNNING',
    badgeSince: kTime,
    badgeReason: { code: 'RUNNING', message: 'All its tasks run.' },
    desired: 'RUNNING',
    observed: {
      state: 'RUNNING',
      nativeState: 'RUNNING',
      observedAt: kTime,
      reachability: 'REACHABLE',
    },
    operation: null,
    revision: { wanted: 1, released: 1, deployed: 1, lastStable: 1, rollback: null },
    startedAt: kTime,
    endedAt: null,
    tasks: null,
    slots: 2,
    recordsInPerSecond: 1234.5,
    recordsOutPerSecond: 12,
    pendingRecords: null,
    restarts: 0,
    lastCheckpointAt: kTime,
    attempts: [{ id: 'a', outcome: 'LIVE' }],
    stateful: true,
    updatedAt: kTime,
    etag: '1',
    deletedAt: null,
    actions: kActions,
    spec: { engine: 'FLINK', type: 'SQL', target: { clusterId: 'c' }, sql: 'SELECT 1' },
    createdAt: kTime,
    lastSnapshot: null,
    release: null,
    automation: { paused: false, holds: [] },
    webUrl: null,
    ...over,
  }
}

export function aSnapshot(over: Partial<Snapshot> = {}): Snapshot {
  return {
    id: 's',
    kind: 'SAVEPOINT',
    format: 'CANONICAL',
    path: 'file:///s',
    triggeredAt: kTime,
    completedAt: kTime,
    sizeBytes: 1,
    name: '',
    note: '',
    attemptId: 'a',
    revision: 1,
    verification: 'VERIFIED',
    heldBy: [],
    ...over,
  }
}

export function anOperation(over: Partial<Operation> = {}): Operation {
  return {
    id: 'o',
    subject: { kind: 'JOB', id: 'J1', name: 'carrier-delays' },
    kind: 'START',
    state: 'SUCCEEDED',
    parameters: {},
    requestedBy: { ...person, via: 'WEB' },
    requestedAt: kTime,
    startedAt: kTime,
    finishedAt: kTime,
    cancellable: false,
    steps: [],
    error: null,
    result: null,
    ...over,
  }
}

export function aDecision(over: Partial<Decision> = {}): Decision {
  return {
    id: 'd',
    jobId: 'J1',
    kind: 'RESTART',
    rule: 'ended',
    facts: { desired: 'RUNNING', ends: 1, attempts: 5 },
    at: kTime,
    due: null,
    operationId: 'o',
    refusal: '',
    ...over,
  }
}

export function anAttempt(over: Partial<Attempt> = {}): Attempt {
  return {
    id: 'a',
    number: 1,
    engineJobId: 'e',
    revision: 1,
    parallelism: 1,
    clusterId: 'c',
    restoredFrom: null,
    startedAt: kTime,
    endedAt: null,
    stableAt: null,
    outcome: 'LIVE',
    message: '',
    ...over,
  }
}

export function aVertex(
  id: string,
  over: Partial<JobGraph['vertices'][number]> = {},
): JobGraph['vertices'][number] {
  const none = {
    created: 0,
    scheduled: 0,
    deploying: 0,
    initializing: 0,
    finished: 0,
    canceling: 0,
    canceled: 0,
    failed: 0,
    reconciling: 0,
  }
  return {
    id,
    name: id,
    operators: [id],
    parallelism: 1,
    maxParallelism: 128,
    state: 'RUNNING',
    tasks: { total: 1, running: 1, ...none },
    recordsIn: 0,
    recordsOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    recordsInPerSecond: 10,
    recordsOutPerSecond: 10,
    busyRatio: 0.2,
    backPressureRatio: 0,
    watermark: null,
    startedAt: null,
    durationMs: 0,
    ...over,
  }
}

/** A source that is held up by a join that is busy, and a sink with nothing to do. */
export function aGraph(): JobGraph {
  return {
    attemptId: 'a',
    observedAt: '2026-03-01T12:00:00Z',
    vertices: [
      aVertex('source', {
        backPressureRatio: 0.9,
        busyRatio: 0.1,
        recordsInPerSecond: 0,
        recordsOutPerSecond: 100,
      }),
      aVertex('join', { busyRatio: 0.99 }),
      aVertex('sink', { recordsInPerSecond: 7, recordsOutPerSecond: 0 }),
    ],
    edges: [
      { source: 'source', target: 'join', shipStrategy: 'HASH' },
      { source: 'join', target: 'sink', shipStrategy: 'FORWARD' },
    ],
  }
}
