// SPDX-License-Identifier: Apache-2.0

export type LogLevel = 'ERROR' | 'WARN' | 'INFO' | 'DEBUG' | 'TRACE'

const kLevel = /(?:^|[\s[])(ERROR|FATAL|WARN|WARNING|INFO|DEBUG|TRACE)(?=[\s\]:])/

export interface LogLine {
  text: string
  /** A line without one, as of a stack trace, has that of the line above. */
  level: LogLevel | null
}

/** The lines of log pieces that are read one after another; a piece may end within a line. */
export class LogLines {
  readonly lines: LogLine[] = []
  readonly #most: number
  #rest = ''
  #hasRest = false
  /** How many lines were dropped at the top to stay below the limit. */
  dropped = 0

  constructor(most = 50_000) {
    this.#most = most
  }

  append(text: string) {
    if (text === '') return
    if (this.#hasRest) this.lines.pop()
    const parts = (this.#rest + text).split('\n')
    this.#rest = parts.pop() ?? ''
    this.#hasRest = this.#rest !== ''
    for (const part of parts) this.#push(part)
    if (this.#hasRest) this.#push(this.#rest)
    const surplus = this.lines.length - this.#most
    if (surplus > 0) {
      this.lines.splice(0, surplus)
      this.dropped += surplus
    }
  }

  /** Puts an older piece before the first line; it must end with a whole line. */
  prepend(text: string) {
    const older = new LogLines(Number.MAX_SAFE_INTEGER)
    older.append(text)
    this.lines.unshift(...older.lines)
  }

  #push(line: string) {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line
    const found = kLevel.exec(text.slice(0, 120))?.[1]
    const level = found === undefined ? (this.lines.at(-1)?.level ?? null) : named(found)
    this.lines.push({ text, level })
  }
}

function named(level: string): LogLevel {
  if (level === 'FATAL') return 'ERROR'
  if (level === 'WARNING') return 'WARN'
  return level as LogLevel
}

/** Indexes of the lines that hold a text, whatever its case. */
export function matching(lines: readonly LogLine[], text: string): number[] {
  const wanted = text.toLowerCase()
  if (wanted === '') return []
  return lines.flatMap((line, index) => (line.text.toLowerCase().includes(wanted) ? [index] : []))
}
