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

  live.on('job', (job: JobSummary) => {
    const before = client.getQueryData<Job>(keys.job(job.id))
    if (before !== undefined) client.setQueryData<Job>(keys.job(job.id), { ...before, ...job })
    if (before !== undefined && before.etag !== job.etag) refresh(keys.job(job.id))
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
    refresh(keys.overviews)
  })
  live.on('counts', () => refresh(keys.overviews))
  live.on('cluster', (cluster) => {
    client.setQueryData<Cluster[]>(keys.clusters, (all) => replaced(all, cluster))
    if (client.getQueryData(keys.cluster(cluster.id)) !== undefined)
      client.setQueryData(keys.cluster(cluster.id), cluster)
    refresh(keys.clusterPart(cluster.id, 'task-managers'))
    refresh(keys.clusterPart(cluster.id, 'jobs'))
    refresh(keys.overviews)
  })
  live.on('cluster-removed', ({ id }) => {
    client.setQueryData<Cluster[]>(keys.clusters, (all) => all?.filter((one) => one.id !== id))
    refresh(keys.overviews)
  })
  live.on('installation', (installation) => {
    client.setQueryData<Installation[]>(keys.installations, (all) => replaced(all, installation))
  })
  live.on('installation-removed', ({ id }) => {
    client.setQueryData<Installation[]>(keys.installations, (all) =>
      all?.filter((one) => one.id !== id),
    )
  })
  live.on('session', () => refresh(keys.session))
  live.on('reset', () => void client.invalidateQueries())
}

function replaced<T extends { id: string }>(all: T[] | undefined, item: T): T[] | undefined {
  if (all === undefined) return undefined
  return all.some(({ id }) => id === item.id)
    ? all.map((one) => (one.id === item.id ? item : one))
    : [...all, item]
}
