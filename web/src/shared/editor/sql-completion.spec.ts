// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import type { SqlVocabulary } from '@/api/types'
import { complete } from './sql-completion'
import { scriptTables } from './script-tables'

const option = (key: string, required = false, values?: string[]) => ({
  key,
  type: 'String',
  required,
  defaultValue: null,
  description: `about ${key}`,
  ...(values === undefined ? {} : { values }),
})
const kVocabulary: SqlVocabulary = {
  connectors: [
    {
      identifier: 'kafka',
      source: true,
      sink: true,
      options: [
        option('topic'),
        option('properties.bootstrap.servers', true),
        option('scan.startup.mode', false, ['earliest-offset', 'latest-offset']),
      ],
    },
    {
      identifier: 'print',
      source: false,
      sink: true,
      options: [{ ...option('standard-error'), type: 'Boolean' }],
    },
  ],
  formats: [
    { identifier: 'json', source: true, sink: true, options: [option('ignore-parse-errors')] },
  ],
  catalogs: [{ identifier: 'jdbc', source: true, sink: true, options: [option('base-url', true)] }],
  functions: ['upper'],
  keywords: ['QUALIFY'],
}
const kTables =
  "CREATE TABLE orders (order_id BIGINT, price INT) WITH ('connector' = 'kafka');\nCREATE TABLE users (id INT, name STRING) WITH ('connector' = 'print');\n"

/** Labels offered at the `|` of a script, best first. */
function at(script: string, kind?: string) {
  const sql = kTables + script
  const offset = sql.indexOf('|')
  const text = sql.replace('|', '')
  return complete(text, offset, { vocabulary: kVocabulary, tables: scriptTables(text) })
    .filter((one) => kind === undefined || one.kind === kind)
    .sort((a, b) => a.rank - b.rank)
    .map(({ label }) => label)
}

describe('completion of names', () => {
  it('offers tables after FROM, JOIN and INTO', () => {
    expect(at('SELECT * FROM |', 'table')).toEqual(['orders', 'users'])
    expect(at('SELECT * FROM orders o JOIN us|', 'table')).toEqual(['orders', 'users'])
    expect(at('INSERT INTO |', 'table')).toEqual(['orders', 'users'])
    expect(at('SELECT * FROM TABLE(TUMBLE(TABLE |', 'table')).toEqual(['orders', 'users'])
  })

  it("offers an alias's columns after its dot", () => {
    expect(at('SELECT o.| FROM orders AS o JOIN users u ON o.order_id = u.id')).toEqual([
      'order_id',
      'price',
    ])
    expect(at('SELECT o.order_id FROM orders o JOIN users u ON u.|')).toEqual(['id', 'name'])
  })

  it('puts the columns of the tables read before functions and keywords', () => {
    const offered = at('SELECT | FROM orders')
    expect(offered.slice(0, 2)).toEqual(['order_id', 'price'])
    expect(offered).toContain('UPPER')
    expect(offered).toContain('QUALIFY')
    expect(offered).not.toContain('name')
  })

  it('offers whole statements where one begins, and nothing in comments or plain strings', () => {
    expect(at('|', 'snippet')).toContain('CREATE TABLE …')
    expect(at('-- FROM |')).toEqual([])
    expect(at("SELECT 'a |' FROM orders")).toEqual([])
  })
})

describe('completion inside WITH', () => {
  it('asks for the connector first', () => {
    expect(at('CREATE TABLE t (a INT) WITH (|)')).toEqual(['connector'])
    expect(at("CREATE TABLE t (a INT) WITH ('connector' = '|')")).toEqual(['kafka', 'print'])
  })

  it("offers the connector's options, required ones first, without those that are there", () => {
    expect(at("CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'topic' = 'x', '|')")).toEqual([
      'properties.bootstrap.servers',
      'scan.startup.mode',
    ])
  })

  it("offers the chosen format's options under its name", () => {
    expect(
      at("CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'value.format' = 'json', '|')"),
    ).toContain('value.json.ignore-parse-errors')
    expect(
      at("CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'format' = 'json', |)"),
    ).toContain('json.ignore-parse-errors')
  })

  it('offers the values that an option may have', () => {
    expect(
      at("CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'scan.startup.mode' = '|')"),
    ).toEqual(['earliest-offset', 'latest-offset'])
    expect(
      at("CREATE TABLE t (a INT) WITH ('connector' = 'print', 'standard-error' = '|')"),
    ).toEqual(['true', 'false'])
    expect(at("CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'format' = |")).toEqual(['json'])
  })

  it('replaces what stands between the quotes', () => {
    const sql = "CREATE TABLE t (a INT) WITH ('connector' = 'kaf')"
    const [first] = complete(sql, sql.indexOf('kaf') + 3, { vocabulary: kVocabulary, tables: [] })
    expect(sql.slice(first?.from, first?.to)).toBe('kaf')
    expect(first?.insert).toBe('kafka')
  })

  it("offers a catalog's options", () => {
    expect(at("CREATE CATALOG c WITH ('type' = 'jdbc', '|')")).toEqual(['base-url'])
  })
})
