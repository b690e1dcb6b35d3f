// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { complete, latest, restoreOf, safestChoice, usable } from './restore'
import { aJob, aSnapshot } from './testing'

const older = aSnapshot({ id: 'older', triggeredAt: '2026-03-01T11:00:00Z' })
const newer = aSnapshot({ id: 'newer', kind: 'CHECKPOINT', verification: 'UNVERIFIED' })
const broken = aSnapshot({
  id: 'broken',
  triggeredAt: '2026-03-01T13:00:00Z',
  verification: 'INVALID',
})
const all = [broken, older, newer]

describe('the safest start', () => {
  it('goes on from the newest state that can be used, leaving the snapshot alone', () => {
    expect(latest(all)?.id).toBe('newer')
    expect(safestChoice(all)).toEqual({
      from: 'LATEST',
      snapshotId: 'newer',
      path: '',
      mode: 'NO_CLAIM',
      allowNonRestored: false,
    })
  })

  it('is the snapshot that was asked for', () => {
    expect(safestChoice(all, older)).toMatchObject({ from: 'SNAPSHOT', snapshotId: 'older' })
  })

  it('is empty where there is no state', () => {
    expect(safestChoice([broken]).from).toBe('NOTHING')
    expect(safestChoice([]).from).toBe('NOTHING')
  })

  it('does not take what may be incomplete', () => {
    expect(usable(aSnapshot({ verification: 'UNCONFIRMED' }))).toBe(false)
    expect(usable(aSnapshot({ completedAt: null }))).toBe(false)
  })
})

describe('what is sent', () => {
  const choice = safestChoice(all)

  it('says nothing for a job that never ran, and that empty is meant for one that did', () => {
    const empty = { ...choice, from: 'NOTHING' as const }
    expect(restoreOf(empty, aJob({ attempts: [] }), [])).toBeUndefined()
    expect(restoreOf(empty, aJob(), [])).toEqual({
      from: 'NOTHING',
      mode: 'NO_CLAIM',
      allowNonRestored: false,
    })
  })

  it('names the snapshot or the path alone', () => {
    expect(restoreOf(choice, aJob(), all)).toEqual({
      from: 'LATEST',
      mode: 'NO_CLAIM',
      allowNonRestored: false,
    })
    expect(
      restoreOf({ ...choice, from: 'PATH', path: ' file:///x ', mode: 'CLAIM' }, aJob(), all),
    ).toEqual({
      from: 'PATH',
      path: 'file:///x',
      mode: 'CLAIM',
      allowNonRestored: false,
    })
  })

  it('waits until the choice is whole', () => {
    expect(complete({ ...choice, from: 'PATH', path: ' ' })).toBe(false)
    expect(complete({ ...choice, from: 'SNAPSHOT', snapshotId: '' })).toBe(false)
    expect(complete(choice)).toBe(true)
  })
})
