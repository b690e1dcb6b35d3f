// SPDX-License-Identifier: Apache-2.0
import { formatDialect, spark, type DialectOptions } from 'sql-formatter'
import { closing, isSymbol, isWord, tokenize } from './sql-tokens'

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

/** Puts each option of a CREATE's WITH on a line of its own. */
function spreadOptions(sql: string): string {
  const tokens = tokenize(sql).filter(({ kind }) => kind !== 'comment')
  let creating = false
  let result = ''
  let done = 0
  tokens.forEach((token, at) => {
    if (at === 0 || isSymbol(tokens[at - 1], ';')) creating = isWord(token, 'CREATE')
    const isOption = tokens[at + 2]?.kind === 'string' && isSymbol(tokens[at + 3], '=')
    if (!creating || !isWord(token, 'WITH') || !isSymbol(tokens[at + 1], '(') || !isOption) return
    const last = closing(tokens, at + 1)
    const end = tokens[last]
    if (end === undefined || /--|\/\*/.test(sql.slice(token.end, end.start))) return
    const pairs: string[] = []
    for (let index = at + 2; index + 2 < last; index += 4)
      pairs.push(`  ${tokens[index]?.text} = ${tokens[index + 2]?.text}`)
    result += `${sql.slice(done, token.end)} (\n${pairs.join(',\n')}\n)`
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
  const result = `${spreadOptions(whole)
    .replace(/\)\nWITH\b/g, ') WITH')
    .trimEnd()}\n`
  if (words(result) !== words(sql)) throw new Error('The layout would change the script')
  return result
}
