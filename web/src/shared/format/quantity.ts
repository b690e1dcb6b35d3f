// SPDX-License-Identifier: Apache-2.0

const kByteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** Bytes in binary units with three significant digits: `512 B`, `1.46 GiB`, `128 MiB`. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= 1023.5 && unit < kByteUnits.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${value.toFixed(digits)} ${kByteUnits[unit] ?? ''}`
}

// Making one costs more than a hundred uses of it, and lists format by the row.
const kCounts = new Map<string, Intl.NumberFormat>()
const kCompact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })

/** A number with the language's separators. */
export function formatCount(value: number, locale: string): string {
  const known = kCounts.get(locale) ?? new Intl.NumberFormat(locale)
  kCounts.set(locale, known)
  return known.format(value)
}

/** A number in at most four characters: `987`, `12.3k`, `4.5M`. */
export function formatCompact(value: number): string {
  return kCompact.format(value).replace('K', 'k')
}

/** How often a second, in few characters: `0/s`, `<0.1/s`, `1.2k/s`. */
export function formatRate(perSecond: number): string {
  return perSecond > 0 && perSecond < 0.1 ? '<0.1/s' : `${formatCompact(perSecond)}/s`
}
