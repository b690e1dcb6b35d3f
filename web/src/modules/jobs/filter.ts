// SPDX-License-Identifier: Apache-2.0
import type { LocationQuery } from 'vue-router'
import type { Badge, JobSummary } from '@/api/types'
import { kBadgeOrder } from '@/shared/ui/job-badge'

/** What the list is narrowed to. Fields that hold nothing narrow nothing; several values of a field are alternatives. */
export interface JobFilter {
  text: string
  badges: Badge[]
  tags: string[]
  clusters: string[]
  owners: string[]
  versions: string[]
}

export const kSortKeys = [
  'name',
  'badge',
  'target',
  'tasks',
  'parallelism',
  'slots',
  'recordsIn',
  'recordsOut',
  'lag',
  'duration',
  'restarts',
  'checkpoint',
  'owner',
] as const
export type SortKey = (typeof kSortKeys)[number]

export interface JobSort {
  key: SortKey
  direction: 'asc' | 'desc'
}

export const kDefaultSort: JobSort = { key: 'name', direction: 'asc' }
export const kNoFilter: JobFilter = {
  text: '',
  badges: [],
  tags: [],
  clusters: [],
  owners: [],
  versions: [],
}

const kLists = [
  ['badge', 'badges'],
  ['tag', 'tags'],
  ['cluster', 'clusters'],
  ['owner', 'owners'],
  ['version', 'versions'],
] as const

function all(value: LocationQuery[string] | undefined): string[] {
  const values = Array.isArray(value) ? value : [value]
  return values.filter((one): one is string => typeof one === 'string' && one !== '')
}

/** Reads the filter out of an address; what makes no sense there is left out. */
export function filterFrom(query: LocationQuery): JobFilter {
  const badges = all(query['badge']).filter((badge): badge is Badge =>
    (kBadgeOrder as readonly string[]).includes(badge),
  )
  return {
    text: all(query['q'])[0] ?? '',
    badges,
    tags: all(query['tag']),
    clusters: all(query['cluster']),
    owners: all(query['owner']),
    versions: all(query['version']),
  }
}

export function sortFrom(query: LocationQuery): JobSort {
  const text = all(query['sort'])[0] ?? ''
  const key = text.replace(/^-/, '') as SortKey
  if (!kSortKeys.includes(key)) return kDefaultSort
  return { key, direction: text.startsWith('-') ? 'desc' : 'asc' }
}

/** The address of a filter and sort: `filterFrom` and `sortFrom` give them back. */
export function queryOf(filter: JobFilter, sort: JobSort): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {}
  if (filter.text !== '') query['q'] = filter.text
  for (const [name, field] of kLists) if (filter[field].length > 0) query[name] = filter[field]
  if (sort.key !== kDefaultSort.key || sort.direction !== kDefaultSort.direction)
    query['sort'] = (sort.direction === 'desc' ? '-' : '') + sort.key
  return query
}

export function isNarrowed(filter: JobFilter): boolean {
  return filter.text !== '' || kLists.some(([, field]) => filter[field].length > 0)
}

function anyOf<T>(wanted: readonly T[], value: T): boolean {
  return wanted.length === 0 || wanted.includes(value)
}

type Field = keyof JobFilter

/** The fields of the filter that speak against a job: none when it matches. Words are looked for in name, tags, owner and target; an id must be whole. */
export function fieldsAgainst(filter: JobFilter, job: JobSummary): Field[] {
  const against: Field[] = []
  if (!anyOf(filter.badges, job.badge)) against.push('badges')
  if (!anyOf(filter.clusters, job.target.clusterId)) against.push('clusters')
  if (!anyOf(filter.owners, job.owner.name)) against.push('owners')
  if (filter.versions.length > 0 && !filter.versions.some((one) => isVersion(job.version, one)))
    against.push('versions')
  if (filter.tags.length > 0 && !filter.tags.some((tag) => job.tags.includes(tag)))
    against.push('tags')
  if (filter.text !== '' && !hasWords(job, filter.text)) against.push('text')
  return against
}

function hasWords(job: JobSummary, wanted: string): boolean {
  const text = searchText(job)
  return wordsOf(wanted).every((word) => text.includes(word) || job.id.toLowerCase() === word)
}

/** All of the filter but its badges: the counts on the chips are of these. */
export function matchesBesidesBadge(filter: JobFilter, job: JobSummary): boolean {
  return fieldsAgainst(filter, job).every((field) => field === 'badges')
}

const searchTexts = new WeakMap<JobSummary, string>()

/** What words are looked for in; a job is never changed, so this is put together once. */
function searchText(job: JobSummary): string {
  const known = searchTexts.get(job)
  if (known !== undefined) return known
  const { name, tags, owner, target } = job
  const text = [name, ...tags, owner.name, target.clusterName].join(' ').toLowerCase()
  searchTexts.set(job, text)
  return text
}

let lastText = ''
let lastWords: string[] = []

function wordsOf(text: string): string[] {
  if (text !== lastText) {
    lastText = text
    lastWords = text.toLowerCase().split(/\s+/)
  }
  return lastWords
}

export function matches(filter: JobFilter, job: JobSummary): boolean {
  return fieldsAgainst(filter, job).length === 0
}

/** `1.20` holds for `1.20` and `1.20.3`, not for `1.2` or `1.201`. */
function isVersion(version: string, wanted: string): boolean {
  return version === wanted || version.startsWith(`${wanted}.`) || version.startsWith(`${wanted}-`)
}
