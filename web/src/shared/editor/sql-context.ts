// SPDX-License-Identifier: Apache-2.0
import { closing, isName, isSymbol, isWord, tokenize, unquoted, type Token } from './sql-tokens'
import { optionsOf } from './script-tables'

/** A table that a statement reads, by the name it goes by there. */
export interface TableUse {
  alias: string
  table: string
}

/** What may stand at a place of a script. */
export type SqlContext =
  | { kind: 'nothing' }
  | {
      /** In a WITH: a key, or the value of one. `inString`: between quotes already. */
      kind: 'option-key' | 'option-value'
      key?: string
      inString: boolean
      options: Map<string, string>
      statement: 'TABLE' | 'CATALOG'
      /** Offsets of what has been typed of it so far. */
      from: number
      to: number
    }
  | { kind: 'table' }
  | { kind: 'member'; of: string; uses: TableUse[] }
  | { kind: 'expression'; uses: TableUse[]; from: string[] }
  | { kind: 'statement' }

const kTablesAfter = ['FROM', 'JOIN', 'INTO', 'TABLE', 'DESCRIBE', 'DESC', 'OVERWRITE', 'VIEW']
const kNotAliases = new Set(
  `AS ON USING WHERE GROUP ORDER LIMIT JOIN LEFT RIGHT INNER FULL CROSS UNION HAVING WINDOW SET FOR SELECT VALUES INTERSECT
  EXCEPT MATCH_RECOGNIZE TABLESAMPLE LATERAL NATURAL OFFSET FETCH BEGIN END INSERT INTO WITH LIKE PARTITION SEMI ANTI`.split(
    /\s+/,
  ),
)

/** Tables after FROM and JOIN with their aliases, in their order; `TABLE(TUMBLE(TABLE t, …))` counts as `t`. */
export function tableUses(statement: readonly Token[]): TableUse[] {
  const uses: TableUse[] = []
  for (let at = 0; at < statement.length; at += 1) {
    if (!isWord(statement[at], 'FROM', 'JOIN', ',', 'TABLE')) continue
    let next = at + 1
    const name = statement[next]
    if (!isName(name) || (name.kind === 'word' && isWord(name, 'TABLE', 'LATERAL', 'SELECT')))
      continue
    let table = unquoted(name)
    next += 1
    for (
      let part = statement[next + 1];
      isSymbol(statement[next], '.') && isName(part);
      part = statement[next + 1]
    ) {
      table = unquoted(part)
      next += 2
    }
    // `FROM t FOR SYSTEM_TIME AS OF x AS alias`
    if (isWord(statement[next], 'FOR') && isWord(statement[next + 1], 'SYSTEM_TIME')) {
      const as = statement.findIndex(
        (token, index) => index > next + 3 && isWord(token, 'AS', 'ON', 'WHERE'),
      )
      if (as !== -1 && isWord(statement[as], 'AS')) next = as
    }
    if (isWord(statement[next], 'AS')) next += 1
    const alias = statement[next]
    const named =
      isName(alias) && !(alias.kind === 'word' && kNotAliases.has(alias.text.toUpperCase()))
    uses.push({ alias: named ? unquoted(alias) : table, table })
  }
  return uses
}

/** Index of the open bracket of a WITH that the token at `at` is in, or -1. */
function openWith(statement: readonly Token[], at: number): number {
  let depth = 0
  for (let index = at; index >= 0; index -= 1) {
    const token = statement[index]
    if (isSymbol(token, ')')) depth += 1
    if (!isSymbol(token, '(')) continue
    if (depth > 0) depth -= 1
    else return isWord(statement[index - 1], 'WITH') ? index : -1
  }
  return -1
}

/** What may be written at an offset. Looks at the statement around it alone, so long scripts cost no more than short ones. */
export function contextAt(sql: string, offset: number): SqlContext {
  const all = tokenize(sql)
  const inside = all.find(
    ({ start, end, open }) => start < offset && (offset < end || (open && offset === end)),
  )
  if (inside?.kind === 'comment') return { kind: 'nothing' }

  const code = all.filter(({ kind }) => kind !== 'comment')
  const last = (before: number) => code.findLastIndex(({ end }) => end <= before)
  const first = code.findLastIndex((token) => isSymbol(token, ';') && token.end <= offset) + 1
  const behind = code.findIndex((token) => isSymbol(token, ';') && token.start >= offset)
  const statement = code.slice(first, behind === -1 ? undefined : behind)

  const inString = inside?.kind === 'string'
  const before = code.slice(first, last(inString ? inside.start : offset) + 1)
  const typed = before.at(-1)
  const typing = !inString && isName(typed) && typed.end === offset ? before.pop() : undefined

  const open = openWith(before, before.length - 1)
  if (open !== -1) return optionContext(statement, before, open, inside, inString, typing, offset)
  if (inString) return { kind: 'nothing' }

  const previous = before.at(-1)
  if (previous === undefined || isWord(previous, 'BEGIN')) return { kind: 'statement' }
  if (isSymbol(previous, '.')) {
    const owner = before.at(-2)
    return isName(owner)
      ? { kind: 'member', of: unquoted(owner), uses: tableUses(statement) }
      : { kind: 'nothing' }
  }
  if (isWord(previous, ...kTablesAfter)) return { kind: 'table' }
  if (isSymbol(previous, ',') && isWord(lastClause(before), 'FROM')) return { kind: 'table' }
  const uses = tableUses(statement)
  return { kind: 'expression', uses, from: uses.map(({ table }) => table) }
}

/** The clause's word that the end of these tokens belongs to. */
function lastClause(before: readonly Token[]): Token | undefined {
  let depth = 0
  for (let at = before.length - 1; at >= 0; at -= 1) {
    const token = before[at]
    if (isSymbol(token, ')')) depth += 1
    else if (isSymbol(token, '(')) depth -= 1
    else if (
      depth === 0 &&
      isWord(token, 'SELECT', 'FROM', 'WHERE', 'GROUP', 'ORDER', 'HAVING', 'ON', 'SET', 'VALUES')
    )
      return token
    if (depth < 0) return undefined
  }
  return undefined
}

function optionContext(
  statement: readonly Token[],
  before: readonly Token[],
  open: number,
  inside: Token | undefined,
  inString: boolean,
  typing: Token | undefined,
  offset: number,
): SqlContext {
  const body = statement.slice(open, closing(statement, open))
  const options = optionsOf(body)
  const previous = before.at(-1)
  const key = before.at(-2)
  const from = inString ? (inside?.start ?? offset) + 1 : (typing?.start ?? offset)
  // A string that goes over the line's end is one whose quote is yet to be typed.
  const whole = inString && inside && !inside.open && !inside.text.includes('\n')
  const to = whole ? inside.end - 1 : offset
  const shared = {
    inString,
    options,
    statement: isWord(statement[1], 'CATALOG') ? ('CATALOG' as const) : ('TABLE' as const),
    from,
    to,
  }
  if (isSymbol(previous, '=') && key?.kind === 'string')
    return { kind: 'option-value', key: unquoted(key), ...shared }
  if (isSymbol(previous, '(') || isSymbol(previous, ',')) return { kind: 'option-key', ...shared }
  return { kind: 'nothing' }
}
