// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api, send } from '@/api/client'
import { keys } from '@/api/keys'
import type { Automation } from '@/api/types'
import { useSession } from '@/stores/session'

/** What automation is paused or resumed for; a job's holds come with the job. */
export type AutomationSubject =
  { scope: 'JOB' | 'CLUSTER'; id: string } | { scope: 'FLEET'; id: null }

/** What needs somebody, of the chosen team or (for one job's page) of all that may be seen. */
export function useAttentions(everywhere = false) {
  const session = useSession()
  const team = computed(() => (everywhere ? null : session.teamId))
  return useQuery({
    queryKey: computed(() => keys.attentions(team.value)),
    queryFn: async ({ signal }) =>
      (
        await send(
          api.GET('/api/v1/attentions', {
            params: { query: team.value === null ? {} : { team: team.value } },
            signal,
          }),
        )
      ).items,
  })
}

/** The holds on a cluster, or on the fleet without one. */
export function useHolds(clusterId: MaybeRefOrGetter<string | null>) {
  return useQuery({
    queryKey: computed(() => keys.automation(toValue(clusterId))),
    queryFn: ({ signal }) => {
      const id = toValue(clusterId)
      return id === null
        ? send(api.GET('/api/v1/settings/automation', { signal }))
        : send(
            api.GET('/api/v1/clusters/{clusterId}/automation', {
              params: { path: { clusterId: id } },
              signal,
            }),
          )
    },
  })
}

export function useAutomationSwitch() {
  const client = useQueryClient()

  function put({ scope, id }: AutomationSubject, body: { paused: boolean; reason?: string }) {
    switch (scope) {
      case 'JOB':
        return api.PUT('/api/v1/jobs/{jobId}/automation', {
          params: { path: { jobId: id } },
          body,
        })
      case 'CLUSTER':
        return api.PUT('/api/v1/clusters/{clusterId}/automation', {
          params: { path: { clusterId: id } },
          body,
        })
      case 'FLEET':
        return api.PUT('/api/v1/settings/automation', { body })
    }
  }

  return async (subject: AutomationSubject, body: { paused: boolean; reason?: string }) => {
    const now: Automation = await send(put(subject, body))
    await Promise.all([
      client.invalidateQueries({ queryKey: keys.automations }),
      client.invalidateQueries({
        queryKey: subject.scope === 'JOB' ? keys.job(subject.id) : ['job'],
      }),
    ])
    return now
  }
}
