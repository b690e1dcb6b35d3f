// SPDX-License-Identifier: Apache-2.0
import type { Diagnostic } from '@/api/types'

/** A problem of the script as it is listed and marked: by line and column, both from 1, the end not included. */
export interface ScriptProblem {
  severity: Diagnostic['severity']
  /** `SYNTAX` is the browser's own parser; the rest is the planner's. */
  origin: 'SYNTAX' | 'PLANNER'
  code: string
  message: string
  hint?: string
  line: number
  column: number
  endLine: number
  endColumn: number
}

/** What the browser's parser reports; its end column is that of the last character. */
export interface SyntaxFault {
  startLine: number
  startColumn: number
  endLine: number
  endColumn: number
  message: string
}

const kOrder = { ERROR: 0, WARNING: 1, INFO: 2 } as const

/** Puts a place inside the text: a planner may point behind the end, and a mark needs at least one character. */
function within(problem: ScriptProblem, lines: readonly string[]): ScriptProblem {
  const lastLine = Math.max(1, lines.length)
  const line = Math.min(Math.max(1, problem.line), lastLine)
  const width = (of: number) => (lines[of - 1]?.length ?? 0) + 1
  const column = Math.min(Math.max(1, problem.column), width(line))
  const endLine = Math.min(Math.max(line, problem.endLine), lastLine)
  let endColumn = Math.min(Math.max(1, problem.endColumn), width(endLine))
  if (endLine === line && endColumn <= column) endColumn = column + 1
  const atEnd = endLine === line && endColumn > width(line)
  return {
    ...problem,
    line,
    column: atEnd ? Math.max(1, width(line) - 1) : column,
    endLine,
    endColumn: atEnd ? Math.max(2, width(line)) : endColumn,
  }
}

export function syntaxProblems(faults: readonly SyntaxFault[], sql: string): ScriptProblem[] {
  const lines = sql.split('\n')
  return faults.map((fault) =>
    within(
      {
        severity: 'ERROR',
        origin: 'SYNTAX',
        code: 'SYNTAX',
        message: fault.message,
        line: fault.startLine,
        column: fault.startColumn,
        endLine: fault.endLine,
        endColumn: fault.endColumn,
      },
      lines,
    ),
  )
}

export function plannerProblems(diagnostics: readonly Diagnostic[], sql: string): ScriptProblem[] {
  const lines = sql.split('\n')
  return diagnostics.map((diagnostic) => within({ ...diagnostic, origin: 'PLANNER' }, lines))
}

/**
 * What is shown: the planner's word when it is about the very text shown, since it alone knows the whole grammar; before that
 * the browser's. Ordered by place, errors first at the same place.
 */
export function shownProblems(
  sql: string,
  syntax: readonly ScriptProblem[],
  verdict: { sql: string; problems: readonly ScriptProblem[] } | null,
): ScriptProblem[] {
  const all = verdict?.sql === sql ? verdict.problems : syntax
  return [...all].sort(
    (a, b) => a.line - b.line || a.column - b.column || kOrder[a.severity] - kOrder[b.severity],
  )
}
