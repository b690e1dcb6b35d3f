// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/vue-query'
import { api, send } from '@/api/client'
import { keys } from '@/api/keys'

/** The console itself: its version, and whether its disk takes anything. */
export function useAbout() {
  return useQuery({
    queryKey: keys.about,
    queryFn: ({ signal }) => send(api.GET('/api/v1/about', { signal })),
  })
}
