// SPDX-License-Identifier: Apache-2.0
import type { JobGraph } from '@/api/types'
import type { Tone } from '@/shared/ui/state-mark'

export type Vertex = JobGraph['vertices'][number]

/** How loaded a vertex is, with the same limits as the engine's own page: what is held up is worse than what is busy. */
export function loadOf({
  busyRatio,
  backPressureRatio,
}: Vertex): 'unknown' | 'idle' | 'normal' | 'busy' | 'backPressured' {
  if (busyRatio === null && backPressureRatio === null) return 'unknown'
  if ((backPressureRatio ?? 0) > 0.5) return 'backPressured'
  if ((busyRatio ?? 0) > 0.8) return 'busy'
  return (busyRatio ?? 0) < 0.05 && (backPressureRatio ?? 0) < 0.05 ? 'idle' : 'normal'
}

export function toneOf(vertex: Vertex): Tone {
  switch (vertex.state) {
    case 'RUNNING':
      return loadOf(vertex) === 'backPressured'
        ? 'red'
        : loadOf(vertex) === 'busy'
          ? 'amber'
          : 'green'
    case 'FINISHED':
      return 'green'
    case 'FAILED':
    case 'FAILING':
      return 'red'
    case 'CANCELED':
    case 'CANCELING':
      return 'grey'
    default:
      return 'blue'
  }
}

/** A vertex's name in a few words: the engine joins the names of all operators in it. */
export function shortName(name: string): string {
  return name
    .replace(/\[\d+\]/g, '')
    .replace(/\s*->\s*/g, ' → ')
    .replace(/\s+/g, ' ')
    .trim()
}

/** The task that holds the others up: the busiest below one that is held up, as data flows. */
export function bottleneck(graph: JobGraph): Vertex | undefined {
  const held = new Set(
    graph.vertices.filter((vertex) => (vertex.backPressureRatio ?? 0) > 0.5).map(({ id }) => id),
  )
  const below = graph.edges
    .filter(({ source, target }) => held.has(source) && !held.has(target))
    .map(({ target }) => target)
  return graph.vertices
    .filter(({ id }) => below.includes(id))
    .sort((a, b) => (b.busyRatio ?? 0) - (a.busyRatio ?? 0))[0]
}
