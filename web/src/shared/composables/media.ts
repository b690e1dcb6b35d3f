// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, readonly, ref, type Ref } from 'vue'

/** Whether a media query matches now. */
export function useMedia(query: string): Readonly<Ref<boolean>> {
  const list = window.matchMedia(query)
  const matches = ref(list.matches)
  const changed = (event: MediaQueryListEvent) => {
    matches.value = event.matches
  }
  list.addEventListener('change', changed)
  onScopeDispose(() => list.removeEventListener('change', changed))
  return readonly(matches)
}

/** Of the browser's window, in pixels. */
export function useWindowWidth(): Readonly<Ref<number>> {
  const width = ref(window.innerWidth)
  const changed = () => {
    width.value = window.innerWidth
  }
  window.addEventListener('resize', changed)
  onScopeDispose(() => window.removeEventListener('resize', changed))
  return readonly(width)
}

/** True where the lists become cards and the menu a drawer. */
export function useNarrow() {
  return useMedia('(max-width: 760px)')
}
