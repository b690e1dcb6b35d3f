// SPDX-License-Identifier: Apache-2.0
import { FlinkSQL } from 'dt-sql-parser/dist/parser/flink'
import type { SyntaxFault } from './diagnostics'

export interface SyntaxRequest {
  id: number
  sql: string
}

export interface SyntaxAnswer {
  id: number
  faults: SyntaxFault[]
}

// The parser writes every fault that it finds to the console as well.
console.error = () => undefined // eslint-disable-line no-console

const parser = new FlinkSQL()

self.onmessage = ({ data }: MessageEvent<SyntaxRequest>) => {
  const faults = parser
    .validate(data.sql)
    .map(({ startLine, startColumn, endLine, endColumn, message }) => ({
      startLine,
      startColumn,
      endLine,
      endColumn,
      message,
    }))
  self.postMessage({ id: data.id, faults } satisfies SyntaxAnswer)
}
