// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, ref, shallowRef } from 'vue'
import { asProblem, type Problem } from '@/api/problem'
import type { LogPiece } from '@/api/types'
import { onVisibility } from '@/shared/composables/visibility'
import { LogLines, type LogLine } from './log-lines'

/** A piece from an offset, or the end of the file without one. */
export type ReadPiece = (
  offset: number | undefined,
  bytes: number,
  signal: AbortSignal,
) => Promise<LogPiece>

const kPiece = 262_144
const kWhole = 1_048_576
const kPause = 2000

/** Bytes of a text up to and with its first line's end: what a piece that begins within a line begins with. */
function brokenLine(text: string): { text: string; bytes: number } {
  const broken = text.slice(0, text.indexOf('\n') + 1)
  return { text: broken, bytes: new TextEncoder().encode(broken).length }
}

/**
 * A log file as it grows: its end at first, then what is added while the tab is seen, older pieces on demand. `added` is called
 * after lines came at the end.
 */
export function useLogFile(read: ReadPiece, added: () => void) {
  let log = new LogLines()
  let next: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const stopped = new AbortController()

  const lines = shallowRef<readonly LogLine[]>([])
  /** Bytes before the first line that is here. */
  const before = ref(0)
  const size = ref(0)
  const loaded = ref(false)
  const problem = shallowRef<Problem | null>(null)

  function take(piece: LogPiece) {
    let { text } = piece
    if (next === undefined) {
      before.value = piece.offset
      if (piece.offset > 0) {
        // That line is left for the older piece.
        const broken = brokenLine(text)
        before.value += broken.bytes
        text = text.slice(broken.text.length)
      }
    }
    log.append(text)
    next = piece.nextOffset
    size.value = piece.sizeBytes
    lines.value = log.lines
  }

  async function readOn() {
    clearTimeout(timer)
    try {
      let piece = await read(next, kPiece, stopped.signal)
      if (next !== undefined && piece.sizeBytes < next) {
        // Shorter than it was: it was begun anew.
        log = new LogLines()
        next = undefined
        piece = await read(undefined, kPiece, stopped.signal)
      }
      take(piece)
      problem.value = null
      if (piece.text !== '') added()
      if (piece.text !== '' && piece.nextOffset < piece.sizeBytes) return void readOn()
    } catch (error) {
      if (stopped.signal.aborted) return
      problem.value = asProblem(error)
    } finally {
      loaded.value = true
    }
    if (!document.hidden) timer = setTimeout(() => void readOn(), kPause)
  }

  async function readOlder() {
    const from = Math.max(0, before.value - kPiece)
    try {
      const { text } = await read(from, before.value - from, stopped.signal)
      const broken = from === 0 ? { text: '', bytes: 0 } : brokenLine(text)
      before.value = from + broken.bytes
      log.prepend(text.slice(broken.text.length))
      lines.value = log.lines
    } catch (error) {
      if (!stopped.signal.aborted) problem.value = asProblem(error)
    }
  }

  /** The file from its beginning, as pieces. */
  async function readWhole(): Promise<string[]> {
    const pieces: string[] = []
    for (let offset = 0; ;) {
      const piece = await read(offset, kWhole, stopped.signal)
      pieces.push(piece.text)
      if (piece.nextOffset <= offset || piece.nextOffset >= piece.sizeBytes) return pieces
      offset = piece.nextOffset
    }
  }

  void readOn()
  onVisibility((visible) => {
    if (visible) void readOn()
    else clearTimeout(timer)
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    stopped.abort()
  })

  return { lines, before, size, loaded, problem, readOlder, readWhole }
}
