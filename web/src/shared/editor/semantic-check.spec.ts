// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import type { SqlRequest, SqlVerdict } from '@/api/types'
import { useSemanticCheck } from './semantic-check'

const answer = (tookMs: number): SqlVerdict => ({
  diagnostics: [],
  statements: [],
  tables: [],
  tookMs,
})

describe('useSemanticCheck', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function begin(ask: (request: SqlRequest, signal: AbortSignal) => Promise<SqlVerdict>) {
    const request = ref<SqlRequest | null>({ teamId: 't', clusterId: 'c', sql: 'SELECT 1' })
    const scope = effectScope()
    const check = scope.run(() => useSemanticCheck(request, ask, 500))
    if (check === undefined) throw new Error('no scope')
    return { request, check, scope }
  }

  it('asks once when typing rests', async () => {
    const ask = vi.fn(() => Promise.resolve(answer(5)))
    const { request, check } = begin(ask)
    request.value = { teamId: 't', clusterId: 'c', sql: 'SELECT 2' }
    await nextTick()
    await vi.advanceTimersByTimeAsync(499)
    expect(ask).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(ask).toHaveBeenCalledOnce()
    expect(check.verdict.value).toMatchObject({ sql: 'SELECT 2', tookMs: 5 })
    expect(check.state.value).toBe('checked')
  })

  it('never shows the answer to a text that was overtaken', async () => {
    const release: ((verdict: SqlVerdict) => void)[] = []
    const { request, check } = begin(() => new Promise((resolve) => release.push(resolve)))
    const first = check.checkNow()
    request.value = { teamId: 't', clusterId: 'c', sql: 'SELECT 2' }
    const second = check.checkNow()
    release[1]?.(answer(2))
    release[0]?.(answer(1))
    await Promise.all([first, second])
    expect(check.verdict.value).toMatchObject({ sql: 'SELECT 2', tookMs: 2 })
  })

  it('keeps the problem when the planner cannot be asked, and asks nothing for an empty script', async () => {
    const ask = vi.fn(() => Promise.reject(new Error('down')))
    const { request, check } = begin(ask)
    await check.checkNow()
    expect(check.state.value).toBe('failed')
    expect(check.problem.value?.message).toBe('down')
    request.value = { teamId: 't', clusterId: 'c', sql: '  ' }
    await check.checkNow()
    expect(check.state.value).toBe('idle')
    expect(ask).toHaveBeenCalledOnce()
  })
})
