// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { pace } from './queries'

describe('pace', () => {
  it('reads anew only while something moves', () => {
    expect(pace('RUNNING', 2000)).toBe(2000)
    expect(pace('STOPPED', 2000)).toBe(false)
    expect(pace(undefined, 2000)).toBe(false)
  })
})
