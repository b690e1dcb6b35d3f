// SPDX-License-Identifier: Apache-2.0
import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import type { Cluster, Console, Job, Snapshot } from './console.mts'
import { waitFor } from './waiting.mts'

export async function startCluster(console: Console, clusterId: string): Promise<void> {
  await console.post(`clusters/${clusterId}/operations`, { kind: 'START' })
  await waitFor(`cluster ${clusterId} runs`, 90_000, async () => {
    const { state, message, slotsFree } = await console.get<Cluster>(`clusters/${clusterId}`)
    if (state === 'FAILED') throw new Error(message)
    return state === 'RUNNING' && slotsFree > 0
  })
}

/** A snapshot in the job's own folder that the console knows nothing of: a copy of a savepoint, under another name. */
export async function copySavepoint(console: Console, jobId: string) {
  const { items } = await console.get<{ items: Snapshot[] }>(`jobs/${jobId}/snapshots`)
  const savepoint = items.find(({ kind }) => kind === 'SAVEPOINT')
  if (savepoint === undefined) throw new Error('the job has no savepoint')
  const folder = fileURLToPath(savepoint.path)
  cpSync(folder, folder.replace(/[0-9a-f]{12}$/, '0123456789ab'), { recursive: true })
}

/** Meets, seconds after each start, a row that it cannot get past. */
const kBreaking = `CREATE TABLE ticks (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '5',
  'fields.n.kind' = 'sequence', 'fields.n.start' = '0', 'fields.n.end' = '100000');
CREATE TABLE ratios (n BIGINT, ratio BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO ratios SELECT n, n / (n - 20) FROM ticks;
`

/** A job that automation has restarted once in vain; its id. */
export async function givenUp(
  console: Console,
  clusterId: string,
  name = 'ratios',
): Promise<string> {
  const spec = {
    engine: 'FLINK' as const,
    type: 'SQL' as const,
    target: { clusterId },
    sql: kBreaking,
    parallelism: 1,
    stateless: true,
    options: { 'restart-strategy.type': 'none' },
    restart: { attempts: 1, backoff: '1s..1s' },
  }
  const { id } = await console.job(name, clusterId, { spec })
  await console.post(`jobs/${id}/operations`, { kind: 'START' })
  await waitFor(`${name} is given up`, 120_000, async () => {
    const { badge } = await console.get<Job>(`jobs/${id}`)
    return badge === 'QUARANTINED'
  })
  return id
}

/** Saves a job from elsewhere while its editor is open in the page: another description, and a comment before the script. */
export async function editBehind(page: Page, jobId: string, word: string): Promise<void> {
  const status = await page.evaluate(
    async ([id, text]) => {
      const read = async (path: string) => (await fetch(path)).json() as Promise<unknown>
      const { csrfToken } = (await read('/api/v1/session')) as {
        csrfToken: string
      }
      const job = (await read(`/api/v1/jobs/${id}`)) as Job
      const { name, team, tags, spec, etag } = job
      const answer = await fetch(`/api/v1/jobs/${id}`, {
        method: 'PUT',
        headers: {
          'Content-Type': 'application/json',
          'If-Match': etag,
          'X-Streampark-Csrf': csrfToken,
        },
        body: JSON.stringify({
          name,
          teamId: team.id,
          description: text,
          tags,
          spec: { ...spec, sql: `-- ${text}\n${spec.sql}` },
        }),
      })
      return answer.status
    },
    [jobId, word] as const,
  )
  if (status !== 200) throw new Error(`the edit behind the page's back: ${status}`)
}

/** The page of one job. */
export class JobPage {
  readonly #page: Page
  readonly #url: string

  constructor(page: Page, url: string) {
    this.#page = page
    this.#url = url
  }

  async open(tab = '') {
    await this.#page.goto(`${this.#url}${tab === '' ? '' : `/${tab}`}`)
    await this.#page.getByRole('heading', { level: 1 }).waitFor()
  }

  /** Waits until the header shows a badge. */
  async badge(text: string, timeout = 20_000) {
    await this.#page.locator('.job-header').getByText(text, { exact: true }).waitFor({ timeout })
  }

  async tab(name: string) {
    await this.#page
      .getByRole('navigation', { name: 'Parts of the job' })
      .getByRole('link', { name })
      .click()
  }
}

/** The editor of a job. */
export class JobEditor {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  async opened() {
    await this.#page.locator('.monaco-editor .view-line').first().waitFor()
  }

  get #script(): Locator {
    return this.#page.getByRole('textbox', { name: 'Flink SQL script' })
  }

  async typeAtEnd(text: string) {
    await this.#script.focus()
    await this.#page.keyboard.press('Control+End')
    await this.#page.keyboard.type(text)
  }

  /** Puts a text in the script's place as if it were pasted, which the editor does not indent. */
  async replaceAll(text: string) {
    await this.#script.focus()
    await this.#page.keyboard.press('Control+a')
    await this.#page.keyboard.insertText(text)
  }

  async typeAtStart(text: string) {
    await this.#script.focus()
    await this.#page.keyboard.press('Control+Home')
    await this.#page.keyboard.type(text)
  }

  /** Labels of the completion list, as they are shown. */
  async offered(): Promise<string[]> {
    const rows = this.#page.locator('.suggest-widget.visible .monaco-list-row .label-name')
    await rows.first().waitFor()
    return rows.allInnerTexts()
  }

  problem(text: RegExp): Locator {
    return this.#page.getByRole('region', { name: 'Problems' }).getByRole('button', { name: text })
  }

  /** Waits for the sentence about how far the checking is; a cold planner takes its time. */
  async verdict(text: RegExp) {
    await this.#page
      .getByRole('region', { name: 'Problems' })
      .getByRole('status')
      .getByText(text)
      .waitFor({ timeout: 60_000 })
  }
}
