// SPDX-License-Identifier: Apache-2.0
import type { SortKey } from './filter'

/** What can be sorted by, but for the name, and the last runs. */
export type ColumnKey = Exclude<SortKey, 'name'> | 'attempts'

export interface ListColumn {
  key: ColumnKey
  /** Key of its title's text. */
  title: string
  sort?: SortKey
  end?: boolean
  /** Of the grid, and the least width of it in pixels. */
  track: string
  least: number
  /** Width of the window, in pixels, from which on it is shown unless somebody chose. */
  from: number
}

const fixed = (least: number) => ({ track: `${least}px`, least })

/** The list's columns that can be chosen, in their order; before them stand the box and the name, after them the actions. */
export const kColumns: readonly ListColumn[] = [
  { key: 'badge', title: 'common.state', sort: 'badge', from: 0, ...fixed(152) },
  {
    key: 'target',
    title: 'jobs.column.target',
    sort: 'target',
    from: 0,
    track: 'minmax(92px, 0.9fr)',
    least: 92,
  },
  { key: 'tasks', title: 'jobs.column.tasks', sort: 'tasks', from: 0, ...fixed(66) },
  {
    key: 'parallelism',
    title: 'jobs.column.parallelism',
    sort: 'parallelism',
    end: true,
    from: 1760,
    ...fixed(92),
  },
  { key: 'slots', title: 'jobs.column.slots', sort: 'slots', end: true, from: 1600, ...fixed(62) },
  {
    key: 'recordsIn',
    title: 'jobs.column.recordsIn',
    sort: 'recordsIn',
    end: true,
    from: 1440,
    ...fixed(84),
  },
  {
    key: 'recordsOut',
    title: 'jobs.column.recordsOut',
    sort: 'recordsOut',
    end: true,
    from: 1440,
    ...fixed(84),
  },
  { key: 'lag', title: 'jobs.column.lag', sort: 'lag', end: true, from: 1600, ...fixed(70) },
  {
    key: 'duration',
    title: 'jobs.column.duration',
    sort: 'duration',
    end: true,
    from: 0,
    ...fixed(90),
  },
  {
    key: 'restarts',
    title: 'jobs.column.restarts',
    sort: 'restarts',
    end: true,
    from: 0,
    ...fixed(74),
  },
  {
    key: 'checkpoint',
    title: 'jobs.column.checkpoint',
    sort: 'checkpoint',
    end: true,
    from: 0,
    ...fixed(92),
  },
  {
    key: 'owner',
    title: 'jobs.column.owner',
    sort: 'owner',
    from: 0,
    track: 'minmax(60px, 0.6fr)',
    least: 60,
  },
  { key: 'attempts', title: 'jobs.column.attempts', from: 0, ...fixed(78) },
]

const kBefore = { track: '36px minmax(150px, 1.7fr)', least: 186 }
const kAfter = { track: '120px', least: 120 }

/** What is shown: what somebody chose, else what fits into a window of that width. */
export function columnsShown(
  chosen: readonly string[] | null,
  windowWidth: number,
): readonly ListColumn[] {
  return kColumns.filter(({ key, from }) =>
    chosen === null ? windowWidth >= from : chosen.includes(key),
  )
}

/** The columns with one more or less, in their order. */
export function toggled(shown: readonly ListColumn[], key: ColumnKey): ColumnKey[] {
  const on = shown.some((column) => column.key === key)
  return kColumns
    .map((column) => column.key)
    .filter((one) => (one === key ? !on : shown.some((column) => column.key === one)))
}

/** The grid of head and rows, and the width below which the list scrolls sideways. */
export function gridOf(shown: readonly ListColumn[]): { tracks: string; least: number } {
  const parts = [kBefore, ...shown, kAfter]
  return {
    tracks: parts.map(({ track }) => track).join(' '),
    least: parts.reduce((total, { least }) => total + least, 0),
  }
}
