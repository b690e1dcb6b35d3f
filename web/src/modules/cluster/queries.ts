// SPDX-License-Identifier: Apache-2.0
import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, idempotencyKey, send } from '@/api/client'
import { keys } from '@/api/keys'
import type { ClusterCommand, ClusterSpec } from '@/api/types'

const kIdle = ['DRAFT', 'READY', 'SUSPENDED', 'STOPPED', 'FINISHED', 'FAILED'] as const

export function useTaskManagers(id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => keys.clusterPart(id.value, 'task-managers')),
    queryFn: async ({ signal }) =>
      (
        await send(
          api.GET('/api/v1/clusters/{clusterId}/task-managers', {
            params: { path: { clusterId: id.value } },
            signal,
          }),
        )
      ).items,
    // Heartbeats and memory move all the time, which no event tells.
    refetchInterval: 10_000,
  })
}

export function useClusterJobs(id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => keys.clusterPart(id.value, 'jobs')),
    queryFn: async ({ signal }) =>
      (
        await send(
          api.GET('/api/v1/clusters/{clusterId}/jobs', {
            params: { path: { clusterId: id.value } },
            signal,
          }),
        )
      ).items,
  })
}

/** Jobs that target the cluster and do not run: one of them may take over what runs there unmanaged. */
export function useJobsThatMayAdopt(clusterId: Ref<string>) {
  return useQuery({
    queryKey: computed(() => keys.clusterPart(clusterId.value, 'jobs', 'idle')),
    queryFn: async ({ signal }) =>
      (
        await send(
          api.GET('/api/v1/jobs', {
            params: { query: { cluster: clusterId.value, badge: [...kIdle], limit: 200 } },
            signal,
          }),
        )
      ).items,
  })
}

type AdoptInto = { jobId: string } | { name: string; teamId: string; sql: string }

/** Gives the id of the job that looks after it from now on. */
export function useAdoption() {
  const client = useQueryClient()
  // A second press after a refusal makes no second job.
  const key = idempotencyKey()
  return useMutation({
    mutationFn: async (what: { clusterId: string; engineJobId: string; into: AdoptInto }) => {
      const jobId =
        'jobId' in what.into
          ? what.into.jobId
          : (
              await send(
                api.POST('/api/v1/jobs', {
                  params: { header: { 'Idempotency-Key': `${key}-${what.into.name}` } },
                  body: {
                    name: what.into.name,
                    teamId: what.into.teamId,
                    spec: {
                      engine: 'FLINK',
                      type: 'SQL',
                      target: { clusterId: what.clusterId },
                      sql: what.into.sql,
                    },
                  },
                }),
              )
            ).id
      await send(
        api.POST('/api/v1/jobs/{jobId}/operations', {
          params: { path: { jobId }, header: { 'Idempotency-Key': idempotencyKey() } },
          body: { kind: 'ADOPT', engineJobId: what.engineJobId },
        }),
      )
      return jobId
    },
    onSettled: async (_id, _error, { clusterId }) => {
      await client.invalidateQueries({ queryKey: keys.cluster(clusterId) })
      await client.invalidateQueries({ queryKey: keys.jobs })
    },
  })
}

export function useClusterLogs(id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => keys.clusterPart(id.value, 'logs')),
    queryFn: async ({ signal }) =>
      (
        await send(
          api.GET('/api/v1/clusters/{clusterId}/logs', {
            params: { path: { clusterId: id.value } },
            signal,
          }),
        )
      ).items,
  })
}

export function useClusterOperations(id: Ref<string>) {
  return useInfiniteQuery({
    queryKey: computed(() => keys.clusterPart(id.value, 'operations')),
    queryFn: ({ pageParam, signal }) =>
      send(
        api.GET('/api/v1/clusters/{clusterId}/operations', {
          params: {
            path: { clusterId: id.value },
            query: pageParam === null ? {} : { cursor: pageParam },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  })
}

export function useClusterCommand() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, body }: { id: string; body: ClusterCommand }) =>
      send(
        api.POST('/api/v1/clusters/{clusterId}/operations', {
          params: { path: { clusterId: id }, header: { 'Idempotency-Key': idempotencyKey() } },
          body,
        }),
      ),
    onSuccess: async (_operation, { id }) => {
      await client.invalidateQueries({ queryKey: keys.cluster(id) })
      await client.invalidateQueries({ queryKey: keys.clusters })
    },
  })
}

/** Creates a cluster, or changes the one whose id and ETag are given. */
export function useSaveCluster() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ spec, at }: { spec: ClusterSpec; at: { id: string; etag: string } | null }) =>
      at === null
        ? send(api.POST('/api/v1/clusters', { body: spec }))
        : send(
            api.PUT('/api/v1/clusters/{clusterId}', {
              params: { path: { clusterId: at.id }, header: { 'If-Match': at.etag } },
              body: spec,
            }),
          ),
    onSuccess: async (cluster) => {
      client.setQueryData(keys.cluster(cluster.id), cluster)
      await client.invalidateQueries({ queryKey: keys.clusters })
    },
  })
}

export function useDeleteCluster() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (clusterId: string) =>
      send(api.DELETE('/api/v1/clusters/{clusterId}', { params: { path: { clusterId } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.clusters }),
  })
}

/** The engine's verdict on a spec, asked for as it is edited. */
export function useClusterCheck(spec: Ref<ClusterSpec | null>) {
  return useQuery({
    queryKey: computed(() => ['cluster-check', spec.value]),
    queryFn: ({ signal }) =>
      send(api.POST('/api/v1/clusters/check', { body: spec.value as ClusterSpec, signal })),
    enabled: computed(() => spec.value !== null),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  })
}

/** Asks an operation under way to end; what it did outside is put right. */
export function useCancelOperation() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (operationId: string) =>
      send(
        api.POST('/api/v1/operations/{operationId}/cancel', { params: { path: { operationId } } }),
      ),
    onSuccess: (operation) => client.setQueryData(keys.operation(operation.id), operation),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: keys.clusters })
      await client.invalidateQueries({ queryKey: ['cluster'] })
      await client.invalidateQueries({ queryKey: keys.installations })
    },
  })
}

export function useInstallations() {
  return useQuery({
    queryKey: keys.installations,
    queryFn: async ({ signal }) => (await send(api.GET('/api/v1/installations', { signal }))).items,
  })
}

export function useAvailableVersions(enabled: Ref<boolean>) {
  return useQuery({
    queryKey: keys.availableVersions,
    queryFn: async ({ signal }) =>
      (
        await send(
          api.GET('/api/v1/installations/available', {
            params: { query: { engine: 'FLINK' } },
            signal,
          }),
        )
      ).items,
    enabled,
    staleTime: 300_000,
  })
}

export function useAddInstallation() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (from: { version: string } | { home: string }) =>
      send(
        api.POST('/api/v1/installations', {
          params: { header: { 'Idempotency-Key': idempotencyKey() } },
          body: { engine: 'FLINK', ...from },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.installations }),
  })
}

export function useInstallationCommand() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, kind }: { id: string; kind: 'FETCH' | 'VERIFY' }) =>
      send(
        api.POST('/api/v1/installations/{installationId}/operations', {
          params: {
            path: { installationId: id },
            header: { 'Idempotency-Key': idempotencyKey() },
          },
          body: { kind },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: keys.installations }),
  })
}

export function useDeleteInstallation() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (installationId: string) =>
      send(
        api.DELETE('/api/v1/installations/{installationId}', {
          params: { path: { installationId } },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.installations }),
  })
}
