// SPDX-License-Identifier: Apache-2.0
import { stringify } from 'yaml'
import type { JobSpec } from '@/api/types'

/** A spec without its SQL as text whose lines can be compared: keys in one order, what is not set left out. */
export function settingsText(spec: JobSpec): string {
  return stringify(tidy({ ...spec, sql: undefined }), { sortMapEntries: true })
}

function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(tidy)
  if (typeof value !== 'object' || value === null) return value ?? undefined
  const entries = Object.entries(value)
    .map(([key, part]) => [key, tidy(part)] as const)
    .filter(([, part]) => part !== undefined)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}
