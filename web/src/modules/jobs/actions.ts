// SPDX-License-Identifier: Apache-2.0
import { useI18n } from 'vue-i18n'
import type { JobSummary } from '@/api/types'
import { offer, offers, refusalText, type ActionKind } from '@/modules/job'
import { useSession } from '@/stores/session'

export type { ActionKind }

/** What the list can begin: what the API says of a job, and what needs no permission of the engine. */
export type ListAction = ActionKind | 'COPY' | 'OPEN_YAML'

/** What can be done to a job now by whoever is signed in: what its state allows, and what their role in its team does. */
export function useJobActions() {
  const { t } = useI18n()
  const session = useSession()

  /** Why something cannot be done, in the page's language; undefined when it can. */
  function refusal(job: JobSummary, kind: ActionKind): string | undefined {
    const { refusal: why } = offer(job, kind, session.can)
    return why === null ? undefined : refusalText(why, t)
  }

  const allowed = (job: JobSummary, kind: ActionKind) =>
    offer(job, kind, session.can).refusal === null

  /** The two most likely things to do, by what the badge asks for; only those that can be done. */
  function likely(job: JobSummary): ActionKind[] {
    const { buttons, menu } = offers(job, session.can)
    return [...buttons, ...menu]
      .filter(({ kind, refusal: why }) => why === null && kind !== 'DELETE')
      .slice(0, 2)
      .map(({ kind }) => kind)
  }

  return { refusal, allowed, likely }
}
