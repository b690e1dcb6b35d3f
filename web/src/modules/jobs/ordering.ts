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

const time = (text: string | null) => (text === null ? Number.NEGATIVE_INFINITY : Date.parse(text))

/** What a job is ordered by. Durations go by their start, which stands still, so that running time alone reorders nothing. */
const kKeys: Record<SortKey, (job: JobSummary) => string | number> = {
  name: (job) => naturalKey(job.name),
  badge: (job) => kUrgency.get(job.badge) ?? kUrgency.size,
  target: (job) => naturalKey(`${job.target.clusterName} ${job.version}`),
  tasks: (job) => job.tasks?.total ?? -1,
  duration: (job) => (job.startedAt === null ? Number.NEGATIVE_INFINITY : -time(job.startedAt)),
  restarts: (job) => job.restarts,
  checkpoint: (job) => time(job.lastCheckpointAt),
  owner: (job) => naturalKey(job.owner.name),
}

export type Compare = (a: JobSummary, b: JobSummary) => number

/** A total order: equal keys go by name, equal names by id, so that no row ever trades places with another for nothing. */
export function compareBy({ key, direction }: JobSort): Compare {
  const keyOf = kKeys[key]
  const sign = direction === 'asc' ? 1 : -1
  return (a, b) => {
    const x = keyOf(a)
    const y = keyOf(b)
    if (x !== y) return x < y ? -sign : sign
    const p = naturalKey(a.name)
    const q = naturalKey(b.name)
    if (p !== q) return p < q ? -1 : 1
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
  }
}

/** Sorts in place; each job's keys are computed once, which is what makes long lists quick. */
export function sortJobs(jobs: JobSummary[], { key, direction }: JobSort): JobSummary[] {
  const keyOf = kKeys[key]
  const sign = direction === 'asc' ? 1 : -1
  const keyed = jobs.map((job) => ({ job, key: keyOf(job), name: naturalKey(job.name) }))
  keyed.sort((a, b) => {
    if (a.key !== b.key) return a.key < b.key ? -sign : sign
    if (a.name !== b.name) return a.name < b.name ? -1 : 1
    return a.job.id < b.job.id ? -1 : a.job.id > b.job.id ? 1 : 0
  })
  keyed.forEach((entry, place) => {
    jobs[place] = entry.job
  })
  return jobs
}

/** Joins two lists that are in order. */
export function mergeJobs(
  one: readonly JobSummary[],
  other: readonly JobSummary[],
  compare: Compare,
): JobSummary[] {
  const joined: JobSummary[] = []
  let at = 0
  for (const job of one) {
    for (let next = other[at]; next !== undefined && compare(next, job) < 0; next = other[at]) {
      joined.push(next)
      at += 1
    }
    joined.push(job)
  }
  for (; at < other.length; at += 1) joined.push(other[at] as JobSummary)
  return joined
}
