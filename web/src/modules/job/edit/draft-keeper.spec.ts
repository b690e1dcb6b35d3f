// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from 'vitest'
import { effectScope, nextTick } from 'vue'
import { aJob } from '../testing'
import { useDraft } from './draft-keeper'
import { draftOf } from './job-draft'

describe('useDraft', () => {
  beforeEach(() => localStorage.clear())
  const open = (owner = 'ada') => {
    const scope = effectScope()
    const draft = scope.run(() => useDraft(owner, 'J1', draftOf(aJob()), '1'))
    if (draft === undefined) throw new Error('no scope')
    return { ...draft, close: () => scope.stop() }
  }

  it('brings back what was not saved, with the edition it was begun from', async () => {
    const first = open()
    first.draft.spec.sql = 'SELECT 42'
    await nextTick()
    expect(first.dirty.value).toBe(true)
    first.close()

    const second = open()
    expect(second.restored.value).not.toBeNull()
    expect(second.draft.spec.sql).toBe('SELECT 42')
    second.discard()
    expect(second.draft.spec.sql).toBe('SELECT 1')
    expect(second.dirty.value).toBe(false)
    second.close()
    expect(open().restored.value).toBeNull()
  })

  it('forgets what was saved', () => {
    const editing = open()
    editing.draft.name = 'new name'
    editing.accept({ ...draftOf(aJob()), name: 'new name' }, '2')
    expect(editing.dirty.value).toBe(false)
    expect(editing.etag.value).toBe('2')
    editing.close()
    expect(localStorage.length).toBe(0)
  })

  it('is nobody else’s', async () => {
    const mine = open()
    mine.draft.spec.sql = 'SELECT 42'
    await nextTick()
    mine.close()
    expect(open('bob').restored.value).toBeNull()
    expect(open().restored.value).not.toBeNull()
  })

  it('of a new job goes on as that job’s when it has its id', async () => {
    const scope = effectScope()
    const first = scope.run(() => useDraft('ada', 'new', draftOf(aJob()), ''))
    if (first === undefined) throw new Error('no scope')
    first.accept(draftOf(aJob()), '1')
    first.adopt('J1')
    first.draft.spec.sql = 'typed while it was being saved'
    await nextTick()
    scope.stop()
    expect(open().draft.spec.sql).toBe('typed while it was being saved')
    const other = effectScope()
    const next = other.run(() => useDraft('ada', 'new', draftOf(aJob()), ''))
    expect(next?.restored.value).toBeNull()
    other.stop()
  })
})
