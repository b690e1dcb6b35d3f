// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { mergeTables, scriptTables } from './script-tables'

const kScript = `
CREATE TEMPORARY TABLE IF NOT EXISTS db.orders ( -- the orders
  order_id BIGINT NOT NULL COMMENT 'a; b',
  price DECIMAL(10, 2),
  items ARRAY<ROW<sku STRING, n INT>>,
  \`from\` STRING,
  topic STRING METADATA VIRTUAL,
  total AS price * 2,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND,
  PRIMARY KEY (order_id) NOT ENFORCED
) PARTITIONED BY (\`from\`) WITH ('connector' = 'kafka', 'topic' = 'x');
CREATE VIEW cheap AS SELECT o.order_id, price AS paid, COUNT(*) FROM orders o;
INSERT INTO broken SELECT`

describe('scriptTables', () => {
  const [orders, cheap] = scriptTables(kScript)

  it('reads the columns of a table with their types', () => {
    expect(orders).toMatchObject({ name: 'orders', kind: 'TABLE', connector: 'kafka' })
    expect(orders?.columns.map(({ name, type }) => [name, type])).toEqual([
      ['order_id', 'BIGINT'],
      ['price', 'DECIMAL(10,2)'],
      ['items', 'ARRAY<ROW<sku STRING,n INT>>'],
      ['from', 'STRING'],
      ['topic', 'STRING'],
      ['total', ''],
      ['ts', 'TIMESTAMP(3)'],
    ])
  })

  it('reads the names that a view says', () => {
    expect(cheap?.columns.map(({ name }) => name)).toEqual(['order_id', 'paid'])
  })

  it('does not stumble over a statement that is being typed', () => {
    expect(scriptTables('CREATE TABLE t (a INT, b ')).toMatchObject([
      { name: 't', columns: [{ name: 'a' }, { name: 'b' }] },
    ])
    expect(scriptTables('CREATE TABLE')).toEqual([])
  })
})

describe('mergeTables', () => {
  it("takes the planner's types while the columns are the same ones", () => {
    const mine = [{ name: 't', kind: 'TABLE', columns: [{ name: 'a', type: 'INT' }] }]
    const same = [{ name: 't', columns: [{ name: 'a', type: 'INT NOT NULL' }] }]
    const older = [{ name: 't', columns: [{ name: 'z', type: 'INT' }] }]
    expect(mergeTables(mine, same)[0]?.columns[0]?.type).toBe('INT NOT NULL')
    expect(mergeTables(mine, older)[0]?.columns[0]?.name).toBe('a')
    expect(mergeTables(mine, [{ name: 'other', columns: [] }]).map(({ name }) => name)).toEqual([
      't',
      'other',
    ])
  })
})
