// SPDX-License-Identifier: Apache-2.0
import { QueryClient } from '@tanstack/vue-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { jobSummary } from '@/testing/fixtures'
import { keys } from './keys'
import { followLiveEvents, live, throttled } from './live'
import type { LiveEvents, LiveEventType } from './sse'

/** Hands an event on as the connection does. */
function tell<T extends LiveEventType>(type: T, data: LiveEvents[T]) {
  source.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }))
}

class Source extends EventTarget {
  readyState = 1
  onopen = null
  onerror = null
  close() {
    this.readyState = 2
  }
}
let source: Source

describe('followLiveEvents', () => {
  let client: QueryClient
  const stale = (key: readonly unknown[]) => client.getQueryState(key)?.isInvalidated

  beforeEach(() => {
    vi.useFakeTimers()
    source = new Source()
    vi.stubGlobal('EventSource', function EventSource() {
      return source
    })
    client = new QueryClient()
    followLiveEvents(client)
    live.start()
  })
  afterEach(() => {
    live.stop()
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('reads anew what an event does not bring when a job has moved on', () => {
    const job = jobSummary()
    client.setQueryData(keys.job(job.id), job)
    client.setQueryData(keys.jobPart(job.id, 'exceptions'), [])
    client.setQueryData(keys.jobPart(job.id, 'revisions'), [])
    tell('job', { ...job, restarts: 1 })
    expect(client.getQueryData(keys.job(job.id))).toMatchObject({ restarts: 1 })
    expect(stale(keys.jobPart(job.id, 'exceptions'))).toBe(false)
    tell('job', { ...job, badge: 'FAILED' })
    expect(stale(keys.job(job.id))).toBe(true)
    expect(stale(keys.jobPart(job.id, 'exceptions'))).toBe(true)
    expect(stale(keys.jobPart(job.id, 'revisions'))).toBe(false)
  })

  it('reads a job and all its parts anew when it was edited', () => {
    const job = jobSummary()
    client.setQueryData(keys.job(job.id), job)
    client.setQueryData(keys.jobPart(job.id, 'revisions'), [])
    tell('job', { ...job, etag: '"2"' })
    expect(stale(keys.jobPart(job.id, 'revisions'))).toBe(true)
  })
})

describe('throttled', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('acts at once, then once a second, and never loses the last call', () => {
    const act = vi.fn()
    const ask = throttled(act)
    for (let call = 0; call < 50; call += 1) ask(['overview'])
    expect(act).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(1000)
    expect(act).toHaveBeenCalledTimes(2)
    vi.advanceTimersByTime(5000)
    expect(act).toHaveBeenCalledTimes(2)
    ask(['overview'])
    ask(['other'])
    expect(act).toHaveBeenCalledTimes(4)
  })
})
