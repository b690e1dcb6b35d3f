// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { yamlParts } from './yaml-lines'

const look = (text: string) =>
  yamlParts(text.split('\n')).map((parts) =>
    parts.filter((part) => part.text !== '').map((part) => [part.kind, part.text]),
  )

describe('yamlParts', () => {
  it('tells keys, strings and comments', () => {
    expect(look('# a file\nkind: Job\nversion: "1.20"')).toEqual([
      [['comment', '# a file']],
      [
        ['key', 'kind'],
        ['text', ':'],
        ['text', ' Job'],
      ],
      [
        ['key', 'version'],
        ['text', ':'],
        ['string', ' "1.20"'],
      ],
    ])
  })

  it('leaves a block alone until its indentation ends', () => {
    const lines = look('  sql: |\n    a: b\n\n  state: running')
    expect(lines[1]).toEqual([['string', '    a: b']])
    expect(lines[3]?.[1]).toEqual(['key', 'state'])
  })

  it('loses nothing', () => {
    const text = '- a: [1, 2]\n  "b/c": \'x\'\nplain\n'
    expect(
      yamlParts(text.split('\n'))
        .map((parts) => parts.map((part) => part.text).join(''))
        .join('\n'),
    ).toBe(text)
  })
})
