// SPDX-License-Identifier: Apache-2.0

/** The browser's frames and timers, for tests to replace. */
export interface Frames {
  request: (callback: () => void) => number
  cancel: (handle: number) => void
  delay: (callback: () => void, milliseconds: number) => number
  clear: (handle: number) => void
  now: () => number
}

const kBrowser: Frames = {
  request: (callback) => requestAnimationFrame(callback),
  cancel: (handle) => cancelAnimationFrame(handle),
  delay: (callback, milliseconds) => window.setTimeout(callback, milliseconds),
  clear: (handle) => window.clearTimeout(handle),
  now: () => performance.now(),
}

/**
 * Runs `act` at the next frame however often it was asked for since the last, and then not again before `gap` milliseconds:
 * a single change is seen at once, a storm of them costs ten drawings a second. Frames do not come while the tab is hidden.
 */
export class FrameBatch {
  readonly #act: () => void
  readonly #gap: number
  readonly #frames: Frames
  #frame: number | null = null
  #timer: number | null = null
  #last = Number.NEGATIVE_INFINITY

  constructor(act: () => void, gap = 100, frames = kBrowser) {
    this.#act = act
    this.#gap = gap
    this.#frames = frames
  }

  ask() {
    if (this.#frame !== null || this.#timer !== null) return
    const rest = this.#last + this.#gap - this.#frames.now()
    if (rest <= 0) this.#request()
    else
      this.#timer = this.#frames.delay(() => {
        this.#timer = null
        this.#request()
      }, rest)
  }

  stop() {
    if (this.#frame !== null) this.#frames.cancel(this.#frame)
    if (this.#timer !== null) this.#frames.clear(this.#timer)
    this.#frame = null
    this.#timer = null
  }

  #request() {
    this.#frame = this.#frames.request(() => {
      this.#frame = null
      this.#last = this.#frames.now()
      this.#act()
    })
  }
}
