// SPDX-License-Identifier: Apache-2.0
import type { JobSummary } from '@/api/types'
import { offer, offers, refusalText, type ActionKind } from '@/modules/job'
import { useSession } from '@/stores/session'

export type { ActionKind }

/** What the list can begin: what the API says of a job, and what needs no permission of the engine. */
export type ListAction = ActionKind | 'COPY' | 'OPEN_YAML'

/** Why the caller cannot do something to a job now; undefined when they can. With `t` in the page's language. */
export function refusal(
  job: JobSummary,
  kind: ActionKind,
  t?: Parameters<typeof refusalText>[1],
): string | undefined {
  const { refusal: why } = offer(job, kind, useSession().can)
  if (why === null) return undefined
  return t === undefined ? why.message : refusalText(why, t)
}

export function allowed(job: JobSummary, kind: ActionKind): boolean {
  return offer(job, kind, useSession().can).refusal === null
}

/** The two most likely things to do, by what the badge asks for; only those that can be done. */
export function likelyActions(job: JobSummary): ActionKind[] {
  const { buttons, menu } = offers(job, useSession().can)
  return [...buttons, ...menu]
    .filter(({ kind, refusal: why }) => why === null && kind !== 'DELETE')
    .slice(0, 2)
    .map(({ kind }) => kind)
}
