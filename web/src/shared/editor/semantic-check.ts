// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { asProblem, type Problem } from '@/api/problem'
import type { Diagnostic, SqlRequest, SqlVerdict } from '@/api/types'

/** The planner's answer and the text that it is about. */
export interface Verdict {
  sql: string
  diagnostics: Diagnostic[]
  tables: SqlVerdict['tables']
  tookMs: number
}

export type CheckState = 'idle' | 'checking' | 'checked' | 'failed'

const kRest = 700

/**
 * Asks the planner when typing rests and at once by `checkNow`. A newer text abandons the question before; its answer is never
 * shown. Nothing is asked without a target or a script.
 */
export function useSemanticCheck(
  request: Ref<SqlRequest | null>,
  ask: (request: SqlRequest, signal: AbortSignal) => Promise<SqlVerdict>,
  rest = kRest,
) {
  const state = ref<CheckState>('idle')
  const verdict = shallowRef<Verdict | null>(null)
  const problem = shallowRef<Problem | null>(null)
  let running: AbortController | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  async function checkNow(): Promise<Verdict | null> {
    clearTimeout(timer)
    running?.abort()
    const asked = request.value
    const sql = asked?.sql ?? ''
    if (asked === null || sql.trim() === '') {
      state.value = 'idle'
      verdict.value = null
      return null
    }
    const mine = new AbortController()
    running = mine
    state.value = 'checking'
    try {
      const answer = await ask(asked, mine.signal)
      if (running !== mine) return null
      const { diagnostics, tables, tookMs } = answer
      verdict.value = { sql, diagnostics, tables, tookMs }
      problem.value = null
      state.value = 'checked'
      return verdict.value
    } catch (error) {
      if (running !== mine || mine.signal.aborted) return null
      problem.value = asProblem(error)
      state.value = 'failed'
      return null
    }
  }

  watch(
    () => JSON.stringify(request.value),
    () => {
      clearTimeout(timer)
      timer = setTimeout(() => void checkNow(), rest)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    running?.abort()
  })

  return { state, verdict, problem, checkNow }
}
