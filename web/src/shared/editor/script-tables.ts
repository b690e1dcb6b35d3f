// SPDX-License-Identifier: Apache-2.0
import type { SqlVerdict } from '@/api/types'
import {
  closing,
  isName,
  isSymbol,
  isWord,
  statementsOf,
  tokenize,
  unquoted,
  type Token,
} from './sql-tokens'

export type ScriptTable = SqlVerdict['tables'][number]
type Column = ScriptTable['columns'][number]

/** Words that begin an element of a table's definition that is no column. */
const kNotColumns = ['WATERMARK', 'PRIMARY', 'CONSTRAINT', 'UNIQUE', 'LIKE']
/** Words that end a column's type. */
const kAfterType = ['METADATA', 'NOT', 'NULL', 'COMMENT', 'PRIMARY', 'CONSTRAINT', 'VIRTUAL']

/** A dotted name from `at`; its last part, and the index behind it. */
function nameAt(tokens: readonly Token[], at: number): { name: string; next: number } | undefined {
  let token = tokens[at]
  if (!isName(token)) return undefined
  let name = unquoted(token)
  let next = at + 1
  while (isSymbol(tokens[next], '.')) {
    token = tokens[next + 1]
    if (!isName(token)) break
    name = unquoted(token)
    next += 2
  }
  return { name, next }
}

function splitByComma(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (isSymbol(token, '(') || isSymbol(token, '<')) depth += 1
    if (isSymbol(token, ')') || isSymbol(token, '>')) depth -= 1
    if (depth === 0 && isSymbol(token, ',')) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts.filter((part) => part.length > 0)
}

function columnOf(part: readonly Token[]): Column | undefined {
  const [name, ...rest] = part
  if (!isName(name) || (name.kind === 'word' && isWord(name, ...kNotColumns) && rest.length > 1))
    return undefined
  if (isWord(rest[0], 'AS')) return { name: unquoted(name), type: '', kind: 'COMPUTED' }
  const end = rest.findIndex((token) => isWord(token, ...kAfterType))
  const type = rest.slice(0, end === -1 ? undefined : end).map(({ text }) => text)
  return {
    name: unquoted(name),
    type: type.join(' ').replace(/ ?([(<>),]) ?/g, '$1'),
    kind: rest.some((token) => isWord(token, 'METADATA')) ? 'METADATA' : 'PHYSICAL',
  }
}

/** The names that a query's select list gives, where it says them. */
function selectedColumns(tokens: readonly Token[]): Column[] {
  const from = tokens.findIndex((token) => isWord(token, 'FROM'))
  const list = tokens.slice(1, from === -1 ? undefined : from)
  return splitByComma(list).flatMap((part) => {
    const last = part.at(-1)
    const aliased = part.length === 1 || isWord(part.at(-2), 'AS') || isSymbol(part.at(-2), '.')
    return aliased && isName(last) ? [{ name: unquoted(last), type: '', kind: 'PHYSICAL' }] : []
  })
}

function tableOf(statement: readonly Token[]): ScriptTable | undefined {
  if (!isWord(statement[0], 'CREATE')) return undefined
  const at = statement.findIndex((token) => isWord(token, 'TABLE', 'VIEW'))
  if (at === -1 || at > 4) return undefined
  const view = isWord(statement[at], 'VIEW')
  let next = at + 1
  if (isWord(statement[next], 'IF')) next += 3
  const named = nameAt(statement, next)
  if (named === undefined) return undefined
  const table: ScriptTable = { name: named.name, kind: view ? 'VIEW' : 'TABLE', columns: [] }

  next = named.next
  if (isSymbol(statement[next], '(')) {
    const end = closing(statement, next)
    table.columns = splitByComma(statement.slice(next + 1, end)).flatMap(
      (part) => columnOf(part) ?? [],
    )
    next = end + 1
  }
  const select = statement.findIndex((token, index) => index >= next && isWord(token, 'SELECT'))
  if (table.columns.length === 0 && select !== -1)
    table.columns = selectedColumns(statement.slice(select))
  const connector = optionsOf(statement, next).get('connector')
  if (connector !== undefined) table.connector = connector
  return table
}

/** The `'key' = 'value'` pairs of a statement's WITH. */
export function optionsOf(statement: readonly Token[], from = 0): Map<string, string> {
  const options = new Map<string, string>()
  for (let at = from; at + 2 < statement.length; at += 1) {
    const [key, equals, value] = [statement[at], statement[at + 1], statement[at + 2]]
    if (key?.kind === 'string' && isSymbol(equals, '=') && value?.kind === 'string')
      options.set(unquoted(key), unquoted(value))
  }
  return options
}

/**
 * The tables and views that a script declares, read from its text alone: at once, and also while the script is not valid.
 * Types are as written. The planner's answer is better where there is one; `mergeTables` joins both.
 */
export function scriptTables(sql: string): ScriptTable[] {
  return statementsOf(tokenize(sql)).flatMap((statement) => tableOf(statement) ?? [])
}

/** The script's own tables, with what the planner knows of them; tables of catalogs that only the planner sees come after. */
export function mergeTables(
  script: readonly ScriptTable[],
  planner: readonly ScriptTable[],
): ScriptTable[] {
  const known = new Map(planner.map((table) => [table.name, table]))
  const merged = script.map((table) => {
    const better = known.get(table.name)
    known.delete(table.name)
    const sameColumns =
      better?.columns.length === table.columns.length &&
      better.columns.every(({ name }, index) => name === table.columns[index]?.name)
    if (better === undefined) return table
    return table.columns.length === 0 || sameColumns ? { ...table, ...better } : table
  })
  return [...merged, ...known.values()]
}
