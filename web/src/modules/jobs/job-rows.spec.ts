// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from 'vitest'
import type { Badge, JobSummary } from '@/api/types'
import { jobSummary } from '@/testing/fixtures'
import { kDefaultSort, kNoFilter } from './filter'
import { JobRows } from './job-rows'
import { Ordering } from './ordering'

const names = (rows: readonly JobSummary[]) => rows.map(({ name }) => name)
const job = (name: string, badge: Badge = 'RUNNING', more: Partial<JobSummary> = {}) =>
  jobSummary({ id: name, name, badge, ...more })

let rows: JobRows
beforeEach(() => {
  rows = new JobRows()
  for (const name of ['c', 'a', 'b']) rows.upsert(job(name))
})

describe('JobRows', () => {
  it('puts in order what came and changed', () => {
    rows.upsert(job('bb'))
    rows.upsert({ ...job('a'), name: 'z' })
    rows.remove('c')
    expect(names(rows.view().rows)).toEqual(['b', 'bb', 'z'])
  })

  it('keeps unchanged jobs the same objects, and an unchanged list the same list', () => {
    const before = rows.view().rows
    expect(rows.view().rows).toBe(before)
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

  it('forgets what a fresh reading no longer has', () => {
    rows.keepOnly(new Set(['b']))
    expect(names(rows.view().rows)).toEqual(['b'])
    expect(rows.view().known).toBe(1)
  })
})

describe('JobRows while the pointer moves', () => {
  beforeEach(() => {
    rows.show(kNoFilter, { key: 'badge', direction: 'asc' })
    rows.hold(3)
  })

  it('moves nothing that is in view, and everything once the pointer is away', () => {
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

  it('is not waiting when a change moves nothing, or is taken back', () => {
    rows.upsert({ ...job('b'), restarts: 2 })
    expect(rows.view().waiting).toBe(false)
    rows.upsert(job('b', 'SAVING'))
    expect(rows.view().waiting).toBe(true)
    rows.upsert(job('b'))
    expect(rows.view().waiting).toBe(false)
  })

  it('keeps what has been drawn, not what has come since', () => {
    rows.release()
    expect(names(rows.view().rows)).toEqual(['a', 'b', 'c'])
    rows.upsert(job('0', 'FAILED'))
    rows.hold(3)
    expect(names(rows.view().rows)).toEqual(['a', 'b', 'c'])
    rows.park('b')
    expect(names(rows.view().rows)).toEqual(['0', 'b', 'a', 'c'])
  })

  it('goes on below what is in view, as a list that is still being read does', () => {
    rows.upsert(job('e'))
    rows.upsert(job('d'))
    expect(names(rows.view().rows)).toEqual(['a', 'b', 'c', 'd', 'e'])
    rows.remove('d')
    expect(names(rows.view().rows)).toEqual(['a', 'b', 'c', 'e'])
    expect(rows.view().waiting).toBe(false)
  })
})

describe('JobRows while the pointer rests on a row', () => {
  beforeEach(() => {
    rows.show(kNoFilter, { key: 'badge', direction: 'asc' })
    rows.park('b')
  })

  it('keeps that row where it is and moves all others', () => {
    rows.upsert(job('c', 'FAILED'))
    expect(names(rows.view().rows)).toEqual(['c', 'b', 'a'])
    rows.upsert(job('0', 'FAILED'))
    expect(names(rows.view().rows)).toEqual(['0', 'b', 'c', 'a'])
  })

  it('shows its new values, and keeps it even when it no longer belongs here', () => {
    rows.upsert(job('b', 'FAILED'))
    expect(names(rows.view().rows)).toEqual(['a', 'b', 'c'])
    expect(rows.view().rows[1]?.badge).toBe('FAILED')
    rows.remove('b')
    expect(names(rows.view().rows)).toEqual(['a', 'b', 'c'])
    rows.release()
    expect(names(rows.view().rows)).toEqual(['a', 'c'])
  })

  it('keeps it when its own move was put off while the pointer came to rest', () => {
    rows.hold(3)
    rows.upsert(job('c', 'FAILED'))
    rows.upsert(job('0', 'FAILED'))
    expect(names(rows.view().rows)).toEqual(['a', 'b', 'c'])
    rows.park('c')
    expect(names(rows.view().rows)).toEqual(['0', 'a', 'c', 'b'])
  })

  it('keeps it when the pointer moves again, and until it rests elsewhere', () => {
    rows.upsert(job('b', 'FAILED'))
    rows.hold(3)
    expect(names(rows.view().rows)).toEqual(['a', 'b', 'c'])
    rows.park('c')
    expect(names(rows.view().rows)).toEqual(['b', 'a', 'c'])
  })
})

describe('JobRows when too few rows are left before the one that is pointed at', () => {
  const placeOf = (name: string) => {
    const { lead, rows: drawn } = rows.view()
    return lead + names(drawn).indexOf(name)
  }

  beforeEach(() => {
    for (const name of ['d', 'e', 'f']) rows.upsert(job(name))
    rows.view()
    rows.park('e')
    for (const name of ['a', 'b', 'f']) rows.remove(name)
  })

  it('puts blank rows above, as many as are missing', () => {
    expect(names(rows.view().rows)).toEqual(['c', 'd', 'e'])
    expect(rows.view().lead).toBe(2)
    rows.remove('c')
    expect(rows.view().lead).toBe(3)
    rows.upsert(job('g'))
    rows.upsert(job('h'))
    expect(rows.view().lead).toBe(1)
    expect(placeOf('e')).toBe(4)
  })

  it('takes them away with the pointer', () => {
    expect(rows.view()).toMatchObject({ lead: 2, held: true })
    rows.release()
    expect(rows.view()).toMatchObject({ lead: 0, held: false })
    expect(names(rows.view().rows)).toEqual(['c', 'd', 'e'])
  })

  it('keeps another row where it is seen when the pointer goes on to that one', () => {
    expect(placeOf('d')).toBe(3)
    rows.hold(5 - rows.view().lead)
    rows.remove('c')
    expect(placeOf('d')).toBe(3)
    rows.park('d')
    expect(placeOf('d')).toBe(3)
    expect(names(rows.view().rows)).toEqual(['e', 'd'])
    expect(rows.view().lead).toBe(2)
  })
})

describe('JobRows under a storm', () => {
  const kSort = { key: 'badge', direction: 'desc' } as const
  const kFilter = { ...kNoFilter, badges: ['RUNNING', 'FAILED'] as Badge[] }

  it('does as well by moving rows as by sorting anew, and keeps what must stay meanwhile', () => {
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 16_807) % 2_147_483_647
      return seed % below
    }
    const badges: Badge[] = ['RUNNING', 'FAILED', 'STOPPED']
    const storm = new JobRows()
    storm.show(kFilter, kSort)
    const truth = new Map<string, JobSummary>()
    const kept = 20
    for (let round = 0; round < 60; round += 1) {
      const how = ['away', 'moving', 'resting'][random(3)]
      const before = storm.view().rows
      const at = before.length === 0 ? 0 : random(before.length)
      const pinned = before[at]?.id
      if (how === 'away') storm.release()
      if (how === 'moving') storm.hold(kept)
      if (how === 'resting') storm.park(pinned ?? null)
      const placed = names(storm.view().rows).slice(0, kept)
      const found = storm.view().rows.findIndex(({ id }) => id === pinned)
      const rest = found < 0 ? found : found + storm.view().lead
      for (let step = 0; step < 20; step += 1) {
        const one = job(`job ${random(80)}`, badges[random(3)])
        if (random(5) === 0) {
          truth.delete(one.id)
          storm.remove(one.id)
        } else {
          truth.set(one.id, one)
          storm.upsert(one)
        }
        const now = storm.view().rows
        if (how === 'moving' && placed.length === kept)
          expect(names(now).slice(0, kept)).toEqual(placed)
        if (how === 'resting' && rest >= 0) expect(now[rest - storm.view().lead]?.id).toBe(pinned)
      }
      storm.release()
      const wanted = [...truth.values()].filter(({ badge }) => badge !== 'STOPPED')
      expect(names(storm.view().rows)).toEqual(
        new Ordering(kSort).sorted(wanted).map(({ job: { name } }) => name),
      )
      expect(storm.view().waiting).toBe(false)
      expect(storm.view().counts.get('STOPPED') ?? 0).toBe(truth.size - wanted.length)
    }
  })
})
