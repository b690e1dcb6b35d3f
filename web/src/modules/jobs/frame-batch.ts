// SPDX-License-Identifier: Apache-2.0

/** Runs `act` at the next frame however often it was asked for since the last. Frames do not come while the tab is hidden. */
export class FrameBatch {
  readonly #act: () => void
  readonly #request: (callback: () => void) => number
  readonly #cancel: (handle: number) => void
  #handle: number | null = null

  constructor(
    act: () => void,
    request = (callback: () => void) => requestAnimationFrame(callback),
    cancel = (handle: number) => cancelAnimationFrame(handle),
  ) {
    this.#act = act
    this.#request = request
    this.#cancel = cancel
  }

  ask() {
    this.#handle ??= this.#request(() => {
      this.#handle = null
      this.#act()
    })
  }

  stop() {
    if (this.#handle !== null) this.#cancel(this.#handle)
    this.#handle = null
  }
}
