// SPDX-License-Identifier: Apache-2.0
import { readonly, ref } from 'vue'

export interface ToastAction {
  label: string
  run: () => void
}

export interface Toast {
  id: number
  kind: 'done' | 'failed'
  text: string
  /** What can be done about it, or the particulars. */
  hint?: string
  action?: ToastAction
}

const kStay = { done: 4000, failed: 10_000 } as const
const shown = ref<Toast[]>([])
let last = 0

function show(toast: Omit<Toast, 'id'>) {
  last += 1
  const id = last
  shown.value = [...shown.value.slice(-3), { ...toast, id }]
  window.setTimeout(() => dismiss(id), toast.action ? 10_000 : kStay[toast.kind])
}

function dismiss(id: number) {
  shown.value = shown.value.filter((toast) => toast.id !== id)
}

/** Short notes at the edge of the page, read out by screen readers. Nothing that must be read is said by a toast alone. */
export const toasts = {
  shown: readonly(shown),
  dismiss,
  done: (text: string, action?: ToastAction) => show({ kind: 'done', text, action }),
  failed: (text: string, hint?: string) => show({ kind: 'failed', text, hint }),
}
