// SPDX-License-Identifier: Apache-2.0
import type { JobSummary } from '@/api/types'
import { formatCompact, formatCount, formatRate } from '@/shared/format'
import type { ColumnKey } from './columns'

export interface NumberCell {
  text: string
  /** The exact number in words. */
  title?: string
  muted: boolean
}

type Translate = (key: string, values: Record<string, string>) => string

const kNumbers: Partial<
  Record<ColumnKey, { of: (job: JobSummary) => number | null; format: (value: number) => string }>
> = {
  parallelism: { of: (job) => job.parallelism, format: String },
  slots: { of: (job) => job.slots, format: String },
  recordsIn: { of: (job) => job.recordsInPerSecond, format: formatRate },
  recordsOut: { of: (job) => job.recordsOutPerSecond, format: formatRate },
  lag: { of: (job) => job.pendingRecords, format: formatCompact },
}

/** A cell of the list that holds one number, null in other columns; what is not known is a dash and not a zero. */
export function numberIn(
  column: ColumnKey,
  job: JobSummary,
  t: Translate,
  locale: string,
): NumberCell | null {
  const number = kNumbers[column]
  if (number === undefined) return null
  const value = number.of(job)
  if (value === null) return { text: '–', title: t('jobs.number.unknown', {}), muted: true }
  const text = number.format(value)
  if (column === 'parallelism') return { text, muted: false }
  const title = t(`jobs.number.${column}`, { count: formatCount(value, locale) })
  return { text, title, muted: value === 0 }
}
