// SPDX-License-Identifier: Apache-2.0
import { useI18n } from 'vue-i18n'
import { kErrorCodes, type ErrorCode } from '@/gen/error-codes'

/** A field that the API refused: where it is in the body sent, as a JSON pointer, and why. */
export interface FieldProblem {
  pointer: string
  message: string
  hint?: string
}

/** `OFFLINE` is ours: no answer came at all. */
export type ProblemCode = ErrorCode | 'OFFLINE'

/** An error answer of the API (RFC 9457), or the lack of an answer. Everything that `@/api/client` throws is one. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly status: number
  readonly hint: string | undefined
  readonly retryable: boolean
  readonly fields: readonly FieldProblem[]
  /** Seconds to wait before another try, where the API says so. */
  readonly retryAfter: number | undefined
  /** The innermost cause in the failing system's own words. */
  override readonly cause: string | undefined
  /** What stands in the way, as the operation in flight. */
  readonly relatedId: string | undefined
  readonly traceId: string | undefined

  constructor(status: number, body: unknown, retryAfter?: number) {
    const members = isRecord(body) ? body : {}
    super(text(members['detail']) ?? text(members['title']) ?? `HTTP ${status}`)
    this.name = 'Problem'
    this.status = status
    const code = text(members['code'])
    this.code =
      status === 0
        ? 'OFFLINE'
        : (kErrorCodes as readonly (string | undefined)[]).includes(code)
          ? (code as ErrorCode)
          : 'INTERNAL'
    this.hint = text(members['hint'])
    this.retryable = members['retryable'] === true || status === 0
    this.retryAfter = retryAfter
    this.cause = text(members['cause'])
    this.relatedId = text(members['relatedId'])
    this.traceId = text(members['traceId'])
    const fields = members['fields']
    this.fields = Array.isArray(fields)
      ? fields.filter(isRecord).map((field) => ({
          pointer: text(field['pointer']) ?? '',
          message: text(field['message']) ?? '',
          hint: text(field['hint']),
        }))
      : []
  }
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem(0, { detail: error instanceof Error ? error.message : String(error) })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Words for a problem: the particulars as the API says them when the language is its own, else the code's translation first. */
export function useProblemText() {
  const { t, locale } = useI18n()
  const titleOf = (problem: Problem) => t(`error.${problem.code}`)
  function messageOf(problem: Problem): string {
    if (problem.code === 'OFFLINE') return titleOf(problem)
    return locale.value.startsWith('en') ? problem.message : titleOf(problem)
  }
  function hintOf(problem: Problem): string | undefined {
    if (problem.code === 'OFFLINE') return t('common.offlineHint')
    if (locale.value.startsWith('en')) return problem.hint
    const particulars = [problem.message, problem.hint].filter(Boolean).join(' ')
    return particulars === '' ? undefined : particulars
  }
  return { titleOf, messageOf, hintOf }
}
