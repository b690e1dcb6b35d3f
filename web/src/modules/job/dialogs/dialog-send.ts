// SPDX-License-Identifier: Apache-2.0
import { ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { asProblem, useProblemText, type Problem } from '@/api/problem'
import type { JobCommand, JobSummary, Operation } from '@/api/types'
import { toasts } from '@/shared/ui/toast'
import { useJobCommands } from '../commands'

const kAtOnce = 4

/** Sends a dialog's command to its job, or to several; the dialog stays with the problem when it is refused. */
export function useDialogSend(done: (operation?: Operation) => void) {
  const { run } = useJobCommands()
  const { t } = useI18n()
  const { messageOf } = useProblemText()
  const busy = ref(false)
  const problem = shallowRef<Problem | null>(null)

  async function sendTo(jobs: readonly JobSummary[], commandFor: (job: JobSummary) => JobCommand) {
    if (busy.value) return
    busy.value = true
    problem.value = null
    const [first] = jobs
    try {
      if (jobs.length === 1 && first !== undefined) {
        done(await run(first, commandFor(first)))
        return
      }
      const waiting = [...jobs]
      const refused: string[] = []
      const work = async () => {
        for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
          const { name } = job
          await run(job, commandFor(job)).catch((error: unknown) => {
            refused.push(`${name}: ${messageOf(asProblem(error))}`)
          })
        }
      }
      await Promise.all(Array.from({ length: kAtOnce }, work))
      if (refused.length > 0)
        toasts.failed(
          t('job.dialog.refused', { count: refused.length, total: jobs.length }),
          refused.join('\n'),
        )
      done()
    } catch (error) {
      problem.value = asProblem(error)
    } finally {
      busy.value = false
    }
  }

  return { busy, problem, sendTo }
}
