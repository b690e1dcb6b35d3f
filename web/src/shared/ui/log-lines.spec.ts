// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest'
import { findLines, levelOf, LogLines } from './log-lines'

it('joins pieces that end within a line', () => {
  const log = new LogLines()
  log.add('first\nsec')
  log.add('ond\r\nthird')
  expect(log.lines.map(({ text }) => text)).toEqual(['first', 'second'])
  log.add('\n')
  expect(log.lines.map(({ number }) => number)).toEqual([1, 2, 3])
})

it('drops the broken line at the beginning of an end', () => {
  const log = new LogLines()
  log.add('en of a line\nwhole\n', true)
  expect(log.lines.map(({ text }) => text)).toEqual(['whole'])
})

it('keeps the newest lines and their numbers', () => {
  const log = new LogLines(2)
  log.add('a\nb\nc\n')
  expect(log.lines).toMatchObject([
    { number: 2, text: 'b' },
    { number: 3, text: 'c' },
  ])
})

it('gives a stack trace the level of its entry', () => {
  const log = new LogLines()
  log.add(
    '2026-03-01 12:00:00,123 WARN  o.a.f.X - bad\njava.io.IOException: ERROR in it\n\tat a.b\n',
  )
  expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'warn', 'warn'])
  expect(levelOf('12:00:00.1 [main] ERROR x - y')).toBe('error')
  expect(levelOf('the INFO of it')).toBeNull()
})

it('finds text whatever its case', () => {
  const log = new LogLines()
  log.add('One\ntwo\nONE more\n')
  expect(findLines(log.lines, 'one')).toEqual([0, 2])
  expect(findLines(log.lines, '')).toEqual([])
})
