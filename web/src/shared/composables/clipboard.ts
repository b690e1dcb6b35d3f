// SPDX-License-Identifier: Apache-2.0

/**
 * Puts text on the clipboard; false when the browser refuses. The modern way exists only on HTTPS and localhost, so that a
 * console reached by plain HTTP falls back to the old one.
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    // Undefined outside secure contexts, whatever its type says.
    const clipboard = navigator.clipboard as Clipboard | undefined
    if (clipboard !== undefined) {
      await clipboard.writeText(text)
      return true
    }
  } catch {
    // Refused by a permission: the old way may still do.
  }
  return copyBySelection(text)
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement
  const area = document.createElement('textarea')
  area.value = text
  area.readOnly = true
  area.setAttribute('aria-hidden', 'true')
  area.style.cssText = 'position:fixed;top:0;opacity:0'
  // What is outside an open dialog cannot be selected.
  const place = focused?.closest('dialog, [role="dialog"]') ?? document.body
  place.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true })
  return done
}
