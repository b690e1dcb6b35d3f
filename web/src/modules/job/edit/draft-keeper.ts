// SPDX-License-Identifier: Apache-2.0
import { computed, onScopeDispose, reactive, ref, watch } from 'vue'
import { clone, type EditableDraft } from './job-draft'

interface Kept {
  /** The edition that the draft was begun from; empty for a new job. */
  etag: string
  draft: EditableDraft
  at: string
}

const kPrefix = 'streampark.draft.'
const keyOf = (owner: string, id: string) => `${kPrefix}${owner}.${id}`
const kPause = 400

function read(key: string): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') as Kept | null
  } catch {
    return null
  }
}

/**
 * A draft that survives closing the page: it is written to this browser while it differs from what is saved, and taken up again
 * when the same person opens the page next. `restored` says since when it waits. The id of a new job is `new`.
 */
export function useDraft(owner: string, id: string, saved: EditableDraft, etag: string) {
  let key = keyOf(owner, id)
  const kept = read(key)
  const differs = kept !== null && JSON.stringify(kept.draft) !== JSON.stringify(saved)

  const base = ref(JSON.stringify(saved))
  const baseEtag = ref(differs ? kept.etag : etag)
  const draft = reactive(clone(differs ? kept.draft : saved)) as EditableDraft
  const restored = ref<string | null>(differs ? kept.at : null)
  const text = computed(() => JSON.stringify(draft))
  const dirty = computed(() => text.value !== base.value)

  let timer: ReturnType<typeof setTimeout> | undefined
  function keep() {
    clearTimeout(timer)
    if (!dirty.value) {
      localStorage.removeItem(key)
      return
    }
    const entry = { etag: baseEtag.value, draft, at: new Date().toISOString() }
    try {
      localStorage.setItem(key, JSON.stringify(entry))
    } catch {
      // A full store must not stop the typing; leaving the page asks all the same.
    }
  }
  watch(text, () => {
    clearTimeout(timer)
    timer = setTimeout(keep, kPause)
  })
  window.addEventListener('pagehide', keep)
  onScopeDispose(() => {
    window.removeEventListener('pagehide', keep)
    keep()
  })

  function replace(next: EditableDraft) {
    Object.assign(draft, clone(next))
  }
  /** What is in the draft now is saved, as this edition. */
  function accept(now: EditableDraft, newEtag: string) {
    base.value = JSON.stringify(now)
    baseEtag.value = newEtag
    restored.value = null
    replace(now)
    localStorage.removeItem(key)
  }
  /** A new job has its id now: what differs from here on is that job's draft. */
  function adopt(newId: string) {
    localStorage.removeItem(key)
    key = keyOf(owner, newId)
  }
  function discard() {
    const next = JSON.parse(base.value) as EditableDraft
    accept(next, etag)
  }

  return { draft, dirty, restored, etag: baseEtag, accept, adopt, discard, replace }
}
