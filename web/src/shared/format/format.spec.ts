// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import {
  formatAbsolute,
  formatAge,
  formatBytes,
  formatCompact,
  formatRate,
  formatDuration,
  formatRelative,
} from '.'

const kMinute = 60_000
const kHour = 60 * kMinute
const kDay = 24 * kHour

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1000, '1 s'],
    [59_999, '59 s'],
    [4 * kMinute + 8_000, '4 m 08 s'],
    [3 * kHour + 7 * kMinute, '3 h 07 m'],
    [12 * kDay + 4 * kHour, '12 d 04 h'],
    [-5, '0 ms'],
  ])('%d ms is %s', (value, text) => {
    expect(formatDuration(value)).toBe(text)
  })

  it.each([
    [900, '0 s'],
    [61_000, '1 m'],
    [47 * kHour, '47 h'],
    [48 * kHour, '2 d'],
  ])('an age of %d ms is %s', (value, text) => {
    expect(formatAge(value)).toBe(text)
  })
})

describe('quantities', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [1_572_864, '1.50 MiB'],
    [1_073_741_823, '1.00 GiB'],
    [137_438_953_472, '128 GiB'],
  ])('%d bytes are %s', (value, text) => {
    expect(formatBytes(value)).toBe(text)
  })

  it('shortens counts', () => {
    expect([987, 12_345, 4_500_000].map(formatCompact)).toEqual(['987', '12.3k', '4.5M'])
  })

  it('writes rates with their unit, and no zero for what is none', () => {
    expect([0, 0.04, 0.5, 99.96, 1234, 2_500_000].map(formatRate)).toEqual([
      '0/s',
      '<0.1/s',
      '0.5/s',
      '100/s',
      '1.2k/s',
      '2.5M/s',
    ])
  })
})

describe('times', () => {
  const now = Date.parse('2026-03-01T12:00:00Z')

  it('counts back in the language', () => {
    expect(formatRelative(now - 3 * kMinute, now, 'en-US')).toBe('3 minutes ago')
    expect(formatRelative(now - 3 * kMinute, now, 'zh-CN')).toBe('3分钟前')
  })

  it("does not show a clock's skew as the future", () => {
    expect(formatRelative(now + 2_000, now, 'en-US')).toBe('now')
  })

  it('writes milliseconds', () => {
    expect(formatAbsolute(now + 42, 'en-US')).toMatch(/^2026-03-01 \d\d:00:00\.042 /)
  })
})
