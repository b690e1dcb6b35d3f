// SPDX-License-Identifier: Apache-2.0
import { Graph, layout } from '@dagrejs/dagre'

export interface GraphNode {
  id: string
}

export interface GraphEdge {
  source: string
  target: string
  label: string
}

export interface PlacedNode<N> {
  node: N
  /** Its left upper corner. */
  x: number
  y: number
}

export interface PlacedEdge<E> {
  edge: E
  /** An SVG path from the source's right side to the target's left. */
  path: string
  labelX: number
  labelY: number
}

export interface PlacedGraph<N, E> {
  nodes: PlacedNode<N>[]
  edges: PlacedEdge<E>[]
  width: number
  height: number
}

interface Point {
  x: number
  y: number
}

/** A smooth line through points that go from left to right. */
export function smoothPath(points: readonly Point[]): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  let path = `M${first.x},${first.y}`
  let from = first
  for (const to of rest) {
    const middle = (from.x + to.x) / 2
    path += ` C${middle},${from.y} ${middle},${to.y} ${to.x},${to.y}`
    from = to
  }
  return path
}

/**
 * Places a directed graph from left to right with nodes of one size. Edges to nodes that are not there are left out; two edges
 * between the same nodes become one.
 */
export function placeGraph<N extends GraphNode, E extends GraphEdge>(
  nodes: readonly N[],
  edges: readonly E[],
  size: { width: number; height: number },
): PlacedGraph<N, E> {
  const graph = new Graph()
    .setGraph({ rankdir: 'LR', nodesep: 28, ranksep: 76, marginx: 4, marginy: 4 })
    .setDefaultEdgeLabel(() => ({}))
  const known = new Set(nodes.map(({ id }) => id))
  for (const { id } of nodes) graph.setNode(id, { ...size })
  const drawn = edges.filter(({ source, target }) => known.has(source) && known.has(target))
  for (const { source, target } of drawn) graph.setEdge(source, target, {})
  layout(graph)

  const half = { x: size.width / 2, y: size.height / 2 }
  const centre = (id: string) => graph.node(id) as unknown as Point
  const box = graph.graph() as { width?: number; height?: number }
  return {
    nodes: nodes.map((node) => {
      const { x, y } = centre(node.id)
      return { node, x: x - half.x, y: y - half.y }
    }),
    edges: drawn.map((edge) => {
      const way = (graph.edge(edge.source, edge.target) as { points?: Point[] }).points ?? []
      const from = { x: centre(edge.source).x + half.x, y: centre(edge.source).y }
      const to = { x: centre(edge.target).x - half.x, y: centre(edge.target).y }
      const inner = way.slice(1, -1).filter(({ x }) => x > from.x + 8 && x < to.x - 8)
      // With neither detour nor bend the dummy points of the layout only make the line wavy.
      const middle = inner[Math.floor(inner.length / 2)] ?? {
        x: (from.x + to.x) / 2,
        y: (from.y + to.y) / 2,
      }
      return {
        edge,
        path: smoothPath(inner.length > 1 ? [from, ...inner, to] : [from, to]),
        labelX: inner.length > 1 ? middle.x : (from.x + to.x) / 2,
        labelY: inner.length > 1 ? middle.y : (from.y + to.y) / 2,
      }
    }),
    width: box.width ?? 0,
    height: box.height ?? 0,
  }
}
