// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, send } from '@/api/client'
import { keys } from '@/api/keys'
import type { TokenDraft } from '@/api/types'

export function useDevices() {
  return useQuery({
    queryKey: keys.devices,
    queryFn: async ({ signal }) =>
      (await send(api.GET('/api/v1/profile/sessions', { signal }))).items,
  })
}

export function useEndDevice() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (sessionId: string) =>
      send(api.DELETE('/api/v1/profile/sessions/{sessionId}', { params: { path: { sessionId } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.devices }),
  })
}

export function useTokens() {
  return useQuery({
    queryKey: keys.tokens,
    queryFn: async ({ signal }) => (await send(api.GET('/api/v1/tokens', { signal }))).items,
  })
}

export function useCreateToken() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: TokenDraft) => send(api.POST('/api/v1/tokens', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.tokens }),
  })
}

export function useRevokeToken() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (tokenId: string) =>
      send(api.DELETE('/api/v1/tokens/{tokenId}', { params: { path: { tokenId } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.tokens }),
  })
}
