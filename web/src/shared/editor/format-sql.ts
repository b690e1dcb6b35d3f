// SPDX-License-Identifier: Apache-2.0
import { formatDialect, spark, type DialectOptions } from 'sql-formatter'
import { closing, isSymbol, isWord, tokenize, type Token } from './sql-tokens'

const { tokenizerOptions: base, formatOptions } = spark
const without = (words: string[], ...gone: string[]) => words.filter((word) => !gone.includes(word))
const kHidden = 'streampark_type_'
const kUnits = ['SECOND', 'MINUTE', 'HOUR', 'DAY', 'MONTH', 'YEAR']
const kWindowFunctions = ['TUMBLE', 'HOP', 'CUMULATE', 'SESSION', 'DESCRIPTOR', 'TABLE']
const kOneLine = [
  'EXECUTE STATEMENT SET BEGIN',
  'BEGIN STATEMENT SET',
  'INSERT INTO',
  'INSERT OVERWRITE',
  'WITH',
  'FROM',
  'LIMIT',
  'END',
]

// Flink's dialect is nearest to Spark's in quotes and names; what only Flink has is added.
const flink: DialectOptions = {
  name: 'flink',
  tokenizerOptions: {
    ...base,
    reservedClauses: [
      ...base.reservedClauses,
      'EXECUTE STATEMENT SET BEGIN',
      'BEGIN STATEMENT SET',
    ],
    reservedFunctionNames: [...without(base.reservedFunctionNames, ...kUnits), ...kWindowFunctions],
    reservedKeywords: [
      ...without(base.reservedKeywords, ...kWindowFunctions),
      ...kUnits,
      'WATERMARK',
      'ENFORCED',
      'METADATA',
      'VIRTUAL',
      'SYSTEM_TIME',
      'PARTITIONED BY',
    ],
    reservedDataTypes: [...base.reservedDataTypes, 'TIMESTAMP_LTZ', 'MULTISET', 'BYTES'],
    stringTypes: ["''-qq"],
    identTypes: ['``'],
    variableTypes: [{ regex: String.raw`\$\{[^}]+\}` }],
  },
  formatOptions: {
    ...formatOptions,
    onelineClauses: [...formatOptions.onelineClauses, ...kOneLine],
  },
}

/** The elements of a list in brackets, as they are written between its commas; angle brackets of types nest as well. */
function elements(sql: string, tokens: readonly Token[], open: number, last: number): string[] {
  const cuts = [tokens[open]?.end ?? 0]
  let depth = 0
  for (let at = open + 1; at < last; at += 1) {
    const token = tokens[at]
    if (isSymbol(token, '(') || isSymbol(token, '<')) depth += 1
    else if (isSymbol(token, ')') || isSymbol(token, '>')) depth -= 1
    else if (depth === 0 && isSymbol(token, ',')) cuts.push(token?.start ?? 0, token?.end ?? 0)
  }
  cuts.push(tokens[last]?.start ?? 0)
  const parts: string[] = []
  for (let at = 0; at < cuts.length; at += 2) parts.push(sql.slice(cuts[at], cuts[at + 1]).trim())
  return parts
}

/** Puts each column and each option of a CREATE on a line of its own. Lists with comments are left as they are. */
function spreadTables(sql: string): string {
  const tokens = tokenize(sql).filter(({ kind }) => kind !== 'comment')
  let state: 'other' | 'create' | 'columns' | 'done' = 'other'
  let result = ''
  let done = 0
  tokens.forEach((token, at) => {
    if (at === 0 || isSymbol(tokens[at - 1], ';'))
      state = isWord(token, 'CREATE') ? 'create' : 'other'
    if (state === 'create' && isWord(token, 'TABLE')) state = 'columns'
    if (state === 'other' || token.start < done || !isSymbol(token, '(')) return
    const isOptions = isWord(tokens[at - 1], 'WITH') && tokens[at + 1]?.kind === 'string'
    if (!isOptions && state !== 'columns') return
    if (!isOptions) state = 'done'
    const last = closing(tokens, at)
    const end = tokens[last]
    if (end === undefined || /--|\/\*/.test(sql.slice(token.end, end.start))) return
    const lines = elements(sql, tokens, at, last).map((part) => `  ${part}`)
    result += `${sql.slice(done, token.end)}\n${lines.join(',\n')}\n)`
    done = end.end
  })
  return result + sql.slice(done)
}

/** `ROW<…>` and its like are one word while the formatter works, as it would read the brackets as comparisons. */
function hideTypes(sql: string): { text: string; types: string[] } {
  const tokens = tokenize(sql)
  const types: string[] = []
  let text = ''
  let done = 0
  tokens.forEach((token, at) => {
    if (token.start < done || !isWord(token, 'ROW', 'ARRAY', 'MAP', 'MULTISET')) return
    if (!isSymbol(tokens[at + 1], '<')) return
    let depth = 0
    let last = at + 1
    for (; last < tokens.length; last += 1) {
      if (isSymbol(tokens[last], '<')) depth += 1
      if (isSymbol(tokens[last], '>')) depth -= 1
      if (depth === 0) break
    }
    const end = tokens[last]
    if (end === undefined) return
    text += `${sql.slice(done, token.start)}${kHidden}${types.length}_`
    types.push(sql.slice(token.start, end.end))
    done = end.end
  })
  return { text: text + sql.slice(done), types }
}

/** The words of a script without their layout: what formatting may never change. */
function words(sql: string): string {
  return tokenize(sql)
    .map(({ kind, text }) =>
      kind === 'string' || kind === 'quoted'
        ? text
        : kind === 'comment'
          ? text.replace(/\s+/g, ' ').trim()
          : text.toUpperCase(),
    )
    .join(' ')
}

/** The script in one layout; throws when it cannot be read without a doubt, and then nothing should be changed. */
export function formatSql(sql: string): string {
  const { text, types } = hideTypes(sql)
  const laidOut = formatDialect(text, {
    dialect: flink,
    keywordCase: 'upper',
    dataTypeCase: 'upper',
    functionCase: 'upper',
    tabWidth: 2,
    linesBetweenQueries: 1,
    expressionWidth: 90,
  })
  const whole = laidOut.replace(
    new RegExp(`${kHidden}(\\d+)_`, 'g'),
    (_, index: string) => types[Number(index)] ?? '',
  )
  const result = `${spreadTables(whole)
    .replace(/\)\nWITH\b/g, ') WITH')
    .trimEnd()}\n`
  if (words(result) !== words(sql)) throw new Error('The layout would change the script')
  return result
}
