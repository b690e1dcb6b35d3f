// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery, type QueryKey } from '@tanstack/vue-query'
import { computed, toValue, watchEffect, type MaybeRefOrGetter } from 'vue'
import { api, send } from '@/api/client'
import { keys } from '@/api/keys'
import type { Badge, Job, SqlRequest } from '@/api/types'

type Id = MaybeRefOrGetter<string>
const path = (jobId: Id) => ({ path: { jobId: toValue(jobId) } })

/** Badges under which the engine has something to tell that changes by itself. */
const kMoving: readonly Badge[] = [
  'STARTING',
  'RUNNING',
  'RESTARTING',
  'DEGRADED',
  'SAVING',
  'STOPPING',
]

/** How often what has no live events is read anew: only while something moves, and never in a hidden tab. */
export function pace(badge: Badge | undefined, interval: number): number | false {
  return badge !== undefined && kMoving.includes(badge) ? interval : false
}

type Part = Parameters<typeof keys.jobPart>[1]
const partKey = (id: Id, part: Part, ...rest: (string | number)[]) =>
  computed<QueryKey>(() => keys.jobPart(toValue(id), part, ...rest))

export function useJob(id: Id) {
  return useQuery({
    queryKey: computed(() => keys.job(toValue(id))),
    queryFn: ({ signal }) => send(api.GET('/api/v1/jobs/{jobId}', { params: path(id), signal })),
    // Live events keep it true.
    staleTime: 60_000,
  })
}

/** Read anew at each opening and never renewed: an editor finds out by saving whether somebody else saved. */
export function useJobToEdit(id: MaybeRefOrGetter<string | null>) {
  return useQuery({
    queryKey: computed(() => keys.job(toValue(id) ?? '')),
    queryFn: ({ signal }) =>
      send(api.GET('/api/v1/jobs/{jobId}', { params: path(toValue(id) ?? ''), signal })),
    enabled: computed(() => toValue(id) !== null),
    staleTime: 0,
  })
}

/** The demo's jobs, to begin a new one with. */
export function useDemoJobs() {
  return useQuery({
    queryKey: ['jobs', 'samples'],
    queryFn: async ({ signal }) =>
      (
        await send(
          api.GET('/api/v1/jobs', { params: { query: { tag: ['demo'], limit: 5 } }, signal }),
        )
      ).items,
  })
}

/** The job as it is on the console now, whatever is cached. */
export const readJob = (id: string) => send(api.GET('/api/v1/jobs/{jobId}', { params: path(id) }))

export function useGraph(id: Id, badge: MaybeRefOrGetter<Badge | undefined>) {
  return useQuery({
    queryKey: partKey(id, 'graph'),
    queryFn: ({ signal }) =>
      send(api.GET('/api/v1/jobs/{jobId}/graph', { params: path(id), signal })),
    refetchInterval: () => pace(toValue(badge), 2000),
    staleTime: 1000,
  })
}

export function useCheckpoints(id: Id, badge: MaybeRefOrGetter<Badge | undefined>) {
  return useQuery({
    queryKey: partKey(id, 'checkpoints'),
    queryFn: ({ signal }) =>
      send(api.GET('/api/v1/jobs/{jobId}/checkpoints', { params: path(id), signal })),
    refetchInterval: () => pace(toValue(badge), 3000),
    staleTime: 1000,
  })
}

export function useResults(id: Id, badge: MaybeRefOrGetter<Badge | undefined>) {
  return useQuery({
    queryKey: partKey(id, 'results'),
    queryFn: ({ signal }) =>
      send(
        api.GET('/api/v1/jobs/{jobId}/results', {
          params: { ...path(id), query: { limit: 100 } },
          signal,
        }),
      ),
    refetchInterval: () => pace(toValue(badge), 3000),
    staleTime: 1000,
  })
}

/** For how long after a failure the engine's exceptions may still be on their way to the console. */
const kExceptionsLate = 60_000

/** Once, or with `follow` as they come: while the job moves, and after a failure until there are some. */
export function useExceptions(
  job: MaybeRefOrGetter<Pick<Job, 'id' | 'badge' | 'badgeSince'> | undefined>,
  follow: boolean,
) {
  return useQuery({
    queryKey: computed<QueryKey>(() => keys.jobPart(toValue(job)?.id ?? '', 'exceptions')),
    queryFn: async ({ signal }) =>
      (
        await send(
          api.GET('/api/v1/jobs/{jobId}/exceptions', {
            params: path(toValue(job)?.id ?? ''),
            signal,
          }),
        )
      ).items,
    enabled: computed(() => toValue(job) !== undefined),
    refetchInterval: ({ state }) => {
      const shown = toValue(job)
      if (!follow || shown === undefined) return false
      const awaited =
        shown.badge === 'FAILED' &&
        (state.data ?? []).length === 0 &&
        Date.now() - Date.parse(shown.badgeSince) < kExceptionsLate
      return awaited ? 2000 : pace(shown.badge, 5000)
    },
    staleTime: 0,
  })
}

export function useConfiguration(id: Id) {
  return useQuery({
    queryKey: partKey(id, 'configuration'),
    queryFn: async ({ signal }) =>
      (await send(api.GET('/api/v1/jobs/{jobId}/configuration', { params: path(id), signal })))
        .items,
  })
}

export function useLogs(id: Id, badge: MaybeRefOrGetter<Badge | undefined>) {
  return useQuery({
    queryKey: partKey(id, 'logs'),
    // Processes begin new files, and the sizes grow.
    refetchInterval: () => pace(toValue(badge), 15_000),
    queryFn: async ({ signal }) =>
      (await send(api.GET('/api/v1/jobs/{jobId}/logs', { params: path(id), signal }))).items,
  })
}

export const readLog = (
  jobId: string,
  logId: string,
  offset: number | undefined,
  bytes: number,
  signal: AbortSignal,
) =>
  send(
    api.GET('/api/v1/jobs/{jobId}/logs/{logId}', {
      params: {
        path: { jobId, logId },
        query: { bytes, ...(offset === undefined ? {} : { offset }) },
      },
      signal,
    }),
  )

/** With a badge, kept true while the engine makes checkpoints; without one, read once. */
export function useSnapshots(id: Id, badge?: MaybeRefOrGetter<Badge | undefined>) {
  return useInfiniteQuery({
    refetchInterval: () => pace(toValue(badge), 10_000),
    queryKey: partKey(id, 'snapshots'),
    queryFn: ({ signal, pageParam }) =>
      send(
        api.GET('/api/v1/jobs/{jobId}/snapshots', {
          params: {
            ...path(id),
            query: { limit: 50, ...(pageParam === '' ? {} : { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
}

/** All snapshots, page by page: `whole` when the last page is here. */
export function useAllSnapshots(id: Id) {
  const query = useSnapshots(id)
  watchEffect(() => {
    if (query.hasNextPage.value && !query.isFetching.value && query.error.value === null)
      void query.fetchNextPage()
  })
  return {
    snapshots: computed(() => query.data.value?.pages.flatMap(({ items }) => items) ?? []),
    whole: computed(() => query.isSuccess.value && !query.hasNextPage.value),
    error: query.error,
    retry: () => query.refetch(),
  }
}

export function useOperations(id: Id) {
  return useInfiniteQuery({
    queryKey: partKey(id, 'operations'),
    queryFn: ({ signal, pageParam }) =>
      send(
        api.GET('/api/v1/jobs/{jobId}/operations', {
          params: {
            ...path(id),
            query: { limit: 30, ...(pageParam === '' ? {} : { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
}

export function useDecisions(id: Id) {
  return useInfiniteQuery({
    queryKey: partKey(id, 'decisions'),
    queryFn: ({ signal, pageParam }) =>
      send(
        api.GET('/api/v1/jobs/{jobId}/decisions', {
          params: {
            ...path(id),
            query: { limit: 30, ...(pageParam === '' ? {} : { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
}

export function useAttempts(id: Id) {
  return useInfiniteQuery({
    queryKey: partKey(id, 'attempts'),
    queryFn: ({ signal, pageParam }) =>
      send(
        api.GET('/api/v1/jobs/{jobId}/attempts', {
          params: {
            ...path(id),
            query: { limit: 30, ...(pageParam === '' ? {} : { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
}

export function useRevisions(id: MaybeRefOrGetter<string | undefined>) {
  return useInfiniteQuery({
    queryKey: computed<QueryKey>(() => keys.jobPart(toValue(id) ?? '', 'revisions')),
    queryFn: ({ signal, pageParam }) =>
      send(
        api.GET('/api/v1/jobs/{jobId}/revisions', {
          params: {
            ...path(toValue(id) ?? ''),
            query: { limit: 50, ...(pageParam === '' ? {} : { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled: computed(() => toValue(id) !== undefined),
  })
}

/** One revision, also one that the list has not come to yet; a revision never changes. */
export function useRevision(id: Id, number: MaybeRefOrGetter<number | null>) {
  return useQuery({
    queryKey: computed<QueryKey>(() =>
      keys.jobPart(toValue(id), 'revisions', toValue(number) ?? 0),
    ),
    queryFn: ({ signal }) =>
      send(
        api.GET('/api/v1/jobs/{jobId}/revisions/{number}', {
          params: { path: { jobId: toValue(id), number: toValue(number) ?? 0 } },
          signal,
        }),
      ),
    enabled: computed(() => toValue(number) !== null),
    staleTime: Infinity,
  })
}

export function useJobFile(id: Id) {
  return useQuery({
    queryKey: partKey(id, 'yaml'),
    queryFn: ({ signal }) =>
      send(api.GET('/api/v1/jobs/{jobId}/yaml', { params: path(id), parseAs: 'text', signal })),
    staleTime: 0,
  })
}

/** One operation with its steps; live events put its newest form in place. */
export function useOperation(id: MaybeRefOrGetter<string | undefined>) {
  return useQuery({
    queryKey: computed(() => keys.operation(toValue(id) ?? '')),
    queryFn: ({ signal }) =>
      send(
        api.GET('/api/v1/operations/{operationId}', {
          params: { path: { operationId: toValue(id) ?? '' } },
          signal,
        }),
      ),
    enabled: computed(() => (toValue(id) ?? '') !== ''),
    staleTime: 30_000,
  })
}

export function useResources(teamId: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => keys.resources(toValue(teamId))),
    queryFn: async ({ signal }) =>
      (
        await send(
          api.GET('/api/v1/resources', { params: { query: { team: toValue(teamId) } }, signal }),
        )
      ).items,
    enabled: computed(() => toValue(teamId) !== ''),
  })
}

/** What the editor offers, from the factories of the target's version and the job's own jars. */
export function useVocabulary(request: MaybeRefOrGetter<SqlRequest | null>) {
  return useQuery({
    queryKey: computed<QueryKey>(() => ['sql-vocabulary', toValue(request)]),
    queryFn: ({ signal }) => {
      const body = toValue(request)
      if (body === null) throw new Error('asked without a target')
      return send(api.POST('/api/v1/sql/vocabulary', { body, signal }))
    },
    enabled: computed(() => toValue(request) !== null),
    staleTime: 600_000,
  })
}

export const validateSql = (body: SqlRequest, signal: AbortSignal) =>
  send(api.POST('/api/v1/sql/validate', { body, signal }))

/** The plan that the engine would run. */
export function useExplanation(request: MaybeRefOrGetter<SqlRequest | null>) {
  return useQuery({
    queryKey: computed<QueryKey>(() => ['sql-plan', toValue(request)]),
    queryFn: async () => {
      const body = toValue(request)
      return body === null ? '' : (await explainSql(body)).plan
    },
    enabled: computed(() => toValue(request) !== null),
    staleTime: 60_000,
    retry: false,
  })
}

/** What the planner says of a script as it is. */
export function useValidation(request: MaybeRefOrGetter<SqlRequest | null>) {
  return useQuery({
    queryKey: computed<QueryKey>(() => ['sql-verdict', toValue(request)]),
    queryFn: ({ signal }) => {
      const body = toValue(request)
      if (body === null) throw new Error('asked without a target')
      return validateSql(body, signal)
    },
    enabled: computed(() => toValue(request) !== null),
    staleTime: 60_000,
    retry: false,
  })
}

export const explainSql = (body: SqlRequest) => send(api.POST('/api/v1/sql/explain', { body }))

/** What an upgrade, or a rollback, would find and do. Made anew at each look: it may take as long as a compilation. */
export function useUpgradePlan(
  id: Id,
  asked: MaybeRefOrGetter<{ mode?: 'SAVEPOINT' | 'LAST_STATE'; parallelism?: number } | null>,
) {
  return useQuery({
    queryKey: computed<QueryKey>(() =>
      keys.jobPart(toValue(id), 'upgrade-plan', JSON.stringify(toValue(asked))),
    ),
    queryFn: ({ signal }) =>
      send(
        api.GET('/api/v1/jobs/{jobId}/upgrade-plan', {
          params: { ...path(id), query: { ...toValue(asked) } },
          signal,
        }),
      ),
    enabled: computed(() => toValue(asked) !== null),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
}
