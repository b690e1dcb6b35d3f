// SPDX-License-Identifier: Apache-2.0
import type { JobSummary } from '@/api/types'
import { naturalKey } from './ordering'

export interface Choice {
  value: string
  label: string
  count: number
}

export interface Choices {
  tags: Choice[]
  clusters: Choice[]
  owners: Choice[]
  versions: Choice[]
}

const kMost = 200

/** What there is to choose in each field of the filter, by name, with the number of jobs that have it. */
export function choicesOf(jobs: readonly JobSummary[]): Choices {
  const found = {
    tags: new Map<string, Choice>(),
    clusters: new Map<string, Choice>(),
    owners: new Map<string, Choice>(),
    versions: new Map<string, Choice>(),
  }
  const add = (field: keyof Choices, value: string, label = value) => {
    const choice = found[field].get(value)
    if (choice === undefined) found[field].set(value, { value, label, count: 1 })
    else choice.count += 1
  }
  for (const job of jobs) {
    for (const tag of job.tags) add('tags', tag)
    add('clusters', job.target.clusterId, job.target.clusterName)
    add('owners', job.owner.name)
    if (job.version !== '') add('versions', job.version)
  }
  const inOrder = (choices: Map<string, Choice>) =>
    [...choices.values()]
      .sort((a, b) => (naturalKey(a.label) < naturalKey(b.label) ? -1 : 1))
      .slice(0, kMost)
  return {
    tags: inOrder(found.tags),
    clusters: inOrder(found.clusters),
    owners: inOrder(found.owners),
    versions: inOrder(found.versions),
  }
}
