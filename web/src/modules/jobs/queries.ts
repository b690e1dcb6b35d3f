// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, send } from '@/api/client'
import { keys } from '@/api/keys'
import { useLive } from '@/api/live'
import { useSession } from '@/stores/session'

/** The jobs that were deleted and can be brought back. */
export function useDeletedJobs(teamId: Ref<string | null>) {
  const client = useQueryClient()
  const refresh = () => void client.invalidateQueries({ queryKey: keys.deletedJobs(teamId.value) })
  useLive('job', (job) => {
    if (job.deletedAt !== null) refresh()
  })
  useLive('job-removed', refresh)
  return useInfiniteQuery({
    queryKey: computed(() => keys.deletedJobs(teamId.value)),
    queryFn: ({ pageParam, signal }) =>
      send(
        api.GET('/api/v1/jobs', {
          params: {
            query: {
              deleted: true,
              limit: 100,
              ...(teamId.value === null ? {} : { team: teamId.value }),
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  })
}

/** How long a deletion can be undone, for those who may see the console's settings. */
export function useDeletedJobsKept() {
  const session = useSession()
  return useQuery({
    queryKey: keys.settings,
    queryFn: ({ signal }) => send(api.GET('/api/v1/settings', { signal })),
    enabled: computed(() => session.can('settings:view', null)),
    select: ({ deletedJobsKept }) => deletedJobsKept,
  })
}
