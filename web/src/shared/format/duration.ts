// SPDX-License-Identifier: Apache-2.0

const kSecond = 1000
const kMinute = 60 * kSecond
const kHour = 60 * kMinute
const kDay = 24 * kHour

/**
 * A length of time in at most two units, of equal width within a unit so that columns line up: `840 ms`, `12 s`, `4 m 08 s`,
 * `3 h 07 m`, `12 d 04 h`. Units are written the same in every language, as in specs. Negative lengths count as zero.
 */
export function formatDuration(milliseconds: number): string {
  const value = Math.max(0, milliseconds)
  if (value < kSecond) return `${Math.round(value)} ms`
  if (value < kMinute) return `${Math.floor(value / kSecond)} s`
  if (value < kHour) return pair(value, kMinute, 'm', kSecond, 's')
  if (value < kDay) return pair(value, kHour, 'h', kMinute, 'm')
  return pair(value, kDay, 'd', kHour, 'h')
}

/** The same in one unit, for ages in tight places: `4 m`, `3 h`, `12 d`. */
export function formatAge(milliseconds: number): string {
  const value = Math.max(0, milliseconds)
  if (value < kMinute) return `${Math.floor(value / kSecond)} s`
  if (value < kHour) return `${Math.floor(value / kMinute)} m`
  if (value < 2 * kDay) return `${Math.floor(value / kHour)} h`
  return `${Math.floor(value / kDay)} d`
}

function pair(value: number, large: number, largeUnit: string, small: number, smallUnit: string) {
  const rest = Math.floor((value % large) / small)
  return `${Math.floor(value / large)} ${largeUnit} ${String(rest).padStart(2, '0')} ${smallUnit}`
}
