// SPDX-License-Identifier: Apache-2.0
import type { Suggestion } from './sql-completion'

const snippet = (label: string, detail: string, lines: string[]): Suggestion => ({
  kind: 'snippet',
  label,
  detail,
  docs: `\`\`\`sql\n${lines.join('\n').replace(/\$\{\d+:?([^}]*)\}/g, '$1')}\n\`\`\``,
  insert: lines.join('\n'),
  snippet: true,
  rank: 1,
})

/** Whole statements to begin with. */
export const kSnippets: readonly Suggestion[] = [
  snippet('CREATE TABLE …', 'CREATE TABLE', [
    'CREATE TABLE ${1:name} (',
    '  ${2:id} ${3:BIGINT}',
    ') WITH (',
    "  'connector' = '${4:datagen}'",
    ');',
  ]),
  snippet('CREATE TABLE … WATERMARK', 'CREATE TABLE', [
    'CREATE TABLE ${1:name} (',
    '  ${2:id} ${3:BIGINT},',
    '  ${4:ts} TIMESTAMP(3),',
    "  WATERMARK FOR ${4:ts} AS ${4:ts} - INTERVAL '${5:5}' SECOND",
    ') WITH (',
    "  'connector' = '${6:datagen}'",
    ');',
  ]),
  snippet('INSERT INTO … SELECT', 'INSERT', [
    'INSERT INTO ${1:sink}',
    'SELECT ${2:*}',
    'FROM ${3:source};',
  ]),
  snippet('SELECT … TUMBLE', 'SELECT', [
    'SELECT window_start, window_end, ${1:key}, COUNT(*) AS ${2:n}',
    "FROM TABLE(TUMBLE(TABLE ${3:source}, DESCRIPTOR(${4:ts}), INTERVAL '${5:1}' MINUTE))",
    'GROUP BY window_start, window_end, ${1:key};',
  ]),
  snippet('EXECUTE STATEMENT SET', 'EXECUTE STATEMENT SET', [
    'EXECUTE STATEMENT SET',
    'BEGIN',
    '  INSERT INTO ${1:sink} SELECT ${2:*} FROM ${3:source};',
    'END;',
  ]),
  snippet('CREATE TEMPORARY VIEW …', 'CREATE VIEW', [
    'CREATE TEMPORARY VIEW ${1:name} AS',
    'SELECT ${2:*}',
    'FROM ${3:source};',
  ]),
]
