// SPDX-License-Identifier: Apache-2.0

export interface Sample {
  at: number
  /** Null: not known then; the line has a gap. */
  value: number | null
}

/** The first of 1, 2, 5, 10, 20 … that is not below a value: a round end for an axis. */
export function niceCeiling(value: number): number {
  if (!(value > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  for (const step of [1, 2, 5, 10]) if (value <= step * power * (1 + 1e-9)) return step * power
  return 10 * power
}

/** Path of a line over a window of time; gaps begin a new stroke. */
export function linePath(
  samples: readonly Sample[],
  { from, to, top }: { from: number; to: number; top: number },
  { width, height }: { width: number; height: number },
): string {
  let path = ''
  let pen = false
  for (const { at, value } of samples) {
    if (value === null || at < from) {
      pen = false
      continue
    }
    const x = ((at - from) / Math.max(1, to - from)) * width
    const y = height - (Math.min(value, top) / top) * height
    path += `${pen ? 'L' : 'M'}${x.toFixed(1)},${y.toFixed(1)}`
    pen = true
  }
  return path
}

/** The sample nearest to a time, by halving. */
export function nearest(samples: readonly Sample[], at: number): Sample | undefined {
  let low = 0
  let high = samples.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((samples[middle]?.at ?? 0) <= at) low = middle
    else high = middle
  }
  const [a, b] = [samples[low], samples[high]]
  if (a === undefined || b === undefined) return a ?? b
  return Math.abs(a.at - at) <= Math.abs(b.at - at) ? a : b
}
