// SPDX-License-Identifier: Apache-2.0

export interface OptionRow {
  /** Stands for the row while its key is being typed. */
  id: number
  key: string
  value: string
}

let last = 0

export function newRow(key = '', value = ''): OptionRow {
  last += 1
  return { id: last, key, value }
}

export function toRows(options: Readonly<Record<string, string>>): OptionRow[] {
  return Object.entries(options).map(([key, value]) => newRow(key, value))
}

/** Rows without a key are not yet options. */
export function fromRows(rows: readonly OptionRow[]): Record<string, string> {
  return Object.fromEntries(
    rows.filter(({ key }) => key.trim() !== '').map(({ key, value }) => [key.trim(), value.trim()]),
  )
}

/** Keys that are written more than once. */
export function duplicates(rows: readonly OptionRow[]): Set<string> {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const { key } of rows) {
    const name = key.trim()
    if (name === '') continue
    if (seen.has(name)) twice.add(name)
    seen.add(name)
  }
  return twice
}

/** Reads `key: value` and `key = value` lines, as pasted from a configuration file; comments and blank lines are left out. */
export function parsePasted(text: string): OptionRow[] | null {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (lines.length === 0) return null
  const rows = lines.map((line) => /^([A-Za-z][\w.-]*)\s*[:=]\s*(.*)$/.exec(line))
  if (rows.some((row) => row === null)) return null
  return rows.map((row) => newRow(row?.[1] ?? '', (row?.[2] ?? '').replace(/^(['"])(.*)\1$/, '$2')))
}
