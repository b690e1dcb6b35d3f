// SPDX-License-Identifier: Apache-2.0
import { readonly, ref, type Ref } from 'vue'
import type {
  Attention,
  AutomationHold,
  Cluster,
  Decision,
  Installation,
  JobCounts,
  JobSummary,
  Operation,
  Storage,
} from './types'

/** What `GET /api/v1/events` sends, by type. */
export interface LiveEvents {
  job: JobSummary
  'job-removed': { id: string }
  operation: Operation
  cluster: Cluster
  'cluster-removed': { id: string }
  installation: Installation
  'installation-removed': { id: string }
  counts: JobCounts
  decision: Decision
  attention: Attention
  automation: Pick<AutomationHold, 'scope' | 'subjectId'>
  storage: Storage
  session: unknown
  reset: unknown
}

export type LiveEventType = keyof LiveEvents

const kTypes: readonly LiveEventType[] = [
  'job',
  'job-removed',
  'operation',
  'cluster',
  'cluster-removed',
  'installation',
  'installation-removed',
  'counts',
  'decision',
  'attention',
  'automation',
  'storage',
  'session',
  'reset',
]

/** `off`: not wanted, or the tab is hidden. `waiting`: lost, another try comes by itself. */
export type LiveState = 'off' | 'connecting' | 'live' | 'waiting'

type Listener = (data: never) => void

const kFirstDelay = 500
const kLongestDelay = 15_000
const kClosed = 2
const kPath = '/api/v1/events'
/** After so many refusals in a row it is asked whether the session is still there. */
const kFailuresToDoubt = 2

/**
 * The app's one connection for live changes. The browser resumes a dropped connection itself, with the last event's id; when
 * it gives up, this opens a new one after a pause that doubles and is spread by chance, and goes on after the same event, as
 * it does when the tab was hidden meanwhile. What cannot be gone on from is told by the server as `reset`. A connection that
 * is refused again and again may have lost its session, which the stream itself does not say: listeners of `session` learn it.
 */
export class LiveConnection {
  readonly #open: (url: string) => EventSource
  readonly #random: () => number
  readonly #listeners = new Map<LiveEventType, Set<Listener>>()
  readonly #state = ref<LiveState>('off')
  #source: EventSource | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #failures = 0
  #wanted = false
  #lastId = ''
  #closedBefore = false

  constructor(open = (url: string) => new EventSource(url), random = Math.random) {
    this.#open = open
    this.#random = random
  }

  get state(): Readonly<Ref<LiveState>> {
    return readonly(this.#state)
  }

  start() {
    if (this.#wanted) return
    this.#wanted = true
    this.#lastId = ''
    this.#closedBefore = false
    document.addEventListener('visibilitychange', this.#onVisibility)
    if (!document.hidden) this.#connect()
  }

  stop() {
    this.#wanted = false
    document.removeEventListener('visibilitychange', this.#onVisibility)
    this.#disconnect()
    this.#state.value = 'off'
  }

  /** Tries at once instead of at the end of the pause. */
  retry() {
    if (this.#wanted && this.#state.value === 'waiting') this.#connect()
  }

  /** Calls back for each event of a type; gives what ends that. */
  on<T extends LiveEventType>(type: T, listener: (data: LiveEvents[T]) => void): () => void {
    const all = this.#listeners.get(type) ?? new Set()
    this.#listeners.set(type, all.add(listener))
    return () => all.delete(listener)
  }

  #emit<T extends LiveEventType>(type: T, data: LiveEvents[T]) {
    for (const listener of this.#listeners.get(type) ?? []) listener(data as never)
  }

  #connect() {
    this.#disconnect()
    this.#state.value = 'connecting'
    const after = this.#lastId
    const source = this.#open(
      after === '' ? kPath : `${kPath}?lastEventId=${encodeURIComponent(after)}`,
    )
    this.#source = source
    source.onopen = () => {
      this.#failures = 0
      this.#state.value = 'live'
      // Closed before the first event came: there is nothing to go on after.
      if (this.#closedBefore && after === '') this.#emit('reset', undefined)
      this.#closedBefore = false
    }
    source.onerror = () => {
      if (source !== this.#source) return
      this.#state.value = 'waiting'
      if (source.readyState === kClosed) this.#reconnectLater()
    }
    for (const type of kTypes)
      source.addEventListener(type, (event) => {
        const { data: text, lastEventId } = event as MessageEvent<string>
        if (lastEventId !== '') this.#lastId = lastEventId
        this.#emit(type, (text === '' ? undefined : JSON.parse(text)) as never)
      })
  }

  #reconnectLater() {
    this.#disconnect()
    this.#closedBefore = true
    const longest = Math.min(kLongestDelay, kFirstDelay * 2 ** this.#failures)
    this.#failures += 1
    if (this.#failures >= kFailuresToDoubt) this.#emit('session', undefined)
    this.#timer = setTimeout(() => this.#connect(), longest * (0.5 + this.#random() / 2))
  }

  #disconnect() {
    clearTimeout(this.#timer)
    this.#source?.close()
    this.#source = null
  }

  readonly #onVisibility = () => {
    if (document.hidden) {
      this.#disconnect()
      this.#closedBefore = true
      this.#state.value = 'off'
    } else {
      this.#failures = 0
      this.#connect()
    }
  }
}
