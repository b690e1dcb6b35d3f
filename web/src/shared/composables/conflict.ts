// SPDX-License-Identifier: Apache-2.0
import { shallowRef, watch, type Ref } from 'vue'
import type { Problem } from '@/api/problem'

/** A field that two people changed to different things, or that one changed while the other kept it. */
export interface Difference {
  key: string
  theirs: unknown
  mine: unknown
  /** Theirs is the likelier wish, as only they changed it. */
  theirsAlone: boolean
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** What differs between the two, given what both began with. */
export function differencesOf<T extends object>(base: T, theirs: T, mine: T): Difference[] {
  return (Object.keys(mine) as (keyof T & string)[])
    .filter((key) => !same(theirs[key], mine[key]))
    .map((key) => ({
      key,
      theirs: theirs[key],
      mine: mine[key],
      theirsAlone: same(mine[key], base[key]),
    }))
}

/** What `useForm` gives, as far as it is needed here. */
interface EditForm<T> {
  values: T
  problem: Ref<Problem | null>
  base: () => T
  submit: () => Promise<boolean>
  reset: (next: T) => void
}

/**
 * The way out of an edit that somebody overtook: when the API refuses a save because its ETag is old, `latest` is read and
 * what differs is put in `conflict`, for a `ConflictDialog` to choose from. `rebase` takes the ETag that the next save is
 * based on.
 */
export function useConflict<T extends object>(
  form: EditForm<T>,
  latest: () => Promise<{ etag: string; values: T }>,
  rebase: (etag: string) => void,
) {
  const conflict = shallowRef<{ theirs: T; differences: Difference[] } | null>(null)

  watch(form.problem, async (problem) => {
    if (problem?.code !== 'STALE_EDIT') return
    const { etag, values: theirs } = await latest()
    rebase(etag)
    const differences = differencesOf(form.base(), theirs, form.values)
    if (differences.length === 0) form.reset(theirs)
    else conflict.value = { theirs, differences }
  })

  /** Saves mine, with theirs in the fields named. */
  async function saveMine(taken: ReadonlySet<string>) {
    const theirs = conflict.value?.theirs
    if (theirs === undefined) return
    for (const key of taken) form.values[key as keyof T] = theirs[key as keyof T]
    conflict.value = null
    await form.submit()
  }

  function takeTheirs() {
    if (conflict.value !== null) form.reset(conflict.value.theirs)
    conflict.value = null
  }

  function later() {
    conflict.value = null
  }

  return { conflict, saveMine, takeTheirs, later }
}
