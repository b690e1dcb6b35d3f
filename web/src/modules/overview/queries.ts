// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, send } from '@/api/client'
import { keys } from '@/api/keys'
import { useSession } from '@/stores/session'

/** Health of the chosen team's things; read anew when live events touch it. */
export function useOverview() {
  const session = useSession()
  return useQuery({
    queryKey: computed(() => keys.overview(session.teamId)),
    queryFn: ({ signal }) =>
      send(
        api.GET('/api/v1/overview', {
          params: { query: session.teamId === null ? {} : { team: session.teamId } },
          signal,
        }),
      ),
  })
}
