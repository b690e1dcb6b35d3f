// SPDX-License-Identifier: Apache-2.0
import type { JobGraph } from '@/api/types'
import type { Sample } from '@/shared/graph/line-chart'

export interface RateHistory {
  read: Sample[]
  written: Sample[]
  busiest: Sample[]
  heldUp: Sample[]
}

const kMost = 900
const histories = new Map<string, RateHistory>()

const sum = (values: (number | null)[]) =>
  values.every((value) => value === null)
    ? null
    : values.reduce<number>((total, value) => total + (value ?? 0), 0)
const largest = (values: (number | null)[]) =>
  values.every((value) => value === null) ? null : Math.max(...values.map((value) => value ?? 0))

/** What a graph says about the whole job: what its sources read, what goes into its sinks, its busiest and most held-up task. */
export function measure({ vertices, edges }: JobGraph) {
  const targets = new Set(edges.map(({ target }) => target))
  const sources = new Set(edges.map(({ source }) => source))
  return {
    // What passes between vertices stands in for sources and sinks that do not count themselves.
    read: sum(
      vertices
        .filter(({ id }) => !targets.has(id))
        .map((vertex) => vertex.recordsInPerSecond || vertex.recordsOutPerSecond),
    ),
    written: sum(
      vertices
        .filter(({ id }) => !sources.has(id))
        .map((vertex) => vertex.recordsOutPerSecond || vertex.recordsInPerSecond),
    ),
    busiest: largest(vertices.map(({ busyRatio }) => busyRatio)),
    heldUp: largest(vertices.map(({ backPressureRatio }) => backPressureRatio)),
  }
}

/** The course of a job's rates since this page first looked at it; kept while one goes to other tabs and back. */
export function historyOf(jobId: string): RateHistory {
  let history = histories.get(jobId)
  if (history === undefined) {
    history = { read: [], written: [], busiest: [], heldUp: [] }
    histories.set(jobId, history)
  }
  return history
}

/** Adds one look, once; a pause of more than ten seconds is a gap in the line. */
export function record(history: RateHistory, graph: JobGraph) {
  if (graph.observedAt === null) return
  const at = Date.parse(graph.observedAt)
  const last = history.read.at(-1)?.at
  if (last !== undefined && at <= last) return
  const values = measure(graph)
  for (const key of ['read', 'written', 'busiest', 'heldUp'] as const) {
    const gap = last !== undefined && at - last > 10_000 ? [{ at: last + 1, value: null }] : []
    // A new list each time: a chart draws anew when it is given another one.
    history[key] = [...history[key], ...gap, { at, value: values[key] }].slice(-kMost)
  }
}
