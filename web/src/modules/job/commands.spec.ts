// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { expecting } from './commands'
import { aJob } from './testing'

describe('expecting', () => {
  it('shows the job as it will be from the click on', () => {
    const now = '2026-03-01T12:00:01Z'
    expect(expecting(aJob({ badge: 'READY' }), { kind: 'START' }, now)).toMatchObject({
      badge: 'STARTING',
      badgeSince: now,
      operation: { id: '', kind: 'START' },
    })
    expect(expecting(aJob(), { kind: 'STOP', savepoint: 'YES' }, now).badge).toBe('SAVING')
    expect(expecting(aJob(), { kind: 'STOP', savepoint: 'NO' }, now).badge).toBe('STOPPING')
  })
})
