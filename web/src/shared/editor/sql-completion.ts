// SPDX-License-Identifier: Apache-2.0
import type { Factory, SqlVocabulary } from '@/api/types'
import { contextAt, type SqlContext, type TableUse } from './sql-context'
import { kSnippets } from './sql-snippets'
import type { ScriptTable } from './script-tables'

export type SuggestionKind =
  'table' | 'column' | 'option' | 'value' | 'function' | 'keyword' | 'snippet'

/** One entry of the list; `insert` may hold `${1:places}` when `snippet`. */
export interface Suggestion {
  kind: SuggestionKind
  label: string
  detail?: string
  docs?: string
  insert: string
  snippet?: boolean
  /** Ascending: what is likelier comes first; equal ones by name. */
  rank: number
  /** Offsets that it replaces, where that is more than the word. */
  from?: number
  to?: number
}

type FactoryOption = Factory['options'][number]

export interface Sources {
  /** Null until the API has answered: then keywords, tables and columns are all there is. */
  vocabulary: SqlVocabulary | null
  tables: readonly ScriptTable[]
}

const kKeywords =
  `SELECT FROM WHERE GROUP BY ORDER HAVING LIMIT INSERT INTO OVERWRITE VALUES CREATE TABLE VIEW TEMPORARY FUNCTION
  CATALOG DATABASE DROP ALTER WITH AS ON AND OR NOT IN EXISTS BETWEEN LIKE IS NULL CASE WHEN THEN ELSE END JOIN LEFT RIGHT INNER
  FULL OUTER CROSS UNION ALL DISTINCT INTERSECT EXCEPT WATERMARK FOR PRIMARY KEY ENFORCED PARTITIONED INTERVAL SECOND MINUTE HOUR
  DAY MONTH YEAR TUMBLE HOP CUMULATE SESSION DESCRIPTOR OVER PARTITION ROWS RANGE PRECEDING CURRENT ROW UNBOUNDED EXECUTE BEGIN
  STATEMENT SET RESET USE SHOW DESCRIBE EXPLAIN IF MATCH_RECOGNIZE LATERAL SYSTEM_TIME OF METADATA VIRTUAL COMMENT CONSTRAINT
  CAST TRY_CAST TRUE FALSE ASC DESC INCLUDING EXCLUDING STRING BIGINT INT SMALLINT TINYINT DOUBLE FLOAT DECIMAL BOOLEAN DATE TIME
  TIMESTAMP TIMESTAMP_LTZ BYTES VARCHAR CHAR ARRAY MAP MULTISET VARBINARY`.split(/\s+/)

/** Keys that choose a format, whose options then begin with the format's name. */
const kFormatKeys = ['format', 'key.format', 'value.format']

const kQuoteLiteral = (text: string) => text.replaceAll("'", "''")
const plainName = (name: string) => (/^[A-Za-z_][A-Za-z0-9_$]*$/.test(name) ? name : `\`${name}\``)

function described(option: FactoryOption): { detail: string; docs: string } {
  const detail = [
    option.type,
    option.required ? 'required' : '',
    option.defaultValue == null ? '' : `= ${option.defaultValue}`,
  ]
  const values = option.values?.length
    ? `\n\n${option.values.map((value) => `\`${value}\``).join(' · ')}`
    : ''
  return { detail: detail.filter(Boolean).join(' · '), docs: option.description + values }
}

/** The options that a WITH may have: the connector's (or catalog's), and the chosen formats' under their names. */
export function optionsFor(
  vocabulary: SqlVocabulary,
  options: ReadonlyMap<string, string>,
  statement: 'TABLE' | 'CATALOG',
): FactoryOption[] {
  if (statement === 'CATALOG')
    return (
      vocabulary.catalogs.find(({ identifier }) => identifier === options.get('type'))?.options ??
      []
    )
  const connector = vocabulary.connectors.find(
    ({ identifier }) => identifier === options.get('connector'),
  )
  const formats = kFormatKeys.flatMap((key) => {
    const format = vocabulary.formats.find(({ identifier }) => identifier === options.get(key))
    const prefix = key === 'format' ? '' : key.replace('format', '')
    return (format?.options ?? []).map((option) => ({
      ...option,
      key: option.key.startsWith(`${format?.identifier}.`)
        ? `${prefix}${option.key}`
        : `${prefix}${format?.identifier}.${option.key}`,
    }))
  })
  return [...(connector?.options ?? []), ...formats]
}

function optionKeys(
  context: SqlContext & { kind: 'option-key' },
  { vocabulary }: Sources,
): Suggestion[] {
  const first = context.statement === 'CATALOG' ? 'type' : 'connector'
  const chosen: FactoryOption[] = context.options.has(first)
    ? []
    : [{ key: first, type: 'String', required: true, defaultValue: null, description: '' }]
  const all = vocabulary === null ? [] : optionsFor(vocabulary, context.options, context.statement)
  const seen = new Set<string>()
  return [...chosen, ...all]
    .filter(({ key }) => !context.options.has(key) && !seen.has(key) && seen.add(key))
    .map((option) => ({
      kind: 'option' as const,
      label: option.key,
      ...described(option),
      insert: context.inString
        ? option.key
        : `'${kQuoteLiteral(option.key)}' = '\${1:${option.defaultValue ?? ''}}'`,
      snippet: !context.inString,
      rank: option.required ? 0 : 1,
      from: context.from,
      to: context.to,
    }))
}

function valuesOf(option: FactoryOption | undefined): string[] {
  if (option?.values?.length) return option.values
  if (option !== undefined && /^bool/i.test(option.type)) return ['true', 'false']
  return option?.defaultValue == null ? [] : [option.defaultValue]
}

function optionValues(
  context: SqlContext & { kind: 'option-value' },
  { vocabulary }: Sources,
): Suggestion[] {
  if (vocabulary === null) return []
  const key = context.key ?? ''
  const entry = (label: string, detail?: string, docs?: string): Suggestion => ({
    kind: 'value',
    label,
    ...(detail === undefined ? {} : { detail }),
    ...(docs === undefined ? {} : { docs }),
    insert: context.inString ? label : `'${kQuoteLiteral(label)}'`,
    rank: 0,
    from: context.from,
    to: context.to,
  })
  const able = ({ source, sink }: Factory) =>
    [source ? 'source' : '', sink ? 'sink' : ''].filter(Boolean).join(' + ')
  if (key === 'connector')
    return vocabulary.connectors.map((one) => entry(one.identifier, able(one)))
  if (key === 'type' && context.statement === 'CATALOG')
    return vocabulary.catalogs.map(({ identifier }) => entry(identifier))
  if (kFormatKeys.includes(key))
    return vocabulary.formats.map((one) => entry(one.identifier, able(one)))
  const option = optionsFor(vocabulary, context.options, context.statement).find(
    (one) => one.key === key,
  )
  return valuesOf(option).map((value) =>
    entry(value, value === option?.defaultValue ? 'default' : undefined, option?.description),
  )
}

const tableEntry = (table: ScriptTable, rank: number): Suggestion => ({
  kind: 'table',
  label: table.name,
  detail: [table.kind === 'VIEW' ? 'view' : 'table', table.connector].filter(Boolean).join(' · '),
  docs: table.columns.map(({ name, type }) => `- \`${name}\` ${type}`).join('\n'),
  insert: plainName(table.name),
  rank,
})

function columnsOf(uses: readonly TableUse[], { tables }: Sources, rank: number): Suggestion[] {
  return uses.flatMap(({ alias, table }) =>
    (tables.find(({ name }) => name === table)?.columns ?? []).map((column) => ({
      kind: 'column' as const,
      label: column.name,
      detail: [column.type, alias].filter(Boolean).join(' · '),
      insert: plainName(column.name),
      rank,
    })),
  )
}

function keywords(vocabulary: SqlVocabulary | null, rank: number): Suggestion[] {
  const all = new Set([...kKeywords, ...(vocabulary?.keywords ?? [])])
  return [...all].map((word) => ({ kind: 'keyword', label: word, insert: word, rank }))
}

function functions(vocabulary: SqlVocabulary | null, rank: number): Suggestion[] {
  return (vocabulary?.functions ?? []).map((name) => ({
    kind: 'function',
    label: name.toUpperCase(),
    insert: `${name.toUpperCase()}(\${1})`,
    snippet: true,
    rank,
  }))
}

const unique = (all: Suggestion[]) => [
  ...new Map(all.map((one) => [`${one.kind} ${one.label} ${one.detail ?? ''}`, one])).values(),
]

/** What fits at an offset of a script, unsorted and unfiltered: the editor does both. */
export function complete(sql: string, offset: number, sources: Sources): Suggestion[] {
  const context = contextAt(sql, offset)
  switch (context.kind) {
    case 'nothing':
      return []
    case 'option-key':
      return optionKeys({ ...context, kind: 'option-key' }, sources)
    case 'option-value':
      return optionValues({ ...context, kind: 'option-value' }, sources)
    case 'table':
      return [
        ...sources.tables.map((table) => tableEntry(table, 0)),
        ...['TABLE', 'LATERAL TABLE', 'SELECT'].map((word) => ({
          kind: 'keyword' as const,
          label: word,
          insert: word,
          rank: 5,
        })),
      ]
    case 'member':
      return columnsOf(
        context.uses.some(({ alias }) => alias === context.of)
          ? context.uses.filter(({ alias }) => alias === context.of)
          : [{ alias: context.of, table: context.of }],
        sources,
        0,
      )
    case 'statement':
      return [...kSnippets.map((snippet) => ({ ...snippet })), ...keywords(sources.vocabulary, 3)]
    case 'expression': {
      const aliases = context.uses.map(({ alias, table }) => ({
        kind: 'table' as const,
        label: alias,
        detail: table,
        insert: plainName(alias),
        rank: 2,
      }))
      return unique([
        ...columnsOf(context.uses, sources, 1),
        ...aliases,
        ...functions(sources.vocabulary, 3),
        ...keywords(sources.vocabulary, 4),
        ...sources.tables.map((table) => tableEntry(table, 6)),
      ])
    }
  }
}
