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
import { Ordering, type Placed } from './ordering'

export interface JobView {
  /** The jobs to show, in order. A new array when anything in it changed; unchanged jobs are the same objects. */
  rows: readonly JobSummary[]
  /** By badge, of all jobs that match the filter's other fields. */
  counts: ReadonlyMap<Badge, number>
  /** Jobs known at all. */
  known: number
  /** Blank rows to draw above `rows`: the pinned row stays where it is though too few are left to go before it. */
  lead: number
  /** Rows are kept in place now. */
  held: boolean
  /** Rows that have to move wait until the pointer rests. */
  waiting: boolean
}

/**
 * The list behind the page: all jobs, what of them is shown and in which order, changed by whole jobs as they come from the
 * API or live, and read as a `JobView` once a frame. A change costs a search of its place, whatever the length of the list; it
 * moves rows when the view is read, so that what has been drawn is what the pointer is over. Knows nothing of Vue.
 *
 *   how the pointer is | which rows may move
 *   -------------------|--------------------------------------------------------------------------
 *   away               | all
 *   moving (`hold`)    | those below the ones in view; the others change in place and are put off
 *   resting (`park`)   | all but the one under the pointer, which stays where it is whatever becomes of it
 */
export class JobRows {
  readonly #all = new Map<string, JobSummary>()
  readonly #counts = new Map<Badge, number>()
  #filter: JobFilter = kNoFilter
  #ordering = new Ordering(kDefaultSort)
  /** In order by the keys that they were placed by. The pinned row is not among them. */
  #rows: Placed[] = []
  /** The same by id, with the pinned row. */
  readonly #placed = new Map<string, Placed>()
  #pin: { row: Placed; at: number } | null = null
  /** Rows above this index keep their places; null: nothing is held. */
  #kept: number | null = null
  readonly #putOff = new Set<string>()
  /** Changed since the view was read. */
  readonly #changed = new Set<string>()
  #rowsShown: readonly JobSummary[] | null = null
  #countsShown: ReadonlyMap<Badge, number> | null = null

  get(id: string): JobSummary | undefined {
    return this.#all.get(id)
  }

  all(): Iterable<JobSummary> {
    return this.#all.values()
  }

  upsert(job: JobSummary) {
    this.#count(this.#all.get(job.id), -1)
    this.#all.set(job.id, job)
    this.#count(job, 1)
    this.#changed.add(job.id)
  }

  remove(id: string) {
    this.#count(this.#all.get(id), -1)
    if (this.#all.delete(id)) this.#changed.add(id)
  }

  /** Forgets every job that is not in `ids`: what a fresh reading of the whole list no longer has. */
  keepOnly(ids: ReadonlySet<string>) {
    for (const id of [...this.#all.keys()]) if (!ids.has(id)) this.remove(id)
  }

  /** Another filter or order; whoever asks for it wants to see all rows move. */
  show(filter: JobFilter, sort: JobSort) {
    this.#filter = filter
    this.#ordering = new Ordering(sort)
    this.#pin = null
    this.#putOff.clear()
    this.#changed.clear()
    this.#counts.clear()
    const shown: JobSummary[] = []
    for (const job of this.#all.values()) {
      this.#count(job, 1)
      if (matches(filter, job)) shown.push(job)
    }
    this.#rows = this.#ordering.sorted(shown)
    this.#placed.clear()
    for (const row of this.#rows) this.#placed.set(row.id, row)
    this.#rowsShown = null
    this.#countsShown = null
  }

  /** The pointer moves over the list: the first `kept` rows, which are all that is in view, keep their places. */
  hold(kept: number) {
    this.#kept = kept
  }

  /** The pointer rests on a row, or on none: that row stays, the others go where they belong. */
  park(id: string | null) {
    this.#kept = null
    if (this.#pin === null || this.#pin.row.id !== id) this.#pinTo(id)
    for (const one of this.#putOff) this.#changed.add(one)
  }

  /** The pointer is away. */
  release() {
    this.park(null)
  }

  view(): JobView {
    for (const id of this.#changed) this.#settle(id)
    this.#changed.clear()
    return {
      rows: (this.#rowsShown ??= this.#draw()),
      counts: (this.#countsShown ??= new Map(this.#counts)),
      known: this.#all.size,
      lead: this.#lead(),
      held: this.#pin !== null || this.#kept !== null,
      waiting: this.#putOff.size > 0,
    }
  }

  #draw(): JobSummary[] {
    const rows = this.#rows.map(({ job }) => job)
    if (this.#pin !== null) rows.splice(this.#pin.at, 0, this.#pin.row.job)
    return rows
  }

  #lead(): number {
    return this.#pin === null ? 0 : Math.max(0, this.#pin.at - this.#rows.length)
  }

  #count(job: JobSummary | undefined, by: number) {
    if (job === undefined || !matchesBesidesBadge(this.#filter, job)) return
    this.#counts.set(job.badge, (this.#counts.get(job.badge) ?? 0) + by)
    this.#countsShown = null
  }

  /** Puts a job where it belongs, or its new values where its row is, if that has to stay. */
  #settle(id: string) {
    const job = this.#all.get(id)
    const before = this.#placed.get(id)
    const wanted = job !== undefined && matches(this.#filter, job)
    if (before === undefined && !wanted) {
      this.#putOff.delete(id)
      return
    }
    this.#rowsShown = null
    if (before !== undefined && job !== undefined) before.job = job
    if (before !== undefined && before === this.#pin?.row) return

    const after = wanted ? this.#ordering.place(job) : null
    if (before !== undefined && after !== null && this.#ordering.compare(before, after) === 0) {
      this.#putOff.delete(id)
      return
    }
    const from = before === undefined ? null : this.#ordering.placeIn(this.#rows, before)
    if (this.#isHeld(from) || (after !== null && this.#isHeld(this.#placeOf(after)))) {
      this.#putOff.add(id)
      return
    }
    this.#putOff.delete(id)
    if (from !== null) this.#rows.splice(from, 1)
    this.#placed.delete(id)
    if (after === null) return
    this.#rows.splice(this.#placeOf(after), 0, after)
    this.#placed.set(id, after)
  }

  #placeOf(row: Placed): number {
    return this.#ordering.placeIn(this.#rows, row)
  }

  /** Whether the row at an index of `#rows` is among those that keep their places. */
  #isHeld(index: number | null): boolean {
    if (index === null || this.#kept === null) return false
    const pinAbove = this.#pin !== null && this.#pin.at <= index ? 1 : 0
    return index + pinAbove < this.#kept
  }

  /** The row stays at the index at which it is seen now, blank rows among them, before anything that was put off is done. */
  #pinTo(id: string | null) {
    const row = id === null ? undefined : this.#placed.get(id)
    const index = row === undefined ? 0 : this.#lead() + this.#placeOf(row)
    const at = this.#pin !== null && this.#pin.at <= index ? index + 1 : index
    this.#unpin()
    if (row === undefined) return
    this.#rows.splice(this.#placeOf(row), 1)
    this.#pin = { row, at }
    this.#putOff.delete(row.id)
  }

  #unpin() {
    const row = this.#pin?.row
    this.#pin = null
    if (row === undefined) return
    this.#rows.splice(this.#placeOf(row), 0, row)
    this.#changed.add(row.id)
    this.#rowsShown = null
  }
}
