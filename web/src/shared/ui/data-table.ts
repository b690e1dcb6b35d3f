// SPDX-License-Identifier: Apache-2.0

export interface Column<Row> {
  key: string
  /** Text of the heading; empty for a column of buttons. */
  title: string
  /** A CSS width; the rest is shared by those without. */
  width?: string
  align?: 'start' | 'end'
  /** Gives the value to sort by; without it the column cannot be sorted. */
  sort?: (row: Row) => string | number
  /** Left out on narrow screens, where a row is a card. */
  wideOnly?: boolean
}

export interface Sort {
  key: string
  direction: 'asc' | 'desc'
}

/** Sorts a copy; equal rows keep their order, text is compared as people do (`job 2` before `job 10`). */
export function sortRows<Row>(rows: readonly Row[], columns: Column<Row>[], sort?: Sort): Row[] {
  const value = columns.find(({ key }) => key === sort?.key)?.sort
  if (sort === undefined || value === undefined) return [...rows]
  const sign = sort.direction === 'asc' ? 1 : -1
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)]
    const order =
      typeof x === 'number' && typeof y === 'number'
        ? x - y
        : collator.compare(String(x), String(y))
    return sign * order
  })
}
