// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { placeGraph } from './layout'
import { linePath, nearest, niceCeiling } from './line-chart'

describe('placeGraph', () => {
  const nodes = ['a', 'b', 'c', 'd'].map((id) => ({ id }))
  const edge = (source: string, target: string) => ({ source, target, label: '' })
  const placed = placeGraph(
    nodes,
    [edge('a', 'c'), edge('b', 'c'), edge('c', 'd'), edge('d', 'gone')],
    {
      width: 100,
      height: 40,
    },
  )
  const x = (id: string) => placed.nodes.find(({ node }) => node.id === id)?.x ?? Number.NaN

  it('goes from left to right and overlaps nothing', () => {
    expect(x('a')).toBeLessThan(x('c'))
    expect(x('c')).toBeLessThan(x('d'))
    for (const one of placed.nodes)
      for (const other of placed.nodes)
        if (one !== other)
          expect(Math.abs(one.x - other.x) >= 100 || Math.abs(one.y - other.y) >= 40).toBe(true)
  })

  it('leaves out edges to nowhere', () => {
    expect(placed.edges).toHaveLength(3)
    expect(placed.edges.every(({ path }) => path.startsWith('M'))).toBe(true)
  })

  it('takes an empty graph', () => {
    expect(placeGraph([], [], { width: 1, height: 1 }).nodes).toEqual([])
  })
})

describe('line charts', () => {
  it.each([
    [0, 1],
    [0.7, 1],
    [3, 5],
    [10, 10],
    [11, 20],
    [4321, 5000],
  ])('%d fits below %d', (value, top) => {
    expect(niceCeiling(value)).toBe(top)
  })

  it('lifts the pen at a gap', () => {
    const samples = [0, 1, 2, 3].map((at) => ({ at, value: at === 1 ? null : 5 }))
    const path = linePath(samples, { from: 0, to: 3, top: 10 }, { width: 30, height: 10 })
    expect(path).toBe('M0.0,5.0M20.0,5.0L30.0,5.0')
  })

  it('finds the nearest sample', () => {
    const samples = [0, 10, 20].map((at) => ({ at, value: at }))
    expect(nearest(samples, 14)?.at).toBe(10)
    expect(nearest(samples, 99)?.at).toBe(20)
    expect(nearest([], 1)).toBeUndefined()
  })
})
