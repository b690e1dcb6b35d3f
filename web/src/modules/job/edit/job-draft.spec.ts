// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { aJob } from '../testing'
import { clone, differences, draftOf, faultsOf, merge, newDraft, sqlRequestOf } from './job-draft'

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
    expect(Object.keys(faultsOf(draft)).sort()).toEqual([
      '/name',
      '/spec/dependencies/maven/0',
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
