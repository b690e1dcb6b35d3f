// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/vue-query'
import { onScopeDispose } from 'vue'
import { keys } from './keys'
import { LiveConnection, type LiveEvents, type LiveEventType } from './sse'
import type { Cluster, Installation, Job, JobSummary } from './types'

export const live = new LiveConnection()

/** Calls back for each live event of a type while the component lives. */
export function useLive<T extends LiveEventType>(type: T, act: (data: LiveEvents[T]) => void) {
  onScopeDispose(live.on(type, act))
}

/**
 * Keeps cached answers true to the live events: what an event brings whole is put in place, what it only hints at is read
 * anew when someone looks at it. Lists of jobs keep themselves, as they are too long to be copied for each event.
 */
export function followLiveEvents(client: QueryClient) {
  const refresh = (key: readonly unknown[]) => void client.invalidateQueries({ queryKey: key })
  const refreshSoon = throttled(refresh)

  live.on('job', (job: JobSummary) => {
    refreshSoon(keys.clusterPart(job.target.clusterId, 'jobs'))
    const before = client.getQueryData<Job>(keys.job(job.id))
    if (before === undefined) return
    client.setQueryData<Job>(keys.job(job.id), { ...before, ...job })
    if (before.etag !== job.etag) refresh(keys.job(job.id))
    else if (hasMoved(before, job)) {
      // The event has the summary alone: the engine's address, its snapshots and what it failed with are read anew.
      void client.invalidateQueries({ queryKey: keys.job(job.id), exact: true })
      for (const part of kPartsOfAnAttempt) refresh(keys.jobPart(job.id, part))
    }
  })
  live.on('operation', (operation) => {
    client.setQueryData(keys.operation(operation.id), operation)
    const { kind, id } = operation.subject
    if (kind === 'JOB') refresh(keys.jobPart(id, 'operations'))
    if (kind === 'CLUSTER') refresh(keys.clusterPart(id, 'operations'))
    if (operation.finishedAt === null) return
    if (kind === 'JOB') {
      refresh(keys.jobPart(id, 'snapshots'))
      refresh(keys.jobPart(id, 'attempts'))
      refresh(keys.jobPart(id, 'revisions'))
    }
    refreshSoon(keys.overviews)
  })
  live.on('decision', (decision) => refresh(keys.jobPart(decision.jobId, 'decisions')))
  live.on('attention', () => refreshSoon(keys.allAttentions))
  live.on('automation', ({ scope, subjectId }) => {
    refresh(keys.automations)
    if (scope === 'JOB') refresh(keys.job(subjectId ?? ''))
    else refreshSoon(['job'])
  })
  live.on('storage', () => refresh(keys.about))
  live.on('counts', () => refreshSoon(keys.overviews))
  live.on('cluster', (cluster) => {
    client.setQueryData<Cluster[]>(keys.clusters, (all) => replaced(all, cluster))
    if (client.getQueryData(keys.cluster(cluster.id)) !== undefined)
      client.setQueryData(keys.cluster(cluster.id), cluster)
    refreshSoon(keys.clusterPart(cluster.id, 'task-managers'))
    refreshSoon(keys.clusterPart(cluster.id, 'jobs'))
    refreshSoon(keys.overviews)
  })
  live.on('cluster-removed', ({ id }) => {
    client.setQueryData<Cluster[]>(keys.clusters, (all) => all?.filter((one) => one.id !== id))
    refreshSoon(keys.overviews)
  })
  live.on('installation', (installation) => {
    client.setQueryData<Installation[]>(keys.installations, (all) => replaced(all, installation))
  })
  live.on('installation-removed', ({ id }) => {
    client.setQueryData<Installation[]>(keys.installations, (all) =>
      all?.filter((one) => one.id !== id),
    )
  })
  live.on('reset', () => void client.invalidateQueries())
}

/** The parts of a job's page that belong to how it runs. */
const kPartsOfAnAttempt = [
  'attempts',
  'exceptions',
  'graph',
  'logs',
  'configuration',
  'snapshots',
] as const

function hasMoved(before: JobSummary, now: JobSummary): boolean {
  const [was, is] = [before.attempts[0], now.attempts[0]]
  return before.badge !== now.badge || was?.id !== is?.id || was?.outcome !== is?.outcome
}

const kRest = 1000

/** `act` at once and then at most once a second for each key, the last call never being lost. */
export function throttled(act: (key: readonly unknown[]) => void) {
  const resting = new Map<string, { again: boolean }>()
  return function ask(key: readonly unknown[]) {
    const name = JSON.stringify(key)
    const known = resting.get(name)
    if (known !== undefined) {
      known.again = true
      return
    }
    const rest = { again: false }
    resting.set(name, rest)
    act(key)
    setTimeout(() => {
      resting.delete(name)
      if (rest.again) ask(key)
    }, kRest)
  }
}

function replaced<T extends { id: string }>(all: T[] | undefined, item: T): T[] | undefined {
  if (all === undefined) return undefined
  return all.some(({ id }) => id === item.id)
    ? all.map((one) => (one.id === item.id ? item : one))
    : [...all, item]
}
