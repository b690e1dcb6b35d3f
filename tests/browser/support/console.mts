// SPDX-License-Identifier: Apache-2.0
// The real console on a free port with a data folder of its own, and what tests put into it.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { components } from '../../../web/src/gen/api.ts'
import { waitFor } from './waiting.mts'

type Schemas = components['schemas']
export type Cluster = Schemas['Cluster']
export type Installation = Schemas['Installation']
export type Job = Schemas['Job']
export type Operation = Schemas['Operation']
export type Snapshot = Schemas['Snapshot']

const kRoot = fileURLToPath(new URL('../../../', import.meta.url))
const kBinary = process.env['STREAMPARK_BINARY'] ?? join(kRoot, 'build/release/streampark')
const kWebRoot = process.env['STREAMPARK_WEB_ROOT'] ?? join(kRoot, 'web/dist')
const kAgent =
  process.env['STREAMPARK_AGENT_JAR'] ??
  join(kRoot, 'bridge/agent/target/streampark-flink-agent.jar')

/** Flink installations on disk, oldest line first. */
export function flinkHomes(): string[] {
  const homes = (process.env['STREAMPARK_FLINK_HOMES'] ?? '')
    .split(':')
    .filter((home) => home !== '')
  if (homes.length === 0) throw new Error('STREAMPARK_FLINK_HOMES names no Flink installation')
  return homes
}

const run = promisify(execFile)

export const kPassword = 'a password for tests'

export class Console {
  readonly url: string
  readonly #folder: string
  readonly #disk: string | undefined
  #process: ChildProcess
  #token = ''

  private constructor(url: string, folder: string, disk?: string) {
    this.url = url
    this.#folder = folder
    this.#disk = disk
    this.#process = this.#spawn()
  }

  /** Resolves when it is ready to serve. With `disk` its data lies on a disk of its own of that many MiB. */
  static async start({ disk }: { disk?: number } = {}): Promise<Console> {
    const folder = mkdtempSync(join(tmpdir(), 'streampark-browser-'))
    if (disk !== undefined)
      await run('mount', ['-t', 'tmpfs', '-o', `size=${disk}m`, 'tmpfs', folder])
    const console = new Console(
      `http://127.0.0.1:${await freePort()}`,
      folder,
      disk === undefined ? undefined : folder,
    )
    try {
      await waitFor('the console is ready', 30_000, () => console.#isReady())
      console.#token = await console.#admin('token', '--expires', '1d')
    } catch (error) {
      await console.close()
      throw error
    }
    return console
  }

  #spawn(): ChildProcess {
    const log = openSync(join(this.#folder, 'console.log'), 'a')
    const child = spawn(
      kBinary,
      [
        ...['serve', '--data', join(this.#folder, 'data'), '--port', new URL(this.url).port],
        ...['--web-root', kWebRoot, '--agent-jar', kAgent],
        ...['--fetch-script', join(kRoot, 'tools/fetch_flink.py')],
      ],
      { stdio: ['ignore', log, log] },
    )
    closeSync(log)
    return child
  }

  /** Ends it as an upgrade would; clusters and jobs go on. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.kill('SIGTERM')
    await ended
  }

  /** After `stop`, on the same port and data. */
  async startAgain(): Promise<void> {
    this.#process = this.#spawn()
    await waitFor('the console is ready again', 30_000, () => this.#isReady())
  }

  /** Takes all the room that is left on its disk. */
  fillDisk(): void {
    if (this.#disk === undefined) throw new Error('it has no disk of its own')
    const filler = openSync(join(this.#disk, 'filler'), 'a')
    for (const size of [1 << 20, 4096, 1]) {
      const piece = Buffer.alloc(size)
      try {
        while (writeSync(filler, piece) === size);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    }
    closeSync(filler)
  }

  /** Gives it back. */
  freeDisk(): void {
    rmSync(join(this.#disk ?? '', 'filler'), { force: true })
  }

  async #isReady(): Promise<boolean> {
    if (this.#ended())
      throw new Error(
        `the console ended with ${this.#process.exitCode ?? this.#process.signalCode}: ${this.log()}`,
      )
    try {
      return (await fetch(`${this.url}/readyz`)).ok
    } catch {
      return false
    }
  }

  #ended(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null
  }

  log(): string {
    return readFileSync(join(this.#folder, 'console.log'), 'utf8').slice(-4000)
  }

  async #admin(...command: string[]): Promise<string> {
    const { stdout } = await run(kBinary, [
      'admin',
      ...command.slice(0, 1),
      ...['--data', join(this.#folder, 'data')],
      ...command.slice(1),
    ])
    return stdout.trim()
  }

  /** A folder whose rows the console shows on the page of the job that writes them. */
  results(name: string): string {
    return join(this.#folder, 'data/results', name)
  }

  /** A new one-time password of the first administrator. */
  async oneTimePassword(): Promise<string> {
    const password = await this.#admin('reset-password')
    this.#token = await this.#admin('token', '--expires', '1d') // the old one has ended with the password
    return password
  }

  async request<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const answer = await fetch(`${this.url}/api/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        'content-type': 'application/json',
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  get<T>(path: string): Promise<T> {
    return this.request<T>('GET', path)
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.request<T>('POST', path, body)
  }

  put<T>(path: string, body: unknown, etag?: string): Promise<T> {
    return this.request<T>('PUT', path, body, etag === undefined ? {} : { 'if-match': etag })
  }

  /** A user with a role in the first team; gives the one-time password. */
  async user(name: string, role: Schemas['Role']): Promise<string> {
    const { oneTimePassword } = await this.post<Schemas['UserWithPassword']>('users', { name })
    await this.put(`teams/${await this.team()}/members/${name}`, { role })
    return oneTimePassword
  }

  async team(): Promise<string> {
    const { items } = await this.get<{ items: Schemas['Team'][] }>('teams')
    return items[0]?.id ?? (await this.post<Schemas['Team']>('teams', { name: 'demo' })).id
  }

  /** Registers an installation on disk and waits until it is ready. */
  async installation(home: string): Promise<Installation> {
    const made = await this.post<Installation>('installations', {
      engine: 'FLINK',
      home,
    })
    return waitFor(`installation ${home}`, 60_000, async () => {
      const now = await this.get<Installation>(`installations/${made.id}`)
      if (now.state === 'BROKEN' || now.state === 'FAILED') throw new Error(now.message)
      return now.state === 'READY' ? now : undefined
    })
  }

  /** A managed cluster of 4 slots, not started. */
  cluster(name: string, installationId: string): Promise<Cluster> {
    return this.post<Cluster>('clusters', {
      name,
      engine: 'FLINK',
      kind: 'STANDALONE',
      installationId,
      jobManagerMemory: '900m',
      taskManagerMemory: '1400m',
      taskManagers: 1,
      slotsPerTaskManager: 4,
    })
  }

  /** The cluster `local` of the oldest line, not started. */
  async localCluster(): Promise<Cluster> {
    const [home = ''] = flinkHomes()
    return this.cluster('local', (await this.installation(home)).id)
  }

  async job(
    name: string,
    clusterId: string,
    more: Partial<Schemas['JobDraft']> = {},
  ): Promise<Job> {
    return this.post<Job>('jobs', {
      name,
      teamId: await this.team(),
      spec: {
        engine: 'FLINK',
        type: 'SQL',
        target: { clusterId },
        sql: kEndless,
        parallelism: 1,
      },
      ...more,
    })
  }

  /** Stops its clusters with whatever runs there, then itself, and deletes its folder. */
  async close(): Promise<void> {
    if (!this.#ended() && this.#token !== '') await this.#stopClusters()
    if (!this.#ended()) {
      const ended = new Promise((resolve) => this.#process.once('exit', resolve))
      const late = setTimeout(() => this.#process.kill('SIGKILL'), 20_000)
      this.#process.kill('SIGTERM')
      await ended
      clearTimeout(late)
    }
    if (this.#disk !== undefined) await run('umount', [this.#disk])
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 })
  }

  async #stopClusters() {
    const { items } = await this.get<{ items: Cluster[] }>('clusters')
    for (const { id, managed, state } of items) {
      if (!managed || state === 'STOPPED') continue
      await this.post(`clusters/${id}/operations`, {
        kind: 'STOP',
        jobs: 'KILL',
      })
      await waitFor(`cluster ${id} is stopped`, 60_000, async () => {
        const now = await this.get<Cluster>(`clusters/${id}`)
        return now.state === 'STOPPED' || now.state === 'FAILED'
      })
    }
  }
}

/** Runs until it is stopped and keeps a little state. */
const kEndless = `CREATE TABLE ticks (n BIGINT, seen AS PROCTIME())
WITH ('connector' = 'datagen', 'rows-per-second' = '10', 'fields.n.kind' = 'random');

CREATE TABLE counts (n BIGINT, times BIGINT, PRIMARY KEY (n) NOT ENFORCED)
WITH ('connector' = 'blackhole');

INSERT INTO counts SELECT MOD(n, 10), COUNT(*) FROM ticks GROUP BY MOD(n, 10);
`

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port)
        else reject(new Error('no free port'))
      })
    })
  })
}
