// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, type Ref } from 'vue'
import type { Pointing } from './job-list'

/** A pointer that has not moved for so long rests: whoever it belongs to reads, or has gone for coffee. */
const kRest = 2000

/**
 * Follows a pointer over rows marked with `data-job`, and tells how it is in `pointing`. A mouse points while it is over them;
 * a finger from its touch until it has been gone for a while, as long as a tap needs. `kept` gives how many rows, from the
 * first on, must keep their places while it moves.
 */
export function usePointing(pointing: Ref<Pointing>, kept: () => number) {
  let timer: number | undefined
  let at = { x: 0, y: 0 }

  function set(next: Pointing) {
    const now = pointing.value
    if (next.kind === 'moving' && now.kind === 'moving' && now.kept === next.kept) return
    pointing.value = next
  }

  function moves(after: () => Pointing) {
    set({ kind: 'moving', kept: kept() })
    window.clearTimeout(timer)
    timer = window.setTimeout(() => set(after()), kRest)
  }

  const resting = (): Pointing => {
    const row = document.elementFromPoint(at.x, at.y)?.closest<HTMLElement>('[data-job]')
    return { kind: 'resting', id: row?.dataset['job'] ?? null }
  }

  function onMove(event: PointerEvent) {
    if (event.pointerType === 'touch') return
    at = { x: event.clientX, y: event.clientY }
    moves(resting)
  }

  function onTouch(event: PointerEvent) {
    if (event.pointerType === 'touch') moves(() => ({ kind: 'away' }))
  }

  function onLeave(event: PointerEvent) {
    if (event.pointerType === 'touch') return
    window.clearTimeout(timer)
    set({ kind: 'away' })
  }

  /** Other rows come under a pointer that stands still. */
  function onScroll() {
    if (pointing.value.kind !== 'away') moves(resting)
  }

  onScopeDispose(() => {
    window.clearTimeout(timer)
    set({ kind: 'away' })
  })
  return { onMove, onTouch, onLeave, onScroll }
}
