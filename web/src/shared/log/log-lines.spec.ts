// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { cut, levelOf, LogLines, matching } from './log-lines'

const texts = (log: LogLines) => log.lines.map(({ text }) => text)

describe('LogLines', () => {
  it('joins pieces that end within a line, and shows a line that is not whole yet', () => {
    const log = new LogLines()
    log.append('one\ntw')
    expect(texts(log)).toEqual(['one', 'tw'])
    log.append('o\r\nthree\n')
    log.append('')
    expect(texts(log)).toEqual(['one', 'two', 'three'])
    expect(log.lines.map(({ number }) => number)).toEqual([1, 2, 3])
  })

  it('is another list whenever something was added', () => {
    const log = new LogLines()
    log.append('a\n')
    const before = log.lines
    log.append('')
    expect(log.lines).toBe(before)
    log.append('b\n')
    expect(log.lines).not.toBe(before)
  })

  it('keeps the newest lines with their numbers, and takes older pieces in front', () => {
    const log = new LogLines(2)
    log.append('a\nb\nc\n')
    expect(log.lines.map(({ number }) => number)).toEqual([2, 3])
    log.prepend('y\nz\n')
    expect(texts(log)).toEqual(['y', 'z', 'b', 'c'])
    expect(log.lines.map(({ number }) => number)).toEqual([0, 1, 2, 3])
  })

  it('gives a stack trace the level of its entry', () => {
    const log = new LogLines()
    log.append('2026-03-01 12:00:00,123 WARN  o.a.f.X - bad\njava.io.IOException: ERROR in it\n')
    log.append('\tat a.b\n2026-03-01 12:00:01,123 INFO  z\n')
    expect(log.lines.map(({ level }) => level)).toEqual(['WARN', 'WARN', 'WARN', 'INFO'])
    expect(levelOf('12:00:00.1 [main] SEVERE x - y')).toBe('ERROR')
    expect(levelOf('[WARNING] x')).toBe('WARN')
    expect(levelOf('the INFO of it')).toBeNull()
  })
})

describe('searching', () => {
  it('finds lines whatever their case', () => {
    const log = new LogLines()
    log.append('Disk full\nfine\nDISK ok\n')
    expect(matching(log.lines, 'disk')).toEqual([0, 2])
    expect(matching(log.lines, '')).toEqual([])
  })

  it('cuts a line at each hit', () => {
    expect(cut('Disk of disks', 'disk')).toEqual([
      { text: '', found: false },
      { text: 'Disk', found: true },
      { text: ' of ', found: false },
      { text: 'disk', found: true },
      { text: 's', found: false },
    ])
    expect(cut('x', '')).toEqual([{ text: 'x', found: false }])
  })
})
