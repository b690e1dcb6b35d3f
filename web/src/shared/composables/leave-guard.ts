// SPDX-License-Identifier: Apache-2.0
import { onBeforeUnmount, onMounted, readonly, ref, toValue, type MaybeRefOrGetter } from 'vue'
import {
  onBeforeRouteLeave,
  onBeforeRouteUpdate,
  useRouter,
  type RouteLocationNormalized,
} from 'vue-router'
import { useSession } from '@/stores/session'

/**
 * Keeps what was typed from being lost: while `dirty`, leaving the page — by a link, by Back, by closing the tab — asks first.
 * `asking` is true while the question stands; the component draws it and answers with `stay` or `go`. `attempt` is for its own
 * ways out, as a Cancel button. Once the session has ended nothing is asked, as nobody could answer.
 *
 * `updates` names the changes of address that would take the form away though the page stays, as a drawer that is open
 * because the address says so; by default none.
 */
export function useLeaveGuard(
  dirty: MaybeRefOrGetter<boolean>,
  updates: (to: RouteLocationNormalized, from: RouteLocationNormalized) => boolean = () => false,
) {
  const router = useRouter()
  const session = useSession()
  const asking = ref(false)
  let released = false
  let then: (() => unknown) | null = null

  const free = () => released || session.session === null || !toValue(dirty)

  function ask(act: () => unknown) {
    then = act
    asking.value = true
  }

  function guard(to: RouteLocationNormalized): boolean {
    if (free()) return true
    ask(() => router.push(to.fullPath))
    return false
  }
  onBeforeRouteLeave(guard)
  onBeforeRouteUpdate((to, from) => (updates(to, from) ? guard(to) : true))

  function onUnload(event: BeforeUnloadEvent) {
    if (!free()) event.preventDefault()
  }
  onMounted(() => window.addEventListener('beforeunload', onUnload))
  onBeforeUnmount(() => window.removeEventListener('beforeunload', onUnload))

  /** Does `act`, after the question when there are changes. */
  function attempt(act: () => void) {
    if (free()) act()
    else ask(act)
  }

  function stay() {
    asking.value = false
    then = null
  }

  /** Gives the changes up and does what was asked for; resolves when the page has been left. */
  async function go() {
    const act = then
    released = true
    stay()
    await act?.()
    // The same form may stay open, as when the page only changed its tab.
    window.setTimeout(() => {
      released = false
    })
  }

  return { asking: readonly(asking), attempt, stay, go }
}
