// SPDX-License-Identifier: Apache-2.0
import type { Component } from 'vue'

/** What a colour means. Nothing but states is coloured with them. */
export type Tone = 'green' | 'blue' | 'amber' | 'red' | 'grey'

export interface StateLook {
  tone: Tone
  icon: Component
  /** Under way: the icon turns. */
  moving?: boolean
  /** Not known now: the mark is hatched. */
  hatched?: boolean
}
