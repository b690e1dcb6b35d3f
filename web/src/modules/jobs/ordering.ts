// SPDX-License-Identifier: Apache-2.0
import type { JobSummary } from '@/api/types'
import { kBadgeOrder } from '@/shared/ui/job-badge'
import type { JobSort, SortKey } from './filter'

const kUrgency = new Map(kBadgeOrder.map((badge, place) => [badge, place]))
const natural = new Map<string, string>()
const kRemembered = 50_000

/** Text whose plain order is the one people expect: case aside, `job 2` before `job 10`. Collators are too slow for long lists. */
export function naturalKey(text: string): string {
  const known = natural.get(text)
  if (known !== undefined) return known
  if (natural.size >= kRemembered) natural.clear()
  const key = text.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, '0'))
  natural.set(text, key)
  return key
}

const kNever = Number.NEGATIVE_INFINITY
const time = (text: string | null) => (text === null ? kNever : Date.parse(text))

/** What a job is ordered by, given when the order was made. */
const kKeys: Record<SortKey, (job: JobSummary, now: number) => string | number> = {
  name: (job) => naturalKey(job.name),
  badge: (job) => kUrgency.get(job.badge) ?? kUrgency.size,
  target: (job) => naturalKey(`${job.target.clusterName} ${job.version}`),
  tasks: (job) => job.tasks?.total ?? -1,
  parallelism: (job) => job.parallelism,
  slots: (job) => job.slots ?? kNever,
  recordsIn: (job) => job.recordsInPerSecond ?? kNever,
  recordsOut: (job) => job.recordsOutPerSecond ?? kNever,
  lag: (job) => job.pendingRecords ?? kNever,
  duration: (job, now) =>
    job.startedAt === null
      ? kNever
      : (job.endedAt === null ? now : time(job.endedAt)) - time(job.startedAt),
  restarts: (job) => job.restarts,
  checkpoint: (job) => time(job.lastCheckpointAt),
  owner: (job) => naturalKey(job.owner.name),
}

/** A job with what it was put in its place by; the job may be replaced while the place stands. */
export interface Placed {
  job: JobSummary
  readonly id: string
  readonly key: string | number
  readonly name: string
}

/**
 * A total order: equal keys go by name, equal names by id, so that no row ever trades places with another for nothing. Keys are
 * made once a job and not once a comparison. What still runs is as long as it was at `now`, so that running time alone moves
 * no row; make the order anew from time to time.
 */
export class Ordering {
  readonly #keyOf: (job: JobSummary, now: number) => string | number
  readonly #sign: 1 | -1
  readonly #now: number

  constructor({ key, direction }: JobSort, now = Date.now()) {
    this.#keyOf = kKeys[key]
    this.#sign = direction === 'asc' ? 1 : -1
    this.#now = now
  }

  place(job: JobSummary): Placed {
    return { job, id: job.id, key: this.#keyOf(job, this.#now), name: naturalKey(job.name) }
  }

  compare(a: Placed, b: Placed): number {
    if (a.key !== b.key) return a.key < b.key ? -this.#sign : this.#sign
    if (a.name !== b.name) return a.name < b.name ? -1 : 1
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
  }

  sorted(jobs: readonly JobSummary[]): Placed[] {
    return jobs.map((job) => this.place(job)).sort((a, b) => this.compare(a, b))
  }

  /** Index of the first of `rows`, which are in this order, that does not come before `row`. */
  placeIn(rows: readonly Placed[], row: Placed): number {
    let low = 0
    let high = rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.compare(rows[middle] as Placed, row) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
