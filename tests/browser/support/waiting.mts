// SPDX-License-Identifier: Apache-2.0

const kEvery = 50

/** Looks again and again until what is found is true or an object; fails with what was waited for when the time is up. */
export async function waitFor<T>(
  what: string,
  milliseconds: number,
  look: () => Promise<T | undefined | false>,
): Promise<T> {
  const end = performance.now() + milliseconds
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`waited ${milliseconds} ms in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, kEvery))
  }
}
