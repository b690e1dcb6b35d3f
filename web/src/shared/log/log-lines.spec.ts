// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { LogLines, matching } from './log-lines'

describe('LogLines', () => {
  it('joins pieces that end within a line', () => {
    const log = new LogLines()
    log.append('one\ntw')
    log.append('o\nthree\n')
    log.append('')
    expect(log.lines.map(({ text }) => text)).toEqual(['one', 'two', 'three'])
  })

  it('gives a trace the level of its line', () => {
    const log = new LogLines()
    log.append('2026 ERROR x - y\n\tat a.b.C\n2026 WARN  z\n2026 INFO  z\r\n')
    expect(log.lines.map(({ level }) => level)).toEqual(['ERROR', 'ERROR', 'WARN', 'INFO'])
    expect(log.lines.at(-1)?.text).toBe('2026 INFO  z')
  })

  it('drops the oldest above its limit and takes older pieces in front', () => {
    const log = new LogLines(2)
    log.append('a\nb\nc\n')
    expect(log.dropped).toBe(1)
    log.prepend('y\nz\n')
    expect(log.lines.map(({ text }) => text)).toEqual(['y', 'z', 'b', 'c'])
  })

  it('finds lines whatever their case', () => {
    const log = new LogLines()
    log.append('Disk full\nfine\nDISK ok\n')
    expect(matching(log.lines, 'disk')).toEqual([0, 2])
    expect(matching(log.lines, '')).toEqual([])
  })
})
