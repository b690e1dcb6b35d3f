// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { formatSql } from './format-sql'

describe('formatSql', () => {
  it('lays out tables, windows and statement sets', () => {
    const text =
      formatSql(`create table t (a ROW<x INT, y ARRAY<STRING>>, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'kafka', 'topic' = 'it''s;x');
EXECUTE STATEMENT SET BEGIN insert into s select window_start, count(*) as n from table(tumble(table t, descriptor(ts), interval '1' hour)) group by window_start; END;`)
    expect(text).toBe(`CREATE TABLE t (
  a ROW<x INT, y ARRAY<STRING>>,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'it''s;x'
);

EXECUTE STATEMENT SET BEGIN
INSERT INTO s
SELECT
  window_start,
  COUNT(*) AS n
FROM TABLE(TUMBLE(table t, DESCRIPTOR(ts), INTERVAL '1' HOUR))
GROUP BY
  window_start;

END;
`)
  })

  it('keeps comments, hints and variables, and changes nothing the second time', () => {
    const once = formatSql(
      "-- why\nSELECT /*+ STATE_TTL('a' = '1h') */ a FROM `x` WHERE b = ${var:NAME} AND c = 'SELECT  x';",
    )
    expect(once).toContain('-- why')
    expect(once).toContain("/*+ STATE_TTL('a' = '1h') */")
    expect(once).toContain('${var:NAME}')
    expect(once).toContain("'SELECT  x'")
    expect(formatSql(once)).toBe(once)
  })

  it('refuses what it cannot read rather than changing it', () => {
    expect(() => formatSql("SELECT 'open")).toThrow()
  })
})
