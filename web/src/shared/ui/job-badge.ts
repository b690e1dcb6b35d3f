// SPDX-License-Identifier: Apache-2.0
import {
  CircleCheckBig,
  CircleDashed,
  CirclePause,
  CirclePlay,
  CircleStop,
  CircleX,
  Hand,
  Loader,
  OctagonX,
  PencilLine,
  RotateCw,
  TriangleAlert,
  Unplug,
} from '@lucide/vue'
import type { Badge } from '@/api/types'
import type { StateLook } from './state-mark'

/** How each badge looks; what it means is in the texts under `badge`. */
export const kBadgeLooks: Record<Badge, StateLook> = {
  RUNNING: { tone: 'green', icon: CirclePlay },
  FINISHED: { tone: 'green', icon: CircleCheckBig },
  RELEASING: { tone: 'blue', icon: Loader, moving: true },
  STARTING: { tone: 'blue', icon: Loader, moving: true },
  RESTARTING: { tone: 'blue', icon: RotateCw, moving: true },
  SAVING: { tone: 'blue', icon: Loader, moving: true },
  STOPPING: { tone: 'blue', icon: Loader, moving: true },
  DEGRADED: { tone: 'amber', icon: TriangleAlert },
  NEEDS_YOU: { tone: 'amber', icon: Hand },
  FAILED: { tone: 'red', icon: CircleX },
  QUARANTINED: { tone: 'red', icon: OctagonX },
  DRAFT: { tone: 'grey', icon: PencilLine },
  READY: { tone: 'grey', icon: CircleDashed },
  SUSPENDED: { tone: 'grey', icon: CirclePause },
  STOPPED: { tone: 'grey', icon: CircleStop },
  UNREACHABLE: { tone: 'grey', icon: Unplug, hatched: true },
}

/** Worst first: how badges are ordered where order means urgency. */
export const kBadgeOrder: readonly Badge[] = [
  'QUARANTINED',
  'FAILED',
  'NEEDS_YOU',
  'UNREACHABLE',
  'DEGRADED',
  'RESTARTING',
  'RELEASING',
  'STARTING',
  'SAVING',
  'STOPPING',
  'RUNNING',
  'FINISHED',
  'SUSPENDED',
  'STOPPED',
  'READY',
  'DRAFT',
]
