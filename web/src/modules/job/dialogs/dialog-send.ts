// SPDX-License-Identifier: Apache-2.0
import { ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { asProblem, useProblemText, type Problem } from '@/api/problem'
import type { JobCommand, JobSummary, Operation } from '@/api/types'
import { toasts } from '@/shared/ui/toast'
import { useJobCommands } from '../commands'

const kAtOnce = 4

export interface Sent {
  /** The jobs whose command was accepted. */
  accepted: readonly JobSummary[]
  /** Of the only job. */
  operation?: Operation
}

/** Sends a dialog's command to its job, or to several; the dialog stays with the problem when its only job is refused. */
export function useDialogSend(done: (sent: Sent) => void) {
  const { run } = useJobCommands()
  const { t } = useI18n()
  const { messageOf } = useProblemText()
  const busy = ref(false)
  const problem = shallowRef<Problem | null>(null)
  /** How much of several is sent, from 0 to 1; null for one. */
  const progress = ref<number | null>(null)

  async function sendTo(jobs: readonly JobSummary[], commandFor: (job: JobSummary) => JobCommand) {
    if (busy.value) return
    busy.value = true
    problem.value = null
    progress.value = jobs.length > 1 ? 0 : null
    const [first] = jobs
    try {
      if (jobs.length === 1 && first !== undefined) {
        done({ accepted: [first], operation: await run(first, commandFor(first)) })
        return
      }
      const waiting = [...jobs]
      const accepted: JobSummary[] = []
      const refused: string[] = []
      const work = async () => {
        for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
          try {
            await run(job, commandFor(job))
            accepted.push(job)
          } catch (error) {
            refused.push(`${job.name}: ${messageOf(asProblem(error))}`)
          }
          progress.value = (accepted.length + refused.length) / jobs.length
        }
      }
      await Promise.all(Array.from({ length: kAtOnce }, work))
      if (refused.length > 0)
        toasts.failed(
          t('job.dialog.refused', { count: refused.length, total: jobs.length }),
          refused.join('\n'),
        )
      done({ accepted })
    } catch (error) {
      problem.value = asProblem(error)
    } finally {
      busy.value = false
    }
  }

  return { busy, problem, progress, sendTo }
}
