// SPDX-License-Identifier: Apache-2.0
import { onBeforeUnmount, onMounted } from 'vue'

export type Hotkeys = Record<string, (event: KeyboardEvent) => void>

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return (
    target.isContentEditable ||
    ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) ||
    target.closest('.monaco-editor') !== null
  )
}

/** A dialog, drawer, menu or panel over the page: keys are its own. */
function somethingIsOpen(): boolean {
  return (
    document.querySelector(
      'dialog[open], [role="dialog"][aria-modal="true"], .ant-drawer-open, :popover-open',
    ) !== null
  )
}

/** `mod+k`, `shift+j`, `?`, `escape`: `mod` is Ctrl, or Command on a Mac. Characters are written as they are typed. */
export function keyName(event: KeyboardEvent): string {
  const key = event.key.toLowerCase()
  const shift = event.shiftKey && key.length > 1 ? 'shift+' : ''
  const mod = event.ctrlKey || event.metaKey ? 'mod+' : ''
  const alt = event.altKey ? 'alt+' : ''
  return `${mod}${alt}${shift}${key}`
}

/**
 * Keys of a page or of the frame while it is mounted. Plain keys are left alone while a person types or a dialog is open;
 * those with `mod` work always. A handler that took the key has it prevented.
 */
export function useHotkeys(keys: Hotkeys) {
  function onKey(event: KeyboardEvent) {
    if (event.defaultPrevented) return
    const name = keyName(event)
    const handler = keys[name]
    if (handler === undefined) return
    if (!name.startsWith('mod+')) {
      if (isTyping(event.target)) return
      if (somethingIsOpen()) return
    }
    event.preventDefault()
    handler(event)
  }
  onMounted(() => document.addEventListener('keydown', onKey))
  onBeforeUnmount(() => document.removeEventListener('keydown', onKey))
}

const kSequence = 1200

/** Two keys after another: `first`, then within 1.2 s one of `then`, which wins over plain keys of the same name. */
export function useKeySequence(first: string, then: Hotkeys) {
  let until = 0
  function onKey(event: KeyboardEvent) {
    if (isTyping(event.target) || somethingIsOpen()) return
    const name = keyName(event)
    const handler = event.timeStamp < until ? then[name] : undefined
    until = name === first ? event.timeStamp + kSequence : 0
    if (handler === undefined) return
    event.preventDefault()
    event.stopPropagation()
    handler(event)
  }
  onMounted(() => document.addEventListener('keydown', onKey, true))
  onBeforeUnmount(() => document.removeEventListener('keydown', onKey, true))
}
