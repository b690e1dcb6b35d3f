// SPDX-License-Identifier: Apache-2.0
import type { JobSummary } from '@/api/types'
import { fieldsAgainst, type JobFilter } from './filter'
import { naturalKey } from './ordering'

export interface Choice {
  value: string
  label: string
  count: number
}

export type ChoiceField = 'tags' | 'clusters' | 'owners' | 'versions'
export type Choices = Record<ChoiceField, Choice[]>

export const kChoiceFields: readonly ChoiceField[] = ['tags', 'clusters', 'owners', 'versions']
const kMost = 200

/** What a job has in a field. */
const kValues: Record<ChoiceField, (job: JobSummary) => readonly (readonly [string, string])[]> = {
  tags: (job) => job.tags.map((tag) => [tag, tag]),
  clusters: (job) => [[job.target.clusterId, job.target.clusterName]],
  owners: (job) => [[job.owner.name, job.owner.name]],
  versions: (job) => (job.version === '' ? [] : [[job.version, job.version]]),
}

/**
 * What there is to choose in each field of the filter, by name. The number at a choice is of the jobs that match the rest of
 * the filter, so it says what the list would have with that choice alone in its field.
 */
export function choicesOf(jobs: Iterable<JobSummary>, filter: JobFilter): Choices {
  const found = new Map(kChoiceFields.map((field) => [field, new Map<string, Choice>()]))
  for (const job of jobs) {
    const against = fieldsAgainst(filter, job)
    for (const field of kChoiceFields) {
      const counts = against.length === 0 || (against.length === 1 && against[0] === field)
      for (const [value, label] of kValues[field](job)) {
        const choices = found.get(field)
        const choice = choices?.get(value)
        if (choice !== undefined) choice.count += counts ? 1 : 0
        else choices?.set(value, { value, label, count: counts ? 1 : 0 })
      }
    }
  }
  const inOrder = (field: ChoiceField) =>
    [...(found.get(field)?.values() ?? [])]
      .filter(({ value, count }) => count > 0 || filter[field].includes(value))
      .sort((a, b) => (naturalKey(a.label) < naturalKey(b.label) ? -1 : 1))
      .slice(0, kMost)
  return {
    tags: inOrder('tags'),
    clusters: inOrder('clusters'),
    owners: inOrder('owners'),
    versions: inOrder('versions'),
  }
}
