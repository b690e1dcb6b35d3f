// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest'
import { sixDigits } from './colour'

it.each([
  [' #fff', '#ffffff'],
  ['#1a2', '#11aa22'],
  ['#14171c', '#14171c'],
])('%s is %s', (written, read) => {
  expect(sixDigits(written)).toBe(read)
})
