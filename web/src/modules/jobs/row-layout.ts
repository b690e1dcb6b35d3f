// SPDX-License-Identifier: Apache-2.0
import type { Window } from '@/shared/composables/virtual-window'

export interface RowLayout {
  /** Which of the rows to draw. */
  first: number
  last: number
  /** Where the first of them begins. */
  top: number
  /** Of all rows, with the blank ones. */
  height: number
}

/**
 * Lays out `count` rows below `lead` blank ones, of which `window`, that counts both, is near the view. Where rows are held the
 * height reaches to `held`, the end of what is in view: else the browser would scroll up, and all rows with it, when the last go.
 */
export function layoutOf(
  window: Window,
  lead: number,
  count: number,
  rowHeight: number,
  held: number,
): RowLayout {
  const first = Math.max(0, window.first - lead)
  return {
    first,
    last: Math.max(0, window.last - lead),
    top: (first + lead) * rowHeight,
    height: Math.max((lead + count) * rowHeight, held),
  }
}
