// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { plannerProblems, shownProblems, syntaxProblems } from './diagnostics'

const kSql = 'SELECT nosuch\nFROM t'
const diagnostic = (line: number, column: number, endLine: number, endColumn: number) => ({
  severity: 'ERROR' as const,
  code: 'UNKNOWN_COLUMN',
  message: 'no such column',
  line,
  column,
  endLine,
  endColumn,
})

describe('places of problems', () => {
  it('keeps a place inside the text', () => {
    expect(plannerProblems([diagnostic(1, 8, 1, 14)], kSql)).toMatchObject([
      { line: 1, column: 8, endLine: 1, endColumn: 14, origin: 'PLANNER' },
    ])
  })

  it('marks at least one character', () => {
    expect(plannerProblems([diagnostic(1, 8, 1, 8)], kSql)).toMatchObject([
      { column: 8, endColumn: 9 },
    ])
  })

  it('moves what is behind the end to the last character', () => {
    expect(plannerProblems([diagnostic(9, 9, 9, 9)], kSql)).toMatchObject([
      { line: 2, column: 6, endLine: 2, endColumn: 7 },
    ])
  })
})

describe('shownProblems', () => {
  const syntax = syntaxProblems(
    [{ startLine: 2, startColumn: 1, endLine: 2, endColumn: 5, message: 'bad' }],
    kSql,
  )

  it("shows the browser's finding until the planner has spoken about this very text", () => {
    expect(shownProblems(kSql, syntax, null)).toHaveLength(1)
    expect(shownProblems(kSql, syntax, { sql: 'older', problems: [] })).toHaveLength(1)
    expect(shownProblems(kSql, syntax, { sql: kSql, problems: [] })).toEqual([])
  })

  it('orders by place', () => {
    const problems = plannerProblems([diagnostic(2, 1, 2, 2), diagnostic(1, 3, 1, 4)], kSql)
    expect(shownProblems(kSql, [], { sql: kSql, problems }).map(({ line }) => line)).toEqual([1, 2])
  })
})
