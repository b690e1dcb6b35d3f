// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { aDecision, anAttempt, anOperation } from './testing'
import { timeline } from './timeline'

describe('timeline', () => {
  it('is one line, newest first, an attempt above the operation that began it, and that above its decision', () => {
    const at = (second: number) => `2026-03-01T12:00:0${second}Z`
    const entries = timeline(
      [
        anOperation({ id: 'stop', requestedAt: at(5) }),
        anOperation({ id: 'start', requestedAt: at(1) }),
      ],
      [anAttempt({ id: 'life', startedAt: at(1) })],
      [aDecision({ id: 'why', at: at(1) })],
      false,
    )
    expect(entries.map(({ id }) => id)).toEqual(['stop', 'attempt life', 'start', 'decision why'])
  })

  it('lets older attempts wait for the operations of their time', () => {
    const entries = timeline(
      [anOperation({ requestedAt: '2026-03-01T12:00:05Z' })],
      [anAttempt({ startedAt: '2026-03-01T12:00:01Z' })],
      [aDecision({ at: '2026-03-01T12:00:02Z' })],
      true,
    )
    expect(entries).toHaveLength(1)
  })
})
