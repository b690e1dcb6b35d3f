// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/vue-query'
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { api, send } from '@/api/client'
import { keys } from '@/api/keys'
import { useLive } from '@/api/live'
import { asProblem, type Problem } from '@/api/problem'
import type { JobSummary } from '@/api/types'
import type { JobFilter, JobSort } from './filter'
import { FrameBatch } from './frame-batch'
import { JobRows, type JobView } from './job-rows'

const kFirstPage = 60
const kPage = 250

/** How often a list ordered by how long jobs run is put in order anew. */
const kReorder = 60_000

/** How the pointer is over the rows; what that means for them is told in `JobRows`. */
export type Pointing =
  { kind: 'away' } | { kind: 'moving'; kept: number } | { kind: 'resting'; id: string | null }

export interface JobListScope {
  /** null: the jobs of all teams. */
  teamId: string | null
}

/** Resolves when the browser has drawn; at once where it does not draw, as in a hidden tab. */
function drawn(): Promise<void> {
  if (document.hidden) return Promise.resolve()
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
}

/**
 * All jobs that the person may see, read in pages and kept true by live events. What changes is drawn at most ten times a
 * second. The last list is kept among the cached answers: coming back to the page shows it at once and reads it anew behind.
 */
export function useJobList(
  scope: Ref<JobListScope>,
  filter: Ref<JobFilter>,
  sort: Ref<JobSort>,
  pointing: Ref<Pointing>,
) {
  const client = useQueryClient()
  let rows = new JobRows()
  /** Told by a live event since the present reading began: newer than what its pages say. */
  const told = new Set<string>()
  let reading: AbortController | null = null

  const view = shallowRef<JobView>(rows.view())
  const pending = ref(true)
  const complete = ref(false)
  const total = ref(0)
  const problem = ref<Problem | null>(null)

  const batch = new FrameBatch(() => {
    view.value = rows.view()
  })

  async function read() {
    reading?.abort()
    const mine = new AbortController()
    reading = mine
    const into = rows
    told.clear()
    const seen = new Set<string>()
    let cursor: string | undefined
    let first = true
    try {
      do {
        const query = {
          limit: cursor === undefined ? kFirstPage : kPage,
          ...(cursor === undefined ? {} : { cursor }),
          ...(scope.value.teamId === null ? {} : { team: scope.value.teamId }),
        }
        const page = await send(api.GET('/api/v1/jobs', { params: { query }, signal: mine.signal }))
        for (const job of page.items) {
          seen.add(job.id)
          if (!told.has(job.id)) into.upsert(job)
        }
        total.value = page.total
        cursor = page.nextCursor ?? undefined
        pending.value = false
        batch.ask()
        // What can be seen is drawn before the rest is asked for.
        if (first) await drawn()
        first = false
        if (mine.signal.aborted) return
      } while (cursor !== undefined)
      into.keepOnly(new Set([...seen, ...told]))
      complete.value = true
      problem.value = null
      batch.ask()
    } catch (error) {
      if (mine.signal.aborted) return
      problem.value = asProblem(error)
    }
  }

  function begin() {
    const key = keys.jobRows(scope.value.teamId)
    rows = client.getQueryData<JobRows>(key) ?? new JobRows()
    client.setQueryData(key, rows)
    rows.release()
    rows.show(filter.value, sort.value)
    view.value = rows.view()
    pending.value = view.value.known === 0
    complete.value = false
    void read()
  }

  watch(scope, begin, { immediate: true })
  watch([filter, sort], () => {
    rows.show(filter.value, sort.value)
    view.value = rows.view()
  })
  watch(pointing, (now) => {
    if (now.kind === 'moving') rows.hold(now.kept)
    else if (now.kind === 'resting') rows.park(now.id)
    else rows.release()
    batch.ask()
  })
  const reorder = window.setInterval(() => {
    if (sort.value.key !== 'duration' || pointing.value.kind !== 'away') return
    rows.show(filter.value, sort.value)
    batch.ask()
  }, kReorder)

  useLive('job', (job: JobSummary) => {
    const here = scope.value.teamId === null || job.team.id === scope.value.teamId
    if (!here && rows.get(job.id) === undefined) return
    told.add(job.id)
    if (here && job.deletedAt === null) rows.upsert(job)
    else rows.remove(job.id)
    batch.ask()
  })
  useLive('job-removed', ({ id }) => {
    told.add(id)
    rows.remove(id)
    batch.ask()
  })
  useLive('reset', () => void read())
  onScopeDispose(() => {
    reading?.abort()
    window.clearInterval(reorder)
    batch.stop()
  })

  return {
    view,
    pending,
    complete,
    total,
    problem,
    read,
    get: (id: string) => rows.get(id),
    all: () => rows.all(),
  }
}
