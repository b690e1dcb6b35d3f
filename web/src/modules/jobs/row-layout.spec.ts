// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { layoutOf } from './row-layout'

describe('layoutOf', () => {
  it('draws the rows of the window where they are', () => {
    expect(layoutOf({ first: 8, last: 30 }, 0, 100, 40, 0)).toEqual({
      first: 8,
      last: 30,
      top: 320,
      height: 4000,
    })
  })

  it('leaves room above for blank rows: what is drawn last stays where it was with more rows', () => {
    const before = layoutOf({ first: 0, last: 20 }, 0, 20, 40, 0)
    const after = layoutOf({ first: 0, last: 20 }, 12, 8, 40, 0)
    expect(after).toEqual({ first: 0, last: 8, top: 480, height: before.height })
  })

  it('draws no blank row, and begins below them', () => {
    expect(layoutOf({ first: 4, last: 20 }, 6, 14, 40, 0)).toMatchObject({ first: 0, top: 240 })
    expect(layoutOf({ first: 8, last: 20 }, 6, 14, 40, 0)).toMatchObject({ first: 2, top: 320 })
    expect(layoutOf({ first: 0, last: 4 }, 6, 14, 40, 0)).toMatchObject({ first: 0, last: 0 })
  })

  it('does not become shorter than what is in view while rows are held', () => {
    expect(layoutOf({ first: 0, last: 20 }, 0, 20, 40, 1000).height).toBe(1000)
  })
})
