// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, readonly, ref, type Ref } from 'vue'

const now = ref(Date.now())
let readers = 0
let timer: number | undefined

function tick() {
  if (!document.hidden) now.value = Date.now()
}

function onVisible() {
  if (!document.hidden) now.value = Date.now()
}

/** The time of this browser, moving once a second while someone reads it and the page is seen. One timer serves all readers. */
export function useNow(): Readonly<Ref<number>> {
  if (readers === 0) {
    now.value = Date.now()
    timer = window.setInterval(tick, 1000)
    document.addEventListener('visibilitychange', onVisible)
  }
  readers += 1
  onScopeDispose(() => {
    readers -= 1
    if (readers > 0) return
    window.clearInterval(timer)
    document.removeEventListener('visibilitychange', onVisible)
  })
  return readonly(now)
}
