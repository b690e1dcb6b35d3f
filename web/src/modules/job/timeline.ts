// SPDX-License-Identifier: Apache-2.0
import type { Attempt, Operation } from '@/api/types'

export type TimelineEntry =
  | { kind: 'operation'; id: string; at: number; operation: Operation }
  | { kind: 'attempt'; id: string; at: number; attempt: Attempt }

/**
 * Operations and attempts in one line, newest first. An attempt stands above the operation that began it, even where clocks
 * give both the same instant. While more operations are to be loaded, attempts older than the last loaded one wait for them.
 */
export function timeline(
  operations: readonly Operation[],
  attempts: readonly Attempt[],
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
  return [...lives, ...done].sort((a, b) => b.at - a.at || (a.kind === 'attempt' ? -1 : 1))
}
