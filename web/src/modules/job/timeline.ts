// SPDX-License-Identifier: Apache-2.0
import type { Attempt, Decision, Operation } from '@/api/types'

export type TimelineEntry =
  | { kind: 'operation'; id: string; at: number; operation: Operation }
  | { kind: 'attempt'; id: string; at: number; attempt: Attempt }
  | { kind: 'decision'; id: string; at: number; decision: Decision }

/** Of the same instant, what stands above what. */
const kAbove: readonly TimelineEntry['kind'][] = ['attempt', 'operation', 'decision']

/**
 * Operations, attempts and automation's decisions in one line, newest first. An attempt stands above the operation that began
 * it, and that above the decision that sent it, even where clocks give all the same instant. While more operations are to be
 * loaded, what is older than the last loaded one waits for them.
 */
export function timeline(
  operations: readonly Operation[],
  attempts: readonly Attempt[],
  decisions: readonly Decision[],
  moreOperations: boolean,
): TimelineEntry[] {
  const done: TimelineEntry[] = operations.map((operation) => ({
    kind: 'operation',
    id: operation.id,
    at: Date.parse(operation.requestedAt),
    operation,
  }))
  const oldest = moreOperations ? Math.min(...done.map(({ at }) => at)) : -Infinity
  const lives: TimelineEntry[] = attempts
    .map((attempt) => ({
      kind: 'attempt' as const,
      id: `attempt ${attempt.id}`,
      at: Date.parse(attempt.startedAt),
      attempt,
    }))
    .filter(({ at }) => at >= oldest)
  const judged: TimelineEntry[] = decisions
    .map((decision) => ({
      kind: 'decision' as const,
      id: `decision ${decision.id}`,
      at: Date.parse(decision.at),
      decision,
    }))
    .filter(({ at }) => at >= oldest)
  return [...lives, ...done, ...judged].sort(
    (a, b) => b.at - a.at || kAbove.indexOf(a.kind) - kAbove.indexOf(b.kind),
  )
}
