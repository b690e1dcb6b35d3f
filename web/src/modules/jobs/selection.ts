// SPDX-License-Identifier: Apache-2.0

/** Chosen rows. Immutable: each change gives a new selection. */
export class Selection {
  readonly ids: ReadonlySet<string>
  readonly #last: string | null

  constructor(ids: ReadonlySet<string> = new Set(), last: string | null = null) {
    this.ids = ids
    this.#last = last
  }

  /** Turns one row; with the rows in their order given, also all between it and the row turned before it. */
  toggled(id: string, inOrder: readonly string[] | null): Selection {
    const on = !this.ids.has(id)
    const ids = new Set(this.ids)
    for (const one of this.#between(id, inOrder)) {
      if (on) ids.add(one)
      else ids.delete(one)
    }
    return new Selection(ids, id)
  }

  /** All of these, or none when all are chosen already. */
  allToggled(all: readonly string[]): Selection {
    return all.every((id) => this.ids.has(id)) ? new Selection() : new Selection(new Set(all))
  }

  #between(id: string, inOrder: readonly string[] | null): readonly string[] {
    if (inOrder === null || this.#last === null) return [id]
    const [from, to] = [inOrder.indexOf(this.#last), inOrder.indexOf(id)].sort((a, b) => a - b)
    if (from === undefined || to === undefined || from < 0) return [id]
    return inOrder.slice(from, to + 1)
  }
}
