// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/vue-query'
import { nextTick, watch } from 'vue'
import type { Router } from 'vue-router'
import { whenUnauthenticated } from '@/api/client'
import { live } from '@/api/live'
import { useSession } from '@/stores/session'

/**
 * What follows from a session that ends or changes under an open page: to the sign-in page and back again afterwards; nothing
 * read for one person is kept for the next; rights that changed are read anew with all that depends on them.
 */
export function watchSession(router: Router, client: QueryClient) {
  const session = useSession()

  whenUnauthenticated(() => {
    if (session.session === null) return
    const { fullPath, meta } = router.currentRoute.value
    session.take(null)
    if (meta.open === true) return
    // The frame is gone first, and with it every question about unsaved changes: nobody could answer one.
    void nextTick(() => router.push({ name: 'sign-in', query: { next: fullPath, ended: '1' } }))
  })

  live.on('session', () => {
    if (session.session === null) return
    const before = rights()
    session.load().then(
      () => {
        if (session.session !== null && rights() !== before) void client.invalidateQueries()
      },
      // No answer says nothing about the session; the connection goes on trying.
      () => undefined,
    )
  })
  const rights = () => JSON.stringify([session.user?.admin, session.teams])

  watch(
    () => session.user?.id,
    (_now, before) => {
      if (before !== undefined) client.clear()
    },
    { flush: 'sync' },
  )
}
