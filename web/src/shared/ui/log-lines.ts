// SPDX-License-Identifier: Apache-2.0

export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

export interface LogLine {
  /** Counts up from the first line ever added, also when old ones are dropped. */
  number: number
  text: string
  /** Its own, or that of the line that it continues. */
  level: LogLevel | null
}

const kLevel = /(?:^|[\s[])(ERROR|FATAL|SEVERE|WARN(?:ING)?|INFO|DEBUG|TRACE)(?:[\s\]:]|$)/
const kStart = /^\s*\d{2,4}[-/:]\d{2}/
const kLevels: Record<string, LogLevel> = {
  ERROR: 'error',
  FATAL: 'error',
  SEVERE: 'error',
  WARN: 'warn',
  WARNING: 'warn',
  INFO: 'info',
  DEBUG: 'debug',
  TRACE: 'debug',
}

/** Level of a line that begins an entry; null for one that goes on, as in a stack trace. */
export function levelOf(text: string): LogLevel | null {
  if (!kStart.test(text)) return null
  const match = kLevel.exec(text.slice(0, 120))
  return match?.[1] === undefined ? null : (kLevels[match[1]] ?? null)
}

/**
 * Lines of a growing log. Pieces may end anywhere, also within a line; the newest `most` lines are kept. A first piece that
 * does not begin the file begins with a broken line, which is dropped.
 */
export class LogLines {
  readonly #most: number
  #lines: LogLine[] = []
  #rest = ''
  #next = 1
  #level: LogLevel | null = null

  constructor(most = 50_000) {
    this.#most = most
  }

  get lines(): readonly LogLine[] {
    return this.#lines
  }

  add(piece: string, beginsBroken = false) {
    const parts = (this.#rest + piece).split(/\r?\n/)
    this.#rest = parts.pop() ?? ''
    if (beginsBroken && parts.length > 0) parts.shift()
    const added = parts.map((text) => {
      this.#level = levelOf(text) ?? this.#level
      const line = { number: this.#next, text, level: this.#level }
      this.#next += 1
      return line
    })
    if (added.length > 0) this.#lines = [...this.#lines, ...added].slice(-this.#most)
  }
}

/** Indexes of the lines that hold the text, case aside. */
export function findLines(lines: readonly LogLine[], text: string): number[] {
  const wanted = text.toLowerCase()
  if (wanted === '') return []
  const found: number[] = []
  lines.forEach((line, index) => {
    if (line.text.toLowerCase().includes(wanted)) found.push(index)
  })
  return found
}
