// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api, send } from '@/api/client'
import { keys } from '@/api/keys'

export function useClusters() {
  return useQuery({
    queryKey: keys.clusters,
    queryFn: async ({ signal }) => (await send(api.GET('/api/v1/clusters', { signal }))).items,
  })
}

export function useCluster(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => keys.cluster(toValue(id))),
    queryFn: ({ signal }) =>
      send(
        api.GET('/api/v1/clusters/{clusterId}', {
          params: { path: { clusterId: toValue(id) } },
          signal,
        }),
      ),
  })
}
