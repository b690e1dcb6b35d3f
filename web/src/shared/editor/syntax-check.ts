// SPDX-License-Identifier: Apache-2.0
import type { SyntaxFault } from './diagnostics'
import type { SyntaxAnswer, SyntaxRequest } from './flink-sql.worker'

/**
 * The Flink SQL grammar in a worker of its own. Only the newest question is answered: a text that was overtaken while the
 * parser was busy resolves to null.
 */
export class SyntaxCheck {
  readonly #worker: Worker
  #last = 0
  #waiting: ((faults: SyntaxFault[] | null) => void) | null = null

  constructor(worker: Worker) {
    this.#worker = worker
    worker.onmessage = ({ data }: MessageEvent<SyntaxAnswer>) => {
      if (data.id !== this.#last) return
      this.#waiting?.(data.faults)
      this.#waiting = null
    }
  }

  check(sql: string): Promise<SyntaxFault[] | null> {
    this.#waiting?.(null)
    this.#last += 1
    this.#worker.postMessage({ id: this.#last, sql } satisfies SyntaxRequest)
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }
}
