// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import type { Badge, JobSummary } from '@/api/types'
import { canSave, offer, offers, type ActionKind, type Can } from './actions'
import { aJob } from './testing'

const all: Can = () => true
const nobody: Can = () => false

describe('offers', () => {
  it('puts what one most likely wants in the two buttons', () => {
    const buttons = (badge: Badge) => offers(aJob({ badge }), all).buttons.map(({ kind }) => kind)
    expect(buttons('RUNNING')).toEqual(['STOP', 'SAVEPOINT'])
    expect(buttons('SUSPENDED')).toEqual(['START', 'EDIT'])
    expect(buttons('DEGRADED')).toEqual(['RESTART', 'STOP'])
  })

  it('upgrades what was edited, before anything else', () => {
    const edited = aJob({
      badge: 'RUNNING',
      revision: { wanted: 2, released: 1, deployed: 1, lastStable: 1, rollback: null },
    })
    expect(offers(edited, all).buttons.map(({ kind }) => kind)).toEqual(['UPGRADE', 'STOP'])
  })

  it('offers nothing twice, and only the way back for a deleted job', () => {
    const { buttons, menu } = offers(aJob(), all)
    const kinds = [...buttons, ...menu].map(({ kind }) => kind)
    expect(new Set(kinds).size).toBe(kinds.length)
    expect(
      offers(aJob({ deletedAt: '2026-03-01T12:00:00Z' }), all).buttons.map(({ kind }) => kind),
    ).toEqual(['UNDELETE'])
  })
})

describe('offer', () => {
  const codeOf = (job: JobSummary, kind: ActionKind, can = all) =>
    offer(job, kind, can).refusal?.code

  it('asks for the permission of the team first', () => {
    expect(codeOf(aJob(), 'STOP', nobody)).toBe('FORBIDDEN')
    const asked: unknown[] = []
    offer(aJob(), 'STOP', (...of) => asked.push(of) > 0)
    offer(aJob(), 'EDIT', (...of) => asked.push(of) > 0)
    expect(asked).toEqual([
      ['job:operate', 't'],
      ['job:edit', 't'],
    ])
  })

  it('allows what the API allows', () => {
    expect(offer(aJob(), 'STOP', all).refusal).toBeNull()
  })

  it('says why not as the API does', () => {
    const busy = aJob({
      actions: [
        {
          kind: 'START',
          allowed: false,
          reason: 'RELEASE is under way.',
          code: 'BUSY',
          parameters: { kind: 'RELEASE' },
        },
      ],
    })
    expect(offer(busy, 'START', all).refusal).toEqual({
      code: 'BUSY',
      parameters: { kind: 'RELEASE' },
      message: 'RELEASE is under way.',
    })
  })
})

describe('canSave', () => {
  it('is so while nothing else is under way and all tasks run', () => {
    const operation = { id: 'o', kind: 'SAVEPOINT', step: '', startedAt: null } as const
    expect(canSave(aJob())).toBe(true)
    expect(canSave(aJob({ badge: 'DEGRADED' }))).toBe(true)
    expect(canSave(aJob({ badge: 'SAVING', operation }))).toBe(false)
    expect(canSave(aJob({ badge: 'RESTARTING' }))).toBe(false)
  })
})
