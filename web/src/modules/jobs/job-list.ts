// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { api, send } from '@/api/client'
import { useLive } from '@/api/live'
import { asProblem, type Problem } from '@/api/problem'
import type { JobSummary } from '@/api/types'
import type { JobFilter, JobSort } from './filter'
import { FrameBatch } from './frame-batch'
import { JobRows, type JobView } from './job-rows'

const kFirstPage = 100
const kPage = 250

/** The last list, so that coming back to the page shows it at once and reads it anew behind. */
let kept: { scope: string; rows: JobRows } | null = null

export interface JobListScope {
  userId: string
  /** null: the jobs of all teams. */
  teamId: string | null
}

/**
 * All jobs that the person may see, read in pages and kept true by live events. What changes is drawn at most once a frame.
 * `held` keeps every row where it is.
 */
export function useJobList(
  scope: Ref<JobListScope>,
  filter: Ref<JobFilter>,
  sort: Ref<JobSort>,
  held: Ref<boolean>,
) {
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
    const name = `${scope.value.userId}/${scope.value.teamId ?? ''}`
    if (kept?.scope === name) rows = kept.rows
    else kept = { scope: name, rows: (rows = new JobRows()) }
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
  watch(held, (now) => {
    if (now) rows.hold()
    else rows.release()
    batch.ask()
  })

  useLive('job', (job: JobSummary) => {
    if (scope.value.teamId !== null && job.team.id !== scope.value.teamId) return
    told.add(job.id)
    if (job.deletedAt === null) rows.upsert(job)
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
    batch.stop()
  })

  return { view, pending, complete, total, problem, read, get: (id: string) => rows.get(id) }
}
