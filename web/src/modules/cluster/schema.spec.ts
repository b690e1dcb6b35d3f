// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { formOf, parseOptions, specOf } from './schema'

describe('the cluster form', () => {
  it('gives back the spec that it was made of', () => {
    const spec = {
      name: 'local',
      teamId: 't1',
      engine: 'FLINK' as const,
      kind: 'STANDALONE' as const,
      description: '',
      installationId: 'i1',
      checkpointDirectory: null,
      savepointDirectory: '/data/savepoints',
      jobManagerMemory: '900m',
      taskManagers: 2,
      taskManagerMemory: '1400m',
      slotsPerTaskManager: 4,
      options: { 'jobmanager.scheduler': 'adaptive', 'taskmanager.numberOfTaskSlots': '4' },
      restart: { attempts: 3, within: '5m' },
    }
    expect(specOf(formOf(spec))).toEqual(spec)
  })

  it('has a switch for the scheduler that rescales in place, and a typed one wins', () => {
    const form = formOf({
      ...specOf(formOf(null)),
      options: { 'jobmanager.scheduler': 'adaptive' },
    })
    expect(form).toMatchObject({ rescalesInPlace: true, options: '' })
    expect(specOf({ ...form, rescalesInPlace: false }).options).toEqual({})
    expect(specOf({ ...form, options: 'jobmanager.scheduler: default' }).options).toEqual({
      'jobmanager.scheduler': 'default',
    })
  })

  it('sends a remote cluster its addresses and no memory', () => {
    const spec = specOf({
      ...formOf(null),
      kind: 'REMOTE',
      addresses: ' http://a:8081,\nhttp://b:8081 ',
    })
    expect(spec.addresses).toEqual(['http://a:8081', 'http://b:8081'])
    expect(spec).not.toHaveProperty('jobManagerMemory')
  })

  it('reads options line by line and names what is none', () => {
    expect(parseOptions('a.b: 1\n# note\n\nc-d=x = y\nnonsense')).toEqual({
      options: { 'a.b': '1', 'c-d': 'x = y' },
      bad: ['nonsense'],
    })
  })
})
