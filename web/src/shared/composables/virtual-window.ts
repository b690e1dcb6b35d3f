// SPDX-License-Identifier: Apache-2.0
import { computed, onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

export interface Window {
  /** Index of the first row to draw. */
  first: number
  /** Index after the last row to draw. */
  last: number
}

/**
 * Which rows of equal height to draw. The window moves in steps of `step` rows, so that most scroll events draw nothing new,
 * and reaches `overscan` rows past both edges.
 */
export function windowOf(
  scrollTop: number,
  viewport: number,
  rowHeight: number,
  count: number,
  overscan = 4,
  step = 4,
): Window {
  if (count === 0 || rowHeight <= 0) return { first: 0, last: 0 }
  const top = Math.min(Math.max(0, scrollTop), Math.max(0, count * rowHeight - viewport))
  const first = Math.floor(top / rowHeight / step) * step - overscan
  const visible = Math.ceil(viewport / rowHeight) + step
  return { first: Math.max(0, first), last: Math.min(count, first + visible + 2 * overscan) }
}

/** Scroll position that shows a row whole, or the present one when it is seen already. */
export function scrollTopFor(
  index: number,
  scrollTop: number,
  viewport: number,
  rowHeight: number,
): number {
  const top = index * rowHeight
  if (top < scrollTop) return top
  if (top + rowHeight > scrollTop + viewport) return top + rowHeight - viewport
  return scrollTop
}

/** The window of a scrolling element, kept as it scrolls and is resized. `inset` is what covers its top, as a sticky header does. */
export function useVirtualWindow(
  element: Ref<HTMLElement | null>,
  count: Ref<number>,
  rowHeight: Ref<number>,
  inset: Ref<number>,
) {
  const scrollTop = ref(0)
  const viewport = ref(0)
  let observer: ResizeObserver | undefined

  const measure = () => {
    if (element.value) viewport.value = Math.max(0, element.value.clientHeight - inset.value)
  }
  const onScroll = () => {
    if (element.value) scrollTop.value = element.value.scrollTop
  }
  onMounted(() => {
    measure()
    element.value?.addEventListener('scroll', onScroll, { passive: true })
    observer = new ResizeObserver(measure)
    if (element.value) observer.observe(element.value)
  })
  onBeforeUnmount(() => {
    element.value?.removeEventListener('scroll', onScroll)
    observer?.disconnect()
  })

  const range = computed(() =>
    windowOf(scrollTop.value, viewport.value, rowHeight.value, count.value),
  )
  function reveal(index: number) {
    if (!element.value) return
    element.value.scrollTop = scrollTopFor(
      index,
      element.value.scrollTop,
      viewport.value,
      rowHeight.value,
    )
  }
  return { range, reveal, scrollTop, viewport }
}
