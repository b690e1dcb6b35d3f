// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { tableTemplate } from './table-template'

describe('tableTemplate', () => {
  it('has the required options as places to fill in', () => {
    const option = (key: string, required: boolean, defaultValue: string | null = null) => ({
      key,
      type: 'String',
      required,
      defaultValue,
      description: '',
    })
    const text = tableTemplate({
      identifier: 'kafka',
      source: true,
      sink: true,
      options: [option('topic', false), option('servers', true, 'a${b}'), option('format', false)],
    })
    expect(text).toContain("'servers' = '${3:a\\${b\\}}'")
    expect(text).toContain("'format' = '${4:json}'")
    expect(text).not.toContain('topic')
  })
})
