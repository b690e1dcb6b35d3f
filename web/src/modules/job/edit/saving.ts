// SPDX-License-Identifier: Apache-2.0
import { computed, ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { asProblem, type Problem } from '@/api/problem'
import type { Job } from '@/api/types'
import { toasts } from '@/shared/ui/toast'
import type { useDraft } from './draft-keeper'
import { clone, draftOf, faultsOf, type EditableDraft } from './job-draft'
import { useSaveJob } from './save-job'

/**
 * Saving of the draft that `keeper` holds: faults found here, what the API refuses by field, and the conflict with a save that
 * overtook it. `reveal` shows the field of a pointer.
 */
export function useSaving(
  job: Job | null,
  keeper: ReturnType<typeof useDraft>,
  reveal: (pointer: string) => Promise<void>,
) {
  const { t } = useI18n()
  const { draft, etag, accept, adopt, replace } = keeper
  const { save: send, read } = useSaveJob()
  const saving = ref(false)
  const problem = shallowRef<Problem | null>(null)
  const tried = ref(false)
  const conflict = shallowRef<Job | null>(null)
  const localFaults = computed(() => (tried.value ? faultsOf(draft) : {}))

  function errorAt(pointer: string): string | undefined {
    const key = localFaults.value[pointer]
    if (key !== undefined) return t(key)
    return problem.value?.fields.find((field) => field.pointer === pointer)?.message
  }
  /** Field errors that no field of the form shows. */
  const otherErrors = computed(() => {
    const known =
      /^\/(name|teamId|description|tags|spec\/(target|version|parallelism|options|dependencies|restart))/
    return (problem.value?.fields ?? []).filter(({ pointer }) => !known.test(pointer))
  })

  async function save(sent: EditableDraft = draft, edition = etag.value): Promise<Job | null> {
    if (saving.value) return null
    tried.value = true
    const [first] = Object.keys(faultsOf(sent))
    if (first !== undefined) {
      await reveal(first)
      return null
    }
    saving.value = true
    problem.value = null
    const copy = clone(sent)
    try {
      const saved = await send(job?.id ?? null, edition, copy)
      // What was typed while it was being sent stays, as the next change.
      const typedOn = JSON.stringify(draft) !== JSON.stringify(copy) && sent === draft
      const newer = clone(draft)
      accept(draftOf(saved), saved.etag)
      if (job === null) adopt(saved.id)
      if (typedOn) replace(newer)
      conflict.value = null
      tried.value = false
      toasts.done(t('job.edit.saved', { number: saved.revision.wanted }))
      return saved
    } catch (error) {
      const found = asProblem(error)
      if (found.code === 'STALE_EDIT' && job !== null) {
        conflict.value = await read(job.id)
      } else {
        problem.value = found
        const [field] = found.fields
        if (field) await reveal(field.pointer)
      }
      return null
    } finally {
      saving.value = false
    }
  }

  function takeTheirs() {
    const theirs = conflict.value
    if (theirs === null) return
    accept(draftOf(theirs), theirs.etag)
    conflict.value = null
  }

  async function saveMerged(merged: EditableDraft) {
    const edition = conflict.value?.etag ?? etag.value
    replace(merged)
    await save(merged, edition)
  }

  return { saving, problem, conflict, errorAt, otherErrors, save, takeTheirs, saveMerged }
}
