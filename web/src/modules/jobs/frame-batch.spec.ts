// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { FrameBatch } from './frame-batch'

describe('FrameBatch', () => {
  const frames: (() => void)[] = []
  const timers: [() => void, number][] = []
  const cancel = vi.fn()
  const clear = vi.fn()
  let time = 0
  const fake = {
    request: (callback: () => void) => frames.push(callback),
    cancel,
    delay: (callback: () => void, rest: number) => timers.push([callback, rest]),
    clear,
    now: () => time,
  }

  beforeEach(() => {
    frames.length = 0
    timers.length = 0
    time = 0
  })

  it('acts at the next frame, once', () => {
    const act = vi.fn()
    const batch = new FrameBatch(act, 100, fake)
    batch.ask()
    batch.ask()
    expect(frames).toHaveLength(1)
    frames[0]?.()
    expect(act).toHaveBeenCalledTimes(1)
  })

  it('rests between two drawings', () => {
    const act = vi.fn()
    const batch = new FrameBatch(act, 100, fake)
    batch.ask()
    frames[0]?.()
    time = 30
    batch.ask()
    batch.ask()
    expect(timers.map(([, rest]) => rest)).toEqual([70])
    timers[0]?.[0]()
    frames[1]?.()
    expect(act).toHaveBeenCalledTimes(2)
  })

  it('forgets what was asked for when it is stopped', () => {
    const batch = new FrameBatch(vi.fn(), 100, fake)
    batch.ask()
    batch.stop()
    expect(cancel).toHaveBeenCalledWith(1)
  })
})
