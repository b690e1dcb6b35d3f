// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import type { Badge } from '@/api/types'
import { jobSummary } from '@/testing/fixtures'
import { choicesOf } from './choices'
import { filterFrom, kDefaultSort, kNoFilter, matches, queryOf, sortFrom } from './filter'

const job = (name: string, more = {}) => jobSummary({ id: name, name, ...more })

describe('the filter', () => {
  it('survives the way through the address', () => {
    const filter = {
      text: 'delay eu',
      badges: ['FAILED', 'DEGRADED'] as Badge[],
      tags: ['flights'],
      clusters: ['c1'],
      owners: ['ada'],
      versions: ['1.20'],
    }
    const sort = { key: 'restarts', direction: 'desc' } as const
    const query = queryOf(filter, sort)
    expect(filterFrom(query)).toEqual(filter)
    expect(sortFrom(query)).toEqual(sort)
  })

  it('leaves an address empty for the plain list, and bad values aside', () => {
    expect(queryOf(kNoFilter, kDefaultSort)).toEqual({})
    expect(filterFrom({ badge: ['NOPE', 'FAILED'] }).badges).toEqual(['FAILED'])
    expect(sortFrom({ sort: '-nope' })).toEqual(kDefaultSort)
  })

  it('finds all words anywhere in name, tags, owner and target', () => {
    const one = job('carrier-delays', { tags: ['Flights'] })
    expect(matches({ ...kNoFilter, text: 'fli CARR' }, one)).toBe(true)
    expect(matches({ ...kNoFilter, text: 'fli weather' }, one)).toBe(false)
  })

  it('takes a line for all of its versions', () => {
    const one = job('a', { version: '1.20.3' })
    expect(matches({ ...kNoFilter, versions: ['1.20'] }, one)).toBe(true)
    expect(matches({ ...kNoFilter, versions: ['1.2'] }, one)).toBe(false)
  })
})

describe('the choices', () => {
  const jobs = [
    job('a', { tags: ['x'], owner: { id: 'u1', name: 'ada' } }),
    job('b', { tags: ['x', 'y'], owner: { id: 'u2', name: 'bob' } }),
    job('c', { tags: ['y'], owner: { id: 'u2', name: 'bob' } }),
  ]
  const counts = (filter: Partial<typeof kNoFilter>) => {
    const { tags, owners } = choicesOf(jobs, { ...kNoFilter, ...filter })
    return [tags, owners].map((all) => all.map(({ label, count }) => `${label} ${count}`))
  }

  it('are of all jobs', () => {
    expect(counts({})).toEqual([
      ['x 2', 'y 2'],
      ['ada 1', 'bob 2'],
    ])
  })

  it('count in each field what matches the other fields, so that more can be added', () => {
    expect(counts({ tags: ['x'] })).toEqual([
      ['x 2', 'y 2'],
      ['ada 1', 'bob 1'],
    ])
  })

  it('keep what is chosen though nothing has it any more', () => {
    expect(counts({ tags: ['x'], owners: ['carl'] })[0]).toEqual(['x 0'])
  })
})
