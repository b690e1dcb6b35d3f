// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { columnsShown, gridOf, kColumns, toggled } from './columns'
import { kSortKeys } from './filter'

const keys = (shown: readonly { key: string }[]) => shown.map(({ key }) => key)
/** Of a window of 1280 pixels the list has 1028. */
const kBeside = 252

describe('the columns of the list', () => {
  it.each([1280, 1440, 1600, 1760, 1920])('fit into a window of %d pixels by default', (width) => {
    expect(gridOf(columnsShown(null, width)).least).toBeLessThanOrEqual(width - kBeside)
  })

  it('have rates where there is room', () => {
    expect(keys(columnsShown(null, 1280))).not.toContain('recordsIn')
    expect(keys(columnsShown(null, 1440))).toEqual(
      expect.arrayContaining(['recordsIn', 'recordsOut']),
    )
    expect(columnsShown(null, 1920)).toEqual(kColumns)
  })

  it('are those that were chosen, in their own order, whatever the width', () => {
    expect(keys(columnsShown(['lag', 'badge', 'no such column'], 1280))).toEqual(['badge', 'lag'])
    expect(columnsShown([], 1920)).toEqual([])
  })

  it('come and go one by one', () => {
    const shown = columnsShown(['badge', 'duration'], 1280)
    expect(toggled(shown, 'lag')).toEqual(['badge', 'lag', 'duration'])
    expect(toggled(shown, 'badge')).toEqual(['duration'])
  })

  it('are sorted by what the list can be sorted by', () => {
    for (const { sort } of kColumns) if (sort) expect(kSortKeys).toContain(sort)
  })
})
