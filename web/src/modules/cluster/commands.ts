// SPDX-License-Identifier: Apache-2.0
import type { Cluster, ClusterCommand } from '@/api/types'

/** Key of the text that says why a command cannot be given to a cluster now; null when it can. */
export function commandRefusal(cluster: Cluster, kind: ClusterCommand['kind']): string | null {
  if (!cluster.managed) return 'cluster.refusal.remote'
  if (cluster.operation !== null) return 'cluster.refusal.busy'
  const up = cluster.desired === 'RUNNING'
  if (kind === 'START' && up && cluster.state !== 'FAILED') return 'cluster.refusal.running'
  if (kind !== 'START' && !up) return 'cluster.refusal.stopped'
  return null
}
