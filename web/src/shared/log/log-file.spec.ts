// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import type { LogPiece } from '@/api/types'
import { useLogFile, type ReadPiece } from './log-file'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** A file that is read as the API reads it: at most `atOnce` bytes, and the end when no offset is given. */
function file(text: string, atOnce = 12) {
  const content = { text }
  const read: ReadPiece = (offset, bytes) => {
    const sizeBytes = content.text.length
    const from = offset ?? Math.max(0, sizeBytes - atOnce)
    const piece = content.text.slice(from, from + Math.min(bytes, atOnce))
    const answer: LogPiece = {
      text: piece,
      offset: from,
      nextOffset: from + piece.length,
      sizeBytes,
    }
    return Promise.resolve(answer)
  }
  return { content, read: vi.fn(read) }
}

function open(read: ReadPiece) {
  const scope = effectScope()
  const log = scope.run(() => useLogFile(read, () => undefined))
  if (log === undefined) throw new Error('no scope')
  return { ...log, texts: () => log.lines.value.map(({ text }) => text), close: () => scope.stop() }
}
const rest = () => vi.advanceTimersByTimeAsync(0)

it('opens at the end, with the first whole line, and reads on', async () => {
  const { content, read } = file('first\nsecond\nthird\n')
  const log = open(read)
  await rest()
  expect(log.texts()).toEqual(['third'])
  expect(log.before.value).toBe('first\nsecond\n'.length)
  content.text += 'fourth\n'
  await vi.advanceTimersByTimeAsync(2000)
  expect(log.texts()).toEqual(['third', 'fourth'])
  log.close()
})

it('reads what is before on demand', async () => {
  const log = open(file('first\nsecond\nthird\n').read)
  await rest()
  await log.readOlder()
  // The stub gives at most twelve bytes, which here end within a line; the API gives what was asked for.
  expect(log.texts().at(-1)).toBe('third')
  expect(log.texts()[0]).toBe('first')
  log.close()
})

it('begins anew with a file that became shorter', async () => {
  const { content, read } = file('a long first line\nx\n')
  const log = open(read)
  await rest()
  content.text = 'new\n'
  await vi.advanceTimersByTimeAsync(2000)
  expect(log.texts()).toEqual(['new'])
  log.close()
})

it('says what went wrong, tries again, and stops when it is left', async () => {
  const { read } = file('x\n')
  read.mockRejectedValueOnce(new Error('gone'))
  const log = open(read)
  await rest()
  expect(log.problem.value?.message).toBe('gone')
  await vi.advanceTimersByTimeAsync(2000)
  expect(log.problem.value).toBeNull()
  expect(log.texts()).toEqual(['x'])
  log.close()
  const calls = read.mock.calls.length
  await vi.advanceTimersByTimeAsync(10_000)
  expect(read.mock.calls.length).toBe(calls)
})

it('gives the whole file in pieces', async () => {
  const text = 'first\nsecond\nthird\n'
  const log = open(file(text).read)
  await rest()
  expect((await log.readWhole()).join('')).toBe(text)
  log.close()
})
