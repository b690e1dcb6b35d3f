// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LiveConnection } from './sse'

class FakeSource extends EventTarget {
  static readonly all: FakeSource[] = []
  readyState = 0
  closed = false
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null

  constructor(readonly url: string) {
    super()
    FakeSource.all.push(this)
  }

  close() {
    this.closed = true
    this.readyState = 2
  }

  accept() {
    this.readyState = 1
    this.onopen?.()
  }

  fail(readyState: 0 | 2) {
    this.readyState = readyState
    this.onerror?.()
  }

  send(type: string, data: unknown, lastEventId = '') {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data), lastEventId }))
  }
}

function newest(): FakeSource {
  const source = FakeSource.all.at(-1)
  if (source === undefined) throw new Error('nothing was opened')
  return source
}

function hide(hidden: boolean) {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(hidden)
  document.dispatchEvent(new Event('visibilitychange'))
}

describe('LiveConnection', () => {
  let live: LiveConnection

  beforeEach(() => {
    vi.useFakeTimers()
    FakeSource.all.length = 0
    live = new LiveConnection(
      (url) => new FakeSource(url) as unknown as EventSource,
      () => 1,
    )
    live.start()
  })

  afterEach(() => {
    live.stop()
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it('hands events to the listeners of their type', () => {
    const removed = vi.fn()
    const stop = live.on('job-removed', removed)
    newest().accept()
    newest().send('job-removed', { id: '1' })
    stop()
    newest().send('job-removed', { id: '2' })
    expect(removed.mock.calls).toEqual([[{ id: '1' }]])
    expect(live.state.value).toBe('live')
  })

  it('leaves a dropped connection to the browser, which resumes it without a reset', () => {
    const reset = vi.fn()
    live.on('reset', reset)
    newest().accept()
    newest().fail(0)
    expect(live.state.value).toBe('waiting')
    newest().accept()
    expect(live.state.value).toBe('live')
    expect(FakeSource.all).toHaveLength(1)
    expect(reset).not.toHaveBeenCalled()
  })

  it('opens a new one with growing pauses when the browser gave up', () => {
    newest().accept()
    for (const pause of [500, 1000, 2000]) {
      const count = FakeSource.all.length
      newest().fail(2)
      vi.advanceTimersByTime(pause - 1)
      expect(FakeSource.all).toHaveLength(count)
      vi.advanceTimersByTime(1)
      expect(FakeSource.all).toHaveLength(count + 1)
    }
  })

  it('goes on after the last event when it is opened anew, and leaves it to the server to say what was missed', () => {
    const reset = vi.fn()
    live.on('reset', reset)
    newest().accept()
    newest().send('job-removed', { id: '1' }, 'boot-7')
    newest().fail(2)
    vi.advanceTimersByTime(500)
    expect(newest().url).toBe('/api/v1/events?lastEventId=boot-7')
    newest().accept()
    expect(reset).not.toHaveBeenCalled()
  })

  it('has everything read anew when it was closed before the first event', () => {
    const reset = vi.fn()
    live.on('reset', reset)
    newest().fail(2)
    vi.advanceTimersByTime(500)
    newest().accept()
    expect(reset).toHaveBeenCalledTimes(1)
  })

  it('has the session looked at after two refusals in a row, which may be a session that ended', () => {
    const session = vi.fn()
    live.on('session', session)
    newest().accept()
    newest().fail(2)
    expect(session).not.toHaveBeenCalled()
    vi.advanceTimersByTime(500)
    newest().fail(2)
    expect(session).toHaveBeenCalledTimes(1)
  })

  it('never waits longer than fifteen seconds', () => {
    for (let failure = 0; failure < 12; failure += 1) {
      newest().fail(2)
      vi.advanceTimersByTime(15_000)
    }
    expect(FakeSource.all).toHaveLength(13)
  })

  it('is closed while the tab is hidden and goes on after the same event when it is seen', () => {
    const reset = vi.fn()
    live.on('reset', reset)
    newest().accept()
    newest().send('job-removed', { id: '1' }, 'boot-9')
    hide(true)
    expect(newest().closed).toBe(true)
    expect(live.state.value).toBe('off')
    vi.advanceTimersByTime(60_000)
    expect(FakeSource.all).toHaveLength(1)
    hide(false)
    expect(newest().url).toBe('/api/v1/events?lastEventId=boot-9')
    newest().accept()
    expect(reset).not.toHaveBeenCalled()
  })

  it('stays closed once stopped', () => {
    newest().accept()
    newest().fail(2)
    live.stop()
    vi.advanceTimersByTime(60_000)
    expect(FakeSource.all).toHaveLength(1)
  })
})
