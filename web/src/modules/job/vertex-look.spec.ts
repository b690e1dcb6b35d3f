// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { aVertex } from './testing'
import { bottleneck, loadOf, shortName, toneOf } from './vertex-look'

describe('the graph', () => {
  const graph = {
    attemptId: 'a',
    observedAt: '2026-03-01T12:00:00Z',
    vertices: [
      aVertex('source', {
        backPressureRatio: 0.9,
        busyRatio: 0.1,
        recordsInPerSecond: 0,
        recordsOutPerSecond: 100,
      }),
      aVertex('join', { busyRatio: 0.99 }),
      aVertex('sink', { recordsInPerSecond: 7, recordsOutPerSecond: 0 }),
    ],
    edges: [
      { source: 'source', target: 'join', shipStrategy: 'HASH' },
      { source: 'join', target: 'sink', shipStrategy: 'FORWARD' },
    ],
  }

  it('says what holds the others up', () => {
    expect(bottleneck(graph)?.id).toBe('join')
    expect(graph.vertices.map(loadOf)).toEqual(['backPressured', 'busy', 'normal'])
    expect(graph.vertices.map(toneOf)).toEqual(['red', 'amber', 'green'])
    expect(loadOf(aVertex('x', { busyRatio: null, backPressureRatio: null }))).toBe('unknown')
  })

  it('shortens names', () => {
    expect(shortName('Source: flights[1] -> Calc[2]')).toBe('Source: flights → Calc')
  })
})
