// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { scrollTopFor, windowOf } from './virtual-window'

describe('windowOf', () => {
  it('draws nothing for an empty list', () => {
    expect(windowOf(0, 600, 40, 0)).toEqual({ first: 0, last: 0 })
  })

  it('covers every visible row wherever the list is scrolled', () => {
    const count = 10_000
    for (let top = 0; top <= count * 44 - 610; top += 977) {
      const { first, last } = windowOf(top, 610, 44, count)
      expect(first * 44).toBeLessThanOrEqual(top)
      expect(last * 44).toBeGreaterThanOrEqual(Math.min(top + 610, count * 44))
      expect(last - first).toBeLessThan(40)
    }
  })

  it('stays while scrolling within a step', () => {
    expect(windowOf(4 * 40 * 10, 600, 40, 1000)).toEqual(windowOf(4 * 40 * 10 + 159, 600, 40, 1000))
  })

  it('shows the end when the list became shorter than the scroll position', () => {
    expect(windowOf(5000, 400, 40, 20).last).toBe(20)
  })
})

describe('scrollTopFor', () => {
  it('moves only as far as needed', () => {
    expect(scrollTopFor(5, 0, 400, 40)).toBe(0)
    expect(scrollTopFor(10, 0, 400, 40)).toBe(40)
    expect(scrollTopFor(2, 200, 400, 40)).toBe(80)
  })
})
