// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose } from 'vue'

/** Calls back when the tab is shown again or hidden, and never after the scope is gone. */
export function onVisibility(changed: (visible: boolean) => void) {
  const listen = () => changed(!document.hidden)
  document.addEventListener('visibilitychange', listen)
  onScopeDispose(() => document.removeEventListener('visibilitychange', listen))
}
