// SPDX-License-Identifier: Apache-2.0
import { onBeforeUnmount, onMounted, shallowRef } from 'vue'
import { onBeforeRouteLeave, onBeforeRouteUpdate } from 'vue-router'
import { useSession } from '@/stores/session'

/**
 * Asks before a page with unsaved changes is left, by `answer`, which the page's dialog calls. Nothing is asked of somebody whose
 * session has ended: the way to the sign-in must not wait for a dialog.
 */
export function useLeaveGuard(isDirty: () => boolean) {
  const session = useSession()
  const answer = shallowRef<((go: boolean) => void) | null>(null)

  async function ask(): Promise<boolean> {
    if (!isDirty() || session.session === null) return true
    const go = await new Promise<boolean>((resolve) => {
      answer.value = resolve
    })
    answer.value = null
    return go
  }
  onBeforeRouteLeave(ask)
  onBeforeRouteUpdate((to, from) => to.path === from.path || ask())

  function onUnload(event: BeforeUnloadEvent) {
    if (isDirty()) event.preventDefault()
  }
  onMounted(() => window.addEventListener('beforeunload', onUnload))
  onBeforeUnmount(() => window.removeEventListener('beforeunload', onUnload))
  return answer
}
