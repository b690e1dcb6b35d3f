// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { jobSummary } from '@/testing/fixtures'
import { Ordering } from './ordering'
import { numberIn } from './numbers'

const t = (key: string, values: Record<string, string>) => `${key} ${values['count'] ?? ''}`.trim()
const cell = (column: Parameters<typeof numberIn>[0], changes = {}, locale = 'en-US') =>
  numberIn(column, jobSummary(changes), t, locale)

describe('cells that hold a number', () => {
  it('are short, with the exact number beside', () => {
    expect(cell('recordsIn', { recordsInPerSecond: 1234.56 })).toEqual({
      text: '1.2k/s',
      title: 'jobs.number.recordsIn 1,234.56',
      muted: false,
    })
    expect(cell('lag', { pendingRecords: 2_500_000 })).toMatchObject({
      text: '2.5M',
      title: 'jobs.number.lag 2,500,000',
    })
    expect(cell('slots', { slots: 4 })?.text).toBe('4')
    expect(cell('parallelism', { parallelism: 8 })?.text).toBe('8')
  })

  it('tell nothing from zero', () => {
    for (const column of ['recordsIn', 'recordsOut', 'lag', 'slots'] as const)
      expect(
        cell(column, {
          recordsInPerSecond: null,
          recordsOutPerSecond: null,
          pendingRecords: null,
          slots: null,
        }),
      ).toEqual({ text: '–', title: 'jobs.number.unknown', muted: true })
    expect(cell('recordsOut', { recordsOutPerSecond: 0 })).toMatchObject({
      text: '0/s',
      muted: true,
    })
    expect(cell('lag', { pendingRecords: 0 })?.text).toBe('0')
  })

  it('are none of the other columns', () => {
    expect(cell('owner')).toBeNull()
    expect(cell('duration')).toBeNull()
  })

  it('are what the list is ordered by, what is not known last of the largest first', () => {
    const jobs = [null, 5, 0, 70].map((pendingRecords) =>
      jobSummary({ id: String(pendingRecords), name: String(pendingRecords), pendingRecords }),
    )
    const order = (direction: 'asc' | 'desc') =>
      new Ordering({ key: 'lag', direction }).sorted(jobs).map(({ job }) => job.pendingRecords)
    expect(order('desc')).toEqual([70, 5, 0, null])
    expect(order('asc')).toEqual([null, 0, 5, 70])
  })
})
