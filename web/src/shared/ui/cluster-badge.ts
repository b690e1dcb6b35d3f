// SPDX-License-Identifier: Apache-2.0
import { CirclePlay, CircleStop, CircleX, Loader, TriangleAlert, Unplug } from '@lucide/vue'
import type { Cluster } from '@/api/types'
import type { StateLook } from './state-mark'

export const kClusterLooks: Record<Cluster['state'], StateLook> = {
  RUNNING: { tone: 'green', icon: CirclePlay },
  STARTING: { tone: 'blue', icon: Loader, moving: true },
  STOPPING: { tone: 'blue', icon: Loader, moving: true },
  DEGRADED: { tone: 'amber', icon: TriangleAlert },
  FAILED: { tone: 'red', icon: CircleX },
  STOPPED: { tone: 'grey', icon: CircleStop },
  UNREACHABLE: { tone: 'grey', icon: Unplug, hatched: true },
}
