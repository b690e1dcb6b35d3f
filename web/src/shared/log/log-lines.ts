// SPDX-License-Identifier: Apache-2.0

export type LogLevel = 'ERROR' | 'WARN' | 'INFO' | 'DEBUG'

export interface LogLine {
  /** Counts up from the first line of the first piece, also when old ones are dropped; older pieces count down from it. */
  number: number
  text: string
  /** Its own, or that of the entry that it goes on with, as a stack trace does. */
  level: LogLevel | null
}

const kLevel = /(?:^|[\s[])(ERROR|FATAL|SEVERE|WARN(?:ING)?|INFO|DEBUG|TRACE)(?=[\s\]:]|$)/
const kStart = /^\s*(?:\d{2,4}[-/:]\d{2}|\[?(?:ERROR|FATAL|SEVERE|WARN|WARNING|INFO|DEBUG|TRACE)\b)/
const kLevels: Record<string, LogLevel> = {
  ERROR: 'ERROR',
  FATAL: 'ERROR',
  SEVERE: 'ERROR',
  WARN: 'WARN',
  WARNING: 'WARN',
  INFO: 'INFO',
  DEBUG: 'DEBUG',
  TRACE: 'DEBUG',
}

/** Level of a line that begins an entry; null for one that goes on, as in a stack trace. */
export function levelOf(text: string): LogLevel | null {
  if (!kStart.test(text)) return null
  const name = kLevel.exec(text.slice(0, 120))?.[1]
  return name === undefined ? null : (kLevels[name] ?? null)
}

/**
 * The lines of a growing log, read piece by piece; a piece may end within a line, which is shown as far as it is there. The
 * newest `most` are kept.
 */
export class LogLines {
  readonly #most: number
  #lines: LogLine[] = []
  #rest = ''

  constructor(most = 50_000) {
    this.#most = most
  }

  /** A new list whenever something was added. */
  get lines(): readonly LogLine[] {
    return this.#lines
  }

  append(piece: string) {
    if (piece === '') return
    const kept = this.#rest === '' ? this.#lines : this.#lines.slice(0, -1)
    const parts = (this.#rest + piece).split('\n')
    this.#rest = parts.at(-1) ?? ''
    if (this.#rest === '') parts.pop()
    const last = kept.at(-1)
    const added = entries(parts, last?.level ?? null, (last?.number ?? 0) + 1)
    this.#lines = [...kept, ...added].slice(-this.#most)
  }

  /** Puts an older piece of whole lines before the first. */
  prepend(piece: string) {
    const parts = piece.replace(/\n$/, '').split('\n')
    const first = this.#lines[0]?.number ?? 1
    this.#lines = [...entries(parts, null, first - parts.length), ...this.#lines]
  }
}

function entries(parts: readonly string[], level: LogLevel | null, number: number): LogLine[] {
  let current = level
  return parts.map((part, index) => {
    const text = part.endsWith('\r') ? part.slice(0, -1) : part
    current = levelOf(text) ?? current
    return { number: number + index, text, level: current }
  })
}

/** Indexes of the lines that hold a text, whatever its case. */
export function matching(lines: readonly LogLine[], text: string): number[] {
  const wanted = text.toLowerCase()
  if (wanted === '') return []
  const found: number[] = []
  lines.forEach((line, index) => {
    if (line.text.toLowerCase().includes(wanted)) found.push(index)
  })
  return found
}

/** A line cut at what is searched for, so that it can be marked. */
export function cut(text: string, searched: string): { text: string; found: boolean }[] {
  const wanted = searched.toLowerCase()
  if (wanted === '') return [{ text, found: false }]
  const lower = text.toLowerCase()
  const parts: { text: string; found: boolean }[] = []
  let from = 0
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, from)) {
    parts.push({ text: text.slice(from, at), found: false })
    from = at + wanted.length
    parts.push({ text: text.slice(at, from), found: true })
  }
  return [...parts, { text: text.slice(from), found: false }]
}
