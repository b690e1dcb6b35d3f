// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from 'vitest'
import { effectScope, nextTick } from 'vue'
import { aJob } from '../testing'
import { useDraft } from './draft-keeper'
import { clone, differences, draftOf, faultsOf, merge, newDraft, sqlRequestOf } from './job-draft'
import { tableTemplate } from './table-template'

describe('drafts', () => {
  const mine = { ...draftOf(aJob()), name: 'mine' }
  const theirs = clone(draftOf(aJob()))
  theirs.spec.parallelism = 8
  theirs.spec.sql = 'SELECT 2'

  it('finds what two editors changed, the script aside', () => {
    expect(differences(theirs, mine).map(({ path }) => path)).toEqual(['name', 'spec.parallelism'])
  })

  it('merges by setting, with the script written by hand', () => {
    const merged = merge(theirs, mine, new Set(['spec.parallelism']), 'SELECT 3')
    expect(merged).toMatchObject({ name: 'mine', spec: { parallelism: 8, sql: 'SELECT 3' } })
    expect(mine.spec.parallelism).toBe(1)
  })

  it('finds faults before anything is sent', () => {
    const draft = newDraft('', '')
    draft.name = '-x'
    draft.spec.dependencies.maven = ['group:artifact', 'a:b:1']
    draft.spec.restart.backoff = '10..5m'
    expect(Object.keys(faultsOf(draft)).sort()).toEqual([
      '/name',
      '/spec/dependencies/maven/0',
      '/spec/restart/backoff',
      '/spec/target/clusterId',
      '/teamId',
    ])
    expect(faultsOf(draftOf(aJob()))).toEqual({})
  })

  it('asks the planner with whole coordinates only, and not without a target', () => {
    const draft = draftOf(aJob())
    draft.spec.dependencies.maven = ['half:', 'a:b:1']
    expect(sqlRequestOf(draft)?.dependencies?.maven).toEqual(['a:b:1'])
    expect(sqlRequestOf(newDraft('t', ''))).toBeNull()
  })
})

describe('useDraft', () => {
  beforeEach(() => localStorage.clear())
  const open = () => {
    const scope = effectScope()
    const draft = scope.run(() => useDraft('J1', draftOf(aJob()), '1'))
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
})

describe('tableTemplate', () => {
  it('has the required options as places to fill in', () => {
    const option = (key: string, required: boolean, defaultValue: string | null = null) => ({
      key,
      type: 'String',
      required,
      defaultValue,
      description: '',
    })
    const text = tableTemplate({
      identifier: 'kafka',
      source: true,
      sink: true,
      options: [option('topic', false), option('servers', true, 'a${b}'), option('format', false)],
    })
    expect(text).toContain("'servers' = '${3:a\\${b\\}}'")
    expect(text).toContain("'format' = '${4:json}'")
    expect(text).not.toContain('topic')
  })
})
