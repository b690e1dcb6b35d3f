// SPDX-License-Identifier: Apache-2.0
import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, send } from '@/api/client'
import { keys } from '@/api/keys'
import type { Role, Settings, TeamDraft, UserDraft } from '@/api/types'

/** What an edit is based on: the thing's id and the ETag it had. */
export interface At {
  id: string
  etag: string
}

export function useUsers(q: Ref<string>) {
  return useInfiniteQuery({
    queryKey: computed(() => keys.users(q.value)),
    queryFn: ({ pageParam, signal }) =>
      send(
        api.GET('/api/v1/users', {
          params: {
            query: {
              ...(q.value === '' ? {} : { q: q.value }),
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  })
}

export function useUserCommands() {
  const client = useQueryClient()
  const refresh = () => client.invalidateQueries({ queryKey: keys.allUsers })
  const create = useMutation({
    mutationFn: (body: UserDraft) => send(api.POST('/api/v1/users', { body })),
    onSuccess: refresh,
  })
  const update = useMutation({
    mutationFn: ({ at, body }: { at: At; body: UserDraft }) =>
      send(
        api.PUT('/api/v1/users/{userId}', {
          params: { path: { userId: at.id }, header: { 'If-Match': at.etag } },
          body,
        }),
      ),
    onSettled: refresh,
  })
  const remove = useMutation({
    mutationFn: (userId: string) =>
      send(api.DELETE('/api/v1/users/{userId}', { params: { path: { userId } } })),
    onSuccess: refresh,
  })
  const resetPassword = useMutation({
    mutationFn: (userId: string) =>
      send(api.POST('/api/v1/users/{userId}/password', { params: { path: { userId } } })),
  })
  return { create, update, remove, resetPassword }
}

export function useTeams() {
  return useQuery({
    queryKey: keys.teams,
    queryFn: async ({ signal }) => (await send(api.GET('/api/v1/teams', { signal }))).items,
  })
}

export function useTeamCommands() {
  const client = useQueryClient()
  const refresh = async () => {
    await client.invalidateQueries({ queryKey: keys.teams })
  }
  const save = useMutation({
    mutationFn: ({ at, body }: { at: At | null; body: TeamDraft }) =>
      at === null
        ? send(api.POST('/api/v1/teams', { body }))
        : send(
            api.PUT('/api/v1/teams/{teamId}', {
              params: { path: { teamId: at.id }, header: { 'If-Match': at.etag } },
              body,
            }),
          ),
    onSettled: refresh,
  })
  const remove = useMutation({
    mutationFn: (teamId: string) =>
      send(api.DELETE('/api/v1/teams/{teamId}', { params: { path: { teamId } } })),
    onSuccess: refresh,
  })
  return { save, remove }
}

export function useMembers(teamId: Ref<string>) {
  return useQuery({
    queryKey: computed(() => keys.members(teamId.value)),
    queryFn: async ({ signal }) =>
      (
        await send(
          api.GET('/api/v1/teams/{teamId}/members', {
            params: { path: { teamId: teamId.value } },
            signal,
          }),
        )
      ).items,
  })
}

export function useMemberCommands(teamId: Ref<string>) {
  const client = useQueryClient()
  const refresh = () => client.invalidateQueries({ queryKey: keys.teams })
  const put = useMutation({
    mutationFn: ({ user, role }: { user: string; role: Role }) =>
      send(
        api.PUT('/api/v1/teams/{teamId}/members/{userId}', {
          params: { path: { teamId: teamId.value, userId: user } },
          body: { role },
        }),
      ),
    onSettled: refresh,
  })
  const remove = useMutation({
    mutationFn: (userId: string) =>
      send(
        api.DELETE('/api/v1/teams/{teamId}/members/{userId}', {
          params: { path: { teamId: teamId.value, userId } },
        }),
      ),
    onSettled: refresh,
  })
  return { put, remove }
}

export function useRoles() {
  return useQuery({
    queryKey: keys.roles,
    queryFn: ({ signal }) => send(api.GET('/api/v1/roles', { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

export function useAudit(team: Ref<string | null>, q: Ref<string>) {
  return useInfiniteQuery({
    queryKey: computed(() => keys.audit(team.value, q.value)),
    queryFn: ({ pageParam, signal }) =>
      send(
        api.GET('/api/v1/audit', {
          params: {
            query: {
              limit: 100,
              ...(team.value === null ? {} : { team: team.value }),
              ...(q.value === '' ? {} : { q: q.value }),
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  })
}

export function useSettings() {
  return useQuery({
    queryKey: keys.settings,
    queryFn: ({ signal }) => send(api.GET('/api/v1/settings', { signal })),
  })
}

export function useSaveSettings() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ etag, body }: { etag: string; body: Settings }) =>
      send(api.PUT('/api/v1/settings', { params: { header: { 'If-Match': etag } }, body })),
    onSuccess: (saved) => client.setQueryData(keys.settings, saved),
  })
}
