// SPDX-License-Identifier: Apache-2.0
import type { Factory } from '@/api/types'

/** A CREATE TABLE for a connector as a snippet: its required options with places to fill in, a format where it takes one. */
export function tableTemplate({ identifier, options }: Factory): string {
  let place = 3
  const lines = [`  'connector' = '${identifier}'`]
  const escaped = (text: string) => text.replace(/[$}\\]/g, '\\$&')
  for (const option of options) {
    const wanted = option.required || option.key === 'format'
    if (!wanted || option.key === 'connector') continue
    const value =
      option.defaultValue ?? option.values?.[0] ?? (option.key === 'format' ? 'json' : '')
    lines.push(`  '${option.key}' = '\${${place}:${escaped(value)}}'`)
    place += 1
  }
  return `CREATE TABLE \${1:${identifier.replace(/[^A-Za-z0-9]+/g, '_')}_table} (\n  \${2:id BIGINT}\n) WITH (\n${lines.join(',\n')}\n);\n`
}
