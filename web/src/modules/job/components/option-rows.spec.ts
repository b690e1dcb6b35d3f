// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { duplicates, fromRows, newRow, parsePasted, toRows } from './option-rows'

describe('option rows', () => {
  it('reads a pasted block of configuration', () => {
    expect(
      parsePasted('# a comment\nstate.backend.type: rocksdb\n\nx.y = "1 s"\n')?.map(
        ({ key, value }) => [key, value],
      ),
    ).toEqual([
      ['state.backend.type', 'rocksdb'],
      ['x.y', '1 s'],
    ])
    expect(parsePasted('just words')).toBeNull()
  })

  it('finds keys that are there twice and leaves out unfinished rows', () => {
    const rows = [newRow('a', '1'), newRow(' a ', '2'), newRow('', '3')]
    expect([...duplicates(rows)]).toEqual(['a'])
    expect(fromRows([newRow('', 'x'), ...toRows({ b: '1' })])).toEqual({ b: '1' })
  })
})
