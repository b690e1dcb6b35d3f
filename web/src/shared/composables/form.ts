// SPDX-License-Identifier: Apache-2.0
import { computed, reactive, ref, toRaw } from 'vue'
import { asProblem, type Problem } from '@/api/problem'

/**
 * State of a form: its values, whether they differ from the start, the send under way and the problem that came back.
 * `errorAt('/name')` is the text beside a field; it goes away when the field changes. Local checks win over the API's.
 */
export function useForm<T extends object>(
  start: T,
  send: (values: T) => Promise<unknown>,
  check: (values: T) => Partial<Record<string, string>> = () => ({}),
) {
  const values = reactive(structuredClone(start)) as T
  const original = ref(JSON.stringify(start))
  const snapshot = computed(() => JSON.stringify(values))
  const dirty = computed(() => snapshot.value !== original.value)

  const busy = ref(false)
  const problem = ref<Problem | null>(null)
  const tried = ref(false)
  const sent = ref<Record<string, unknown>>({})

  const local = computed(() => (tried.value ? check(values) : {}))

  function valueAt(from: unknown, pointer: string): unknown {
    return pointer
      .split('/')
      .slice(1)
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], from)
  }

  function errorAt(pointer: string): string | undefined {
    const own = local.value[pointer]
    if (own !== undefined) return own
    const field = problem.value?.fields.find((entry) => entry.pointer === pointer)
    if (field === undefined) return undefined
    const before = JSON.stringify(valueAt(sent.value, pointer))
    return before === JSON.stringify(valueAt(values, pointer)) ? field.message : undefined
  }

  /** Field errors whose pointer none of the named fields has: they must be shown somewhere all the same. */
  function otherErrors(known: readonly string[]): string[] {
    return (problem.value?.fields ?? [])
      .filter(({ pointer }) => !known.includes(pointer))
      .map(({ pointer, message }) => `${pointer}: ${message}`)
  }

  /** Resolves to whether it was sent and accepted. */
  async function submit(): Promise<boolean> {
    if (busy.value) return false
    tried.value = true
    if (Object.values(check(values)).some((text) => text !== undefined)) return false
    busy.value = true
    problem.value = null
    sent.value = structuredClone(toRaw(values)) as Record<string, unknown>
    try {
      await send(values)
      original.value = snapshot.value
      return true
    } catch (error) {
      problem.value = asProblem(error)
      return false
    } finally {
      busy.value = false
    }
  }

  /** Takes new values as the unchanged ones. */
  function reset(next: T) {
    Object.assign(values, structuredClone(next))
    original.value = JSON.stringify(next)
    problem.value = null
    tried.value = false
  }

  /** The values that the form began with, or was last saved with. */
  const base = () => JSON.parse(original.value) as T

  return { values, dirty, busy, problem, errorAt, otherErrors, submit, reset, base }
}
