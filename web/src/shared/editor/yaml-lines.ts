// SPDX-License-Identifier: Apache-2.0

export interface YamlPart {
  text: string
  kind: 'key' | 'comment' | 'string' | 'text'
}

const kLine = /^(\s*(?:- )?)([\w."'/-]+)(\s*:)(?=\s|$)(.*)$/

/** A line of YAML cut for colouring; enough for the job files that the console writes. A block's lines are plain. */
export function yamlParts(lines: readonly string[]): YamlPart[][] {
  let block: number | null = null
  return lines.map((line) => {
    const indent = line.search(/\S/)
    if (block !== null && (indent === -1 || indent > block)) return [{ text: line, kind: 'string' }]
    block = null
    if (/^\s*#/.test(line)) return [{ text: line, kind: 'comment' }]
    const [, before = '', key = '', colon = '', rest = ''] = kLine.exec(line) ?? []
    if (key === '') return [{ text: line, kind: 'text' }]
    if (/[|>][+-]?\d*\s*$/.test(rest)) block = indent
    return [
      { text: before, kind: 'text' },
      { text: key, kind: 'key' },
      { text: colon, kind: 'text' },
      { text: rest, kind: /^\s*['"]/.test(rest) ? 'string' : 'text' },
    ]
  })
}
