// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { statementsOf, tokenize, unquoted } from './sql-tokens'

describe('tokenize', () => {
  it('keeps semicolons and comment marks in strings', () => {
    const statements = statementsOf(tokenize("SET 'a' = 'x;--y'; -- ; not here\nSELECT 1 /* ; */;"))
    expect(statements.map((tokens) => tokens[0]?.text)).toEqual(['SET', 'SELECT'])
  })

  it('reads doubled quotes as one', () => {
    expect(tokenize("'it''s' `a``b`").map(unquoted)).toEqual(["it's", 'a`b'])
  })

  it('marks what the script ends in', () => {
    expect(tokenize("WITH ('conn").at(-1)).toMatchObject({ kind: 'string', open: true })
  })

  it('gives offsets into the script', () => {
    const sql = 'SELECT  x\n FROM t'
    for (const { start, end, text } of tokenize(sql)) expect(sql.slice(start, end)).toBe(text)
  })
})
