// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import type { Badge } from '@/api/types'
import { offers } from './actions'
import { expecting } from './commands'
import { duplicates, fromRows, newRow, parsePasted, toRows } from './components/option-rows'
import { pace } from './queries'
import { historyOf, measure, record } from './rate-history'
import { settingsText } from './settings-text'
import { aJob, anAttempt, anOperation, aVertex } from './testing'
import { failedStep, timeline } from './timeline'
import { bottleneck, loadOf, shortName, toneOf } from './vertex-look'

describe('offers', () => {
  it('puts what one most likely wants in the two buttons', () => {
    const buttons = (badge: Badge) => offers(aJob({ badge })).buttons.map(({ kind }) => kind)
    expect(buttons('RUNNING')).toEqual(['STOP', 'SAVEPOINT'])
    expect(buttons('SUSPENDED')).toEqual(['START', 'EDIT'])
    expect(buttons('DEGRADED')).toEqual(['RESTART', 'STOP'])
  })

  it('keeps a refused button with its reason', () => {
    const job = aJob({
      badge: 'READY',
      actions: [{ kind: 'START', allowed: false, reason: 'RELEASE is under way.' }],
    })
    expect(offers(job).buttons[0]).toEqual({
      kind: 'START',
      allowed: false,
      reason: 'RELEASE is under way.',
    })
  })

  it('offers nothing twice, and only the way back for a deleted job', () => {
    const { buttons, menu } = offers(aJob())
    const kinds = [...buttons, ...menu].map(({ kind }) => kind)
    expect(new Set(kinds).size).toBe(kinds.length)
    expect(
      offers(aJob({ deletedAt: '2026-03-01T12:00:00Z' })).buttons.map(({ kind }) => kind),
    ).toEqual(['UNDELETE'])
  })
})

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

describe('pace', () => {
  it('reads anew only while something moves', () => {
    expect(pace('RUNNING', 2000)).toBe(2000)
    expect(pace('STOPPED', 2000)).toBe(false)
    expect(pace(undefined, 2000)).toBe(false)
  })
})

describe('timeline', () => {
  it('is one line, newest first, an attempt above the operation that began it', () => {
    const at = (second: number) => `2026-03-01T12:00:0${second}Z`
    const entries = timeline(
      [
        anOperation({ id: 'stop', requestedAt: at(5) }),
        anOperation({ id: 'start', requestedAt: at(1) }),
      ],
      [anAttempt({ id: 'life', startedAt: at(1) })],
      false,
    )
    expect(entries.map(({ id }) => id)).toEqual(['stop', 'attempt life', 'start'])
  })

  it('lets older attempts wait for the operations of their time', () => {
    const entries = timeline(
      [anOperation({ requestedAt: '2026-03-01T12:00:05Z' })],
      [anAttempt({ startedAt: '2026-03-01T12:00:01Z' })],
      true,
    )
    expect(entries).toHaveLength(1)
  })

  it('names the step that failed', () => {
    const step = (name: string, state: 'SUCCEEDED' | 'FAILED') => ({
      name,
      state,
      startedAt: null,
      finishedAt: null,
      message: '',
      done: null,
      total: null,
    })
    expect(
      failedStep(anOperation({ steps: [step('A', 'SUCCEEDED'), step('B', 'FAILED')] }))?.name,
    ).toBe('B')
  })
})

describe('the graph', () => {
  const graph = {
    attemptId: 'a',
    observedAt: '2026-03-01T12:00:00Z',
    vertices: [
      aVertex('source', {
        backPressureRatio: 0.9,
        busyRatio: 0.1,
        recordsInPerSecond: 0,
        recordsOutPerSecond: 100,
      }),
      aVertex('join', { busyRatio: 0.99 }),
      aVertex('sink', { recordsInPerSecond: 7, recordsOutPerSecond: 0 }),
    ],
    edges: [
      { source: 'source', target: 'join', shipStrategy: 'HASH' },
      { source: 'join', target: 'sink', shipStrategy: 'FORWARD' },
    ],
  }

  it('says what holds the others up', () => {
    expect(bottleneck(graph)?.id).toBe('join')
    expect(graph.vertices.map(loadOf)).toEqual(['backPressured', 'busy', 'normal'])
    expect(graph.vertices.map(toneOf)).toEqual(['red', 'amber', 'green'])
    expect(loadOf(aVertex('x', { busyRatio: null, backPressureRatio: null }))).toBe('unknown')
  })

  it('shortens names', () => {
    expect(shortName('Source: flights[1] -> Calc[2]')).toBe('Source: flights → Calc')
  })

  it('measures what comes in, what goes out and the worst', () => {
    expect(measure(graph)).toEqual({ read: 100, written: 7, busiest: 0.99, heldUp: 0.9 })
  })

  it('records each look once and leaves a gap for a pause', () => {
    const history = historyOf('some job')
    record(history, graph)
    record(history, graph)
    expect(history.read).toHaveLength(1)
    record(history, { ...graph, observedAt: '2026-03-01T12:01:00Z' })
    expect(history.read.map(({ value }) => value)).toEqual([100, null, 100])
    expect(historyOf('some job')).toBe(history)
  })
})

describe('option rows', () => {
  it('reads a pasted block of configuration', () => {
    expect(
      parsePasted('# a comment\nstate.backend.type: rocksdb\n\nx.y = "1 s"\n')?.map(
        ({ key, value }) => [key, value],
      ),
    ).toEqual([
      ['state.backend.type', 'rocksdb'],
      ['x.y', '1 s'],
    ])
    expect(parsePasted('just words')).toBeNull()
  })

  it('finds keys that are there twice and leaves out unfinished rows', () => {
    const rows = [newRow('a', '1'), newRow(' a ', '2'), newRow('', '3')]
    expect([...duplicates(rows)]).toEqual(['a'])
    expect(fromRows([newRow('', 'x'), ...toRows({ b: '1' })])).toEqual({ b: '1' })
  })
})

describe('settingsText', () => {
  it('leaves out the script and what is not set, in one order', () => {
    const { spec } = aJob()
    expect(
      settingsText({ ...spec, options: { b: '1', a: '2' }, dependencies: { maven: [] } }),
    ).toBe(settingsText({ ...spec, sql: 'other', options: { a: '2', b: '1' } }))
  })
})
