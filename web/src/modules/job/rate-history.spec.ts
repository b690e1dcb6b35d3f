// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { historyOf, measure, record } from './rate-history'
import { aGraph, aVertex } from './testing'

describe('the course of a graph', () => {
  const graph = aGraph()

  it('measures what comes in, what goes out and the worst', () => {
    expect(measure(graph)).toEqual({ read: 100, written: 7, busiest: 0.99, heldUp: 0.9 })
  })

  it('takes what sources read and sinks write, not what is left between them in one task', () => {
    const whole = aVertex('whole', { recordsInPerSecond: 100, recordsOutPerSecond: 1 })
    expect(measure({ ...graph, vertices: [whole], edges: [] })).toMatchObject({
      read: 100,
      written: 1,
    })
  })

  it('records each look once and leaves a gap for a pause', () => {
    const history = historyOf('some job')
    record(history, graph)
    record(history, graph)
    expect(history.read).toHaveLength(1)
    record(history, { ...graph, observedAt: '2026-03-01T12:01:00Z' })
    expect(history.read.map(({ value }) => value)).toEqual([100, null, 100])
    expect(historyOf('some job')).toBe(history)
  })
})
