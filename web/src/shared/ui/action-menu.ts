// SPDX-License-Identifier: Apache-2.0
import type { Component } from 'vue'

export interface MenuAction {
  key: string
  label: string
  icon?: Component
  /** A second line under the label. */
  hint?: string
  /** Why it cannot be done now; it is shown and nothing happens on a click. */
  reason?: string
  danger?: boolean
  /** A line above it. */
  divided?: boolean
  /** One of a set of choices, chosen or not. */
  checked?: boolean
}
