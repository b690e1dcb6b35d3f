// SPDX-License-Identifier: Apache-2.0
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { api, send, setCsrfToken } from '@/api/client'
import { Problem } from '@/api/problem'
import type { Session } from '@/api/types'
import type { Permission } from '@/gen/permissions'

const kTeamKey = 'streampark.team'

/** Who is signed in, what they may do, and the team that lists are narrowed to. */
export const useSession = defineStore('session', () => {
  const session = shallowRef<Session | null>(null)
  /** Id of the chosen team; null shows all teams. */
  const teamId = ref<string | null>(localStorage.getItem(kTeamKey))

  const user = computed(() => session.value?.user ?? null)
  const teams = computed(() => session.value?.teams ?? [])
  const team = computed(() => teams.value.find(({ id }) => id === teamId.value) ?? null)

  function take(next: Session | null) {
    session.value = next
    setCsrfToken(next?.csrfToken ?? '')
    if (next !== null && !next.teams.some(({ id }) => id === teamId.value)) teamId.value = null
  }

  /** Reads the session once; afterwards `session` is null when nobody is signed in. */
  async function load(): Promise<Session | null> {
    try {
      take(await send(api.GET('/api/v1/session')))
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error
      take(null)
    }
    return session.value
  }

  async function signIn(name: string, password: string) {
    take(await send(api.POST('/api/v1/session', { body: { name, password } })))
  }

  async function signOut() {
    await send(api.DELETE('/api/v1/session'))
    take(null)
  }

  function chooseTeam(id: string | null) {
    teamId.value = id
    if (id === null) localStorage.removeItem(kTeamKey)
    else localStorage.setItem(kTeamKey, id)
  }

  /** Whether the person may do something: in this team, on the whole console (`null`), or anywhere when no team is given. */
  function can(permission: Permission, inTeam?: string | null): boolean {
    if (session.value === null) return false
    if (session.value.user.admin) return true
    if (inTeam === null) return false
    return teams.value.some(
      ({ id, permissions }) =>
        (inTeam === undefined || id === inTeam) && permissions.includes(permission),
    )
  }

  return { session, user, teams, team, teamId, take, load, signIn, signOut, chooseTeam, can }
})
