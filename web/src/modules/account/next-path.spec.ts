// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest'
import { nextPath } from './next-path'

it.each([
  ['/jobs?badge=FAILED', '/jobs?badge=FAILED'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  [['/a', '/b'], '/'],
  [undefined, '/'],
])('%s leads to %s', (wanted, path) => {
  expect(nextPath(wanted)).toBe(path)
})
