// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import type { JobSummary } from '@/api/types'
import { jobSummary } from '@/testing/fixtures'
import type { JobSort } from './filter'
import { naturalKey, Ordering } from './ordering'

const job = (name: string, more: Partial<JobSummary> = {}) =>
  jobSummary({ id: name, name, ...more })
const at = (minute: number) => new Date(minute * 60_000).toISOString()
const sorted = (jobs: JobSummary[], key: JobSort['key'], direction: JobSort['direction'] = 'asc') =>
  new Ordering({ key, direction }, 100 * 60_000)
    .sorted(jobs)
    .map(({ name, job: one }) => (name === '' ? '' : one.name))

describe('the order', () => {
  it('counts numbers as numbers', () => {
    const rows = ['job 10', 'Job 2', 'job 1'].map((name) => job(name))
    expect(sorted(rows, 'name')).toEqual(['job 1', 'Job 2', 'job 10'])
    expect(naturalKey('A9')).toBe('a000000000009')
  })

  it('puts the worst first by badge, then goes by name', () => {
    expect(sorted([job('b'), job('a'), job('c', { badge: 'FAILED' })], 'badge')).toEqual([
      'c',
      'a',
      'b',
    ])
  })

  it('keeps names ascending under a descending sort', () => {
    const rows = [job('b'), job('a'), job('c', { restarts: 3 })]
    expect(sorted(rows, 'restarts', 'desc')).toEqual(['c', 'a', 'b'])
  })

  it('goes by how long jobs ran, whether they ended or still run', () => {
    const rows = [
      job('ended long ago after 50', { startedAt: at(0), endedAt: at(50) }),
      job('ended after 5', { startedAt: at(80), endedAt: at(85) }),
      job('runs for 20', { startedAt: at(80), endedAt: null }),
      job('never ran', { startedAt: null, endedAt: null }),
    ]
    expect(sorted(rows, 'duration')).toEqual([
      'never ran',
      'ended after 5',
      'runs for 20',
      'ended long ago after 50',
    ])
  })

  it('finds a place among many', () => {
    const ordering = new Ordering({ key: 'name', direction: 'desc' })
    const rows = ordering.sorted(Array.from({ length: 100 }, (_, number) => job(`job ${number}`)))
    for (const [index, row] of rows.entries()) expect(ordering.placeIn(rows, row)).toBe(index)
    expect(ordering.placeIn(rows, ordering.place(job('job 1000')))).toBe(0)
    expect(ordering.placeIn(rows, ordering.place(job('a')))).toBe(100)
  })
})
