// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { settingsText } from './settings-text'
import { aJob } from './testing'

describe('settingsText', () => {
  it('leaves out the script and what is not set, in one order', () => {
    const { spec } = aJob()
    expect(
      settingsText({ ...spec, options: { b: '1', a: '2' }, dependencies: { maven: [] } }),
    ).toBe(settingsText({ ...spec, sql: 'other', options: { a: '2', b: '1' } }))
  })
})
