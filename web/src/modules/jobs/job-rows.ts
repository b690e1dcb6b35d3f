// SPDX-License-Identifier: Apache-2.0
import type { Badge, JobSummary } from '@/api/types'
import {
  kDefaultSort,
  kNoFilter,
  matches,
  matchesBesidesBadge,
  type JobFilter,
  type JobSort,
} from './filter'
import { compareBy, mergeJobs, sortJobs, type Compare } from './ordering'

export interface JobView {
  /** The jobs to show, in order. A new array when anything in it changed; unchanged jobs are the same objects. */
  rows: readonly JobSummary[]
  /** By badge, of all jobs that match the filter's other fields. */
  counts: ReadonlyMap<Badge, number>
  /** Jobs known at all. */
  known: number
  /** Order and membership wait for `release`. */
  waiting: boolean
}

/**
 * The list behind the page: all jobs, what of them is shown and in which order, changed by whole jobs as they come from the
 * API or live, and read as a `JobView` once a frame. While *held* (the pointer is over the rows) values change in place, but
 * no row moves, leaves or comes; what was put off happens on release. Knows nothing of Vue.
 */
export class JobRows {
  readonly #all = new Map<string, JobSummary>()
  /** Changed since the view was last made; null stands for a removal. */
  readonly #changed = new Map<string, JobSummary | null>()
  readonly #counts = new Map<Badge, number>()
  #filter: JobFilter = kNoFilter
  #sort: JobSort = kDefaultSort
  #compare: Compare = compareBy(kDefaultSort)
  #rows: JobSummary[] = []
  /** The rows as they were last put in order, by id; made when it is first needed. */
  #ordered: Map<string, JobSummary> | null = null
  #countsShown: ReadonlyMap<Badge, number> | null = null
  #held = false
  #putOff = new Set<string>()
  #whole = true

  get(id: string): JobSummary | undefined {
    return this.#changed.get(id) ?? this.#all.get(id)
  }

  upsert(job: JobSummary) {
    this.#changed.set(job.id, job)
  }

  remove(id: string) {
    this.#changed.set(id, null)
  }

  /** Forgets every job that is not in `ids`: what a fresh reading of the whole list no longer has. */
  keepOnly(ids: ReadonlySet<string>) {
    for (const id of this.#all.keys()) if (!ids.has(id)) this.remove(id)
  }

  clear() {
    this.#all.clear()
    this.#changed.clear()
    this.#whole = true
  }

  show(filter: JobFilter, sort: JobSort) {
    this.#filter = filter
    this.#sort = sort
    this.#compare = compareBy(sort)
    this.#whole = true
  }

  hold() {
    this.#held = true
  }

  release() {
    this.#held = false
  }

  /** Applies what changed and gives the new view. */
  view(): JobView {
    const changed = this.#take()
    if (this.#whole) this.#showAll()
    else if (this.#held) this.#replaceInPlace(changed)
    else this.#move(changed)
    return {
      rows: this.#rows,
      counts: (this.#countsShown ??= new Map(this.#counts)),
      known: this.#all.size,
      waiting: this.#putOff.size > 0,
    }
  }

  #take(): string[] {
    const ids = [...this.#changed.keys()]
    for (const [id, job] of this.#changed) {
      this.#count(this.#all.get(id), -1)
      if (job === null) this.#all.delete(id)
      else this.#all.set(id, job)
      this.#count(this.#all.get(id), 1)
    }
    this.#changed.clear()
    return ids
  }

  #count(job: JobSummary | undefined, by: number) {
    if (job === undefined || !matchesBesidesBadge(this.#filter, job)) return
    this.#counts.set(job.badge, (this.#counts.get(job.badge) ?? 0) + by)
    this.#countsShown = null
  }

  #showAll() {
    this.#whole = false
    this.#putOff.clear()
    this.#counts.clear()
    this.#countsShown = null
    const rows: JobSummary[] = []
    for (const job of this.#all.values()) {
      this.#count(job, 1)
      if (matches(this.#filter, job)) rows.push(job)
    }
    this.#setRows(sortJobs(rows, this.#sort))
  }

  #setRows(rows: JobSummary[]) {
    this.#rows = rows
    this.#ordered = null
  }

  /** Held: new values where their rows are. Rows that would leave, come or move are remembered. */
  #replaceInPlace(changed: string[]) {
    if (changed.length === 0) return
    const ordered = (this.#ordered ??= new Map(this.#rows.map((job) => [job.id, job])))
    const touched = new Set<string>()
    for (const id of changed) {
      const before = ordered.get(id)
      const now = this.#all.get(id)
      if (before === undefined && (now === undefined || !matches(this.#filter, now))) continue
      if (before !== undefined && now !== undefined) touched.add(id)
      const stays =
        before !== undefined &&
        now !== undefined &&
        matches(this.#filter, now) &&
        this.#compare(before, now) === 0
      if (!stays) this.#putOff.add(id)
    }
    if (touched.size > 0)
      this.#rows = this.#rows.map((job) =>
        touched.has(job.id) ? (this.#all.get(job.id) ?? job) : job,
      )
  }

  /** Takes the changed rows out, puts them in order by themselves and joins both: the cost is one pass over the list. */
  #move(changed: string[]) {
    const ids = new Set([...this.#putOff, ...changed])
    this.#putOff.clear()
    if (ids.size === 0) return
    const stay = this.#rows.filter((job) => !ids.has(job.id))
    const come = [...ids]
      .map((id) => this.#all.get(id))
      .filter((job): job is JobSummary => job !== undefined && matches(this.#filter, job))
    this.#setRows(mergeJobs(stay, sortJobs(come, this.#sort), this.#compare))
  }
}
