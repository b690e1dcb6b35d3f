// SPDX-License-Identifier: Apache-2.0

export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'comment' | 'symbol'

/** A piece of a script, by offsets into it. White space is between tokens. */
export interface Token {
  kind: TokenKind
  /** As written, quotes included. */
  text: string
  start: number
  /** Offset after the last character. */
  end: number
  /** A string, quoted name or comment that the script ends in. */
  open?: boolean
}

const kWordStart = /[\p{L}_]/u
const kWordPart = /[\p{L}\p{N}_$]/u
const kDigit = /[0-9]/

/** End of a text in quotes that begins at `from`; a doubled quote is part of the text. */
function endOfQuoted(sql: string, from: number, quote: string): { end: number; open: boolean } {
  let at = from + 1
  while (at < sql.length) {
    if (sql[at] !== quote) at += 1
    else if (sql[at + 1] === quote) at += 2
    else return { end: at + 1, open: false }
  }
  return { end: sql.length, open: true }
}

/** Splits a script in the words of Flink SQL. Never fails: what it does not know is a symbol. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  const add = (kind: TokenKind, end: number, open = false) => {
    tokens.push({ kind, text: sql.slice(at, end), start: at, end, ...(open ? { open } : {}) })
    at = end
  }
  while (at < sql.length) {
    const char = sql.charAt(at)
    const two = sql.slice(at, at + 2)
    if (/\s/.test(char)) {
      at += 1
    } else if (two === '--') {
      const end = sql.indexOf('\n', at)
      add('comment', end === -1 ? sql.length : end, end === -1)
    } else if (two === '/*') {
      const end = sql.indexOf('*/', at + 2)
      add('comment', end === -1 ? sql.length : end + 2, end === -1)
    } else if (char === "'" || char === '`') {
      const { end, open } = endOfQuoted(sql, at, char)
      add(char === "'" ? 'string' : 'quoted', end, open)
    } else if (kWordStart.test(char)) {
      let end = at + 1
      while (end < sql.length && kWordPart.test(sql.charAt(end))) end += 1
      add('word', end)
    } else if (kDigit.test(char)) {
      let end = at + 1
      while (end < sql.length && /[0-9a-zA-Z_.]/.test(sql.charAt(end))) end += 1
      add('number', end)
    } else {
      add('symbol', at + 1)
    }
  }
  return tokens
}

/** What a name or a string means: without its quotes, doubled quotes made single. */
export function unquoted({ text, kind, open }: Token): string {
  if (kind !== 'string' && kind !== 'quoted') return text
  const quote = text.charAt(0)
  return text.slice(1, open ? undefined : -1).replaceAll(quote + quote, quote)
}

export function isWord(token: Token | undefined, ...words: string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text.toUpperCase())
}

export function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.text === symbol
}

export function isName(token: Token | undefined): token is Token {
  return token?.kind === 'word' || token?.kind === 'quoted'
}

/** The statements of a script, each without comments and its `;`. */
export function statementsOf(tokens: readonly Token[]): Token[][] {
  const statements: Token[][] = [[]]
  for (const token of tokens) {
    if (token.kind === 'comment') continue
    if (isSymbol(token, ';')) statements.push([])
    else statements.at(-1)?.push(token)
  }
  return statements.filter((statement) => statement.length > 0)
}

/** Index of the bracket that closes the one at `open`, or the number of tokens. */
export function closing(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at += 1) {
    if (isSymbol(tokens[at], '(')) depth += 1
    else if (isSymbol(tokens[at], ')')) {
      depth -= 1
      if (depth === 0) return at
    }
  }
  return tokens.length
}
