// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Badge, JobSummary } from '@/api/types'
import { jobSummary } from '@/testing/fixtures'
import { filterFrom, kDefaultSort, kNoFilter, matches, queryOf, sortFrom } from './filter'
import { FrameBatch } from './frame-batch'
import { JobRows } from './job-rows'
import { compareBy, naturalKey } from './ordering'

const names = (rows: readonly JobSummary[]) => rows.map(({ name }) => name)
const job = (name: string, badge: Badge = 'RUNNING', more: Partial<JobSummary> = {}) =>
  jobSummary({ id: name, name, badge, ...more })

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
    const one = job('carrier-delays', 'RUNNING', { tags: ['Flights'] })
    expect(matches({ ...kNoFilter, text: 'fli CARR' }, one)).toBe(true)
    expect(matches({ ...kNoFilter, text: 'fli weather' }, one)).toBe(false)
  })

  it('takes a line for all of its versions', () => {
    const one = job('a', 'RUNNING', { version: '1.20.3' })
    expect(matches({ ...kNoFilter, versions: ['1.20'] }, one)).toBe(true)
    expect(matches({ ...kNoFilter, versions: ['1.2'] }, one)).toBe(false)
  })
})

describe('the order', () => {
  it('counts numbers as numbers', () => {
    const rows = ['job 10', 'Job 2', 'job 1'].map((name) => job(name))
    expect(names(rows.sort(compareBy(kDefaultSort)))).toEqual(['job 1', 'Job 2', 'job 10'])
    expect(naturalKey('A9')).toBe('a000000000009')
  })

  it('puts the worst first by badge, then goes by name', () => {
    const rows = [job('b'), job('a'), job('c', 'FAILED')]
    const order = compareBy({ key: 'badge', direction: 'asc' })
    expect(names(rows.sort(order))).toEqual(['c', 'a', 'b'])
  })

  it('keeps names ascending under a descending sort', () => {
    const rows = [job('b'), job('a'), job('c', 'RUNNING', { restarts: 3 })]
    const order = compareBy({ key: 'restarts', direction: 'desc' })
    expect(names(rows.sort(order))).toEqual(['c', 'a', 'b'])
  })
})

describe('JobRows', () => {
  let rows: JobRows

  beforeEach(() => {
    rows = new JobRows()
    for (const name of ['c', 'a', 'b']) rows.upsert(job(name))
    rows.view()
  })

  it('puts in order what came and changed', () => {
    rows.upsert(job('bb'))
    rows.upsert({ ...job('a'), name: 'z' })
    rows.remove('c')
    expect(names(rows.view().rows)).toEqual(['b', 'bb', 'z'])
  })

  it('keeps unchanged jobs the same objects', () => {
    const before = rows.view().rows
    rows.upsert(job('b', 'FAILED'))
    const after = rows.view().rows
    expect(after[0]).toBe(before[0])
    expect(after[1]).not.toBe(before[1])
  })

  it('counts by badge aside from the badges asked for', () => {
    rows.show({ ...kNoFilter, badges: ['FAILED'] }, kDefaultSort)
    rows.upsert(job('b', 'FAILED'))
    const view = rows.view()
    expect(names(view.rows)).toEqual(['b'])
    expect(view.counts.get('RUNNING')).toBe(2)
    rows.remove('a')
    expect(rows.view().counts.get('RUNNING')).toBe(1)
  })

  it('moves nothing while held, and everything after', () => {
    rows.show(kNoFilter, { key: 'badge', direction: 'asc' })
    rows.view()
    rows.hold()
    rows.upsert(job('c', 'FAILED'))
    rows.upsert(job('0'))
    rows.remove('a')
    const held = rows.view()
    expect(names(held.rows)).toEqual(['a', 'b', 'c'])
    expect(held.rows[2]?.badge).toBe('FAILED')
    expect(held.waiting).toBe(true)
    rows.release()
    const free = rows.view()
    expect(names(free.rows)).toEqual(['c', '0', 'b'])
    expect(free.waiting).toBe(false)
  })

  it('is not waiting when a held change moves nothing', () => {
    rows.hold()
    rows.upsert(job('b', 'SAVING'))
    expect(rows.view().waiting).toBe(false)
  })

  it('does as well by moving rows as by sorting anew', () => {
    const random = (seed: number) => ((seed * 16_807) % 2_147_483_647) / 2_147_483_647
    const moved = new JobRows()
    const badges: Badge[] = ['RUNNING', 'FAILED', 'STOPPED']
    moved.show({ ...kNoFilter, badges: ['RUNNING', 'FAILED'] }, { key: 'badge', direction: 'desc' })
    const truth = new Map<string, JobSummary>()
    let seed = 7
    for (let step = 0; step < 400; step += 1) {
      seed = (seed * 16_807) % 2_147_483_647
      const id = `job ${Math.floor(random(seed) * 60)}`
      const badge = badges[seed % 3] ?? 'RUNNING'
      const one = job(id, badge)
      truth.set(id, one)
      moved.upsert(one)
      if (step % 5 === 0) {
        truth.delete(id)
        moved.remove(id)
      }
      const wanted = [...truth.values()]
        .filter(({ badge: its }) => its !== 'STOPPED')
        .sort(compareBy({ key: 'badge', direction: 'desc' }))
      expect(names(moved.view().rows)).toEqual(names(wanted))
    }
  })
})

describe('FrameBatch', () => {
  const frames: (() => void)[] = []
  const timers: [() => void, number][] = []
  const cancel = vi.fn()
  const clear = vi.fn()
  let time = 0
  const fake = {
    request: (callback: () => void) => frames.push(callback),
    cancel,
    delay: (callback: () => void, rest: number) => timers.push([callback, rest]),
    clear,
    now: () => time,
  }

  beforeEach(() => {
    frames.length = 0
    timers.length = 0
    time = 0
  })

  it('acts at the next frame, once', () => {
    const act = vi.fn()
    const batch = new FrameBatch(act, 100, fake)
    batch.ask()
    batch.ask()
    expect(frames).toHaveLength(1)
    frames[0]?.()
    expect(act).toHaveBeenCalledTimes(1)
  })

  it('rests between two drawings', () => {
    const act = vi.fn()
    const batch = new FrameBatch(act, 100, fake)
    batch.ask()
    frames[0]?.()
    time = 30
    batch.ask()
    batch.ask()
    expect(timers.map(([, rest]) => rest)).toEqual([70])
    timers[0]?.[0]()
    frames[1]?.()
    expect(act).toHaveBeenCalledTimes(2)
  })

  it('forgets what was asked for when it is stopped', () => {
    const batch = new FrameBatch(vi.fn(), 100, fake)
    batch.ask()
    batch.stop()
    expect(cancel).toHaveBeenCalledWith(1)
  })
})
