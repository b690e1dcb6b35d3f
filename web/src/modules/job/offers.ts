// SPDX-License-Identifier: Apache-2.0
import { useI18n } from 'vue-i18n'
import type { JobSummary } from '@/api/types'
import { useSession } from '@/stores/session'
import { offer, offers, refusalText, type ActionKind } from './actions'

/** What the person at this page can do to jobs, and the words for why not. */
export function useOffers() {
  const { t } = useI18n()
  const session = useSession()
  const whyNot = (job: JobSummary, kind: ActionKind): string => {
    const { refusal } = offer(job, kind, session.can)
    return refusal === null ? '' : refusalText(refusal, t)
  }
  return {
    offersOf: (job: JobSummary) => offers(job, session.can),
    /** Why something cannot be done; empty when it can. */
    whyNot,
    isPossible: (job: JobSummary, kind: ActionKind) => whyNot(job, kind) === '',
  }
}
