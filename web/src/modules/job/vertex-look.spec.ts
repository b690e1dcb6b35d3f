// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { aGraph, aVertex } from './testing'
import { bottleneck, loadOf, shortName, toneOf } from './vertex-look'

describe('the graph', () => {
  const graph = aGraph()

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
