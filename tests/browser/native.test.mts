// SPDX-License-Identifier: Apache-2.0
// A job of a C++ library: from its upload to a stop that keeps its state, and pictures of its pages in both themes and both languages.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Job } from './support/console.mts'
import { JobPage } from './support/job_pages.mts'
import { flaws, settled } from './support/looks.mts'
import { JobList } from './support/pages.mts'
import { browser, console, setStage } from './support/stage.mts'

const kFolder = fileURLToPath(new URL('../../build/screenshots/', import.meta.url))
const kLibrary =
  process.env['STREAMPARK_COUNTING_JOB'] ??
  fileURLToPath(new URL('../../build/ci/runner/libstreampark_counting_job.so', import.meta.url))

// It would outlive the console, whose cluster it does not need.
after(async () => {
  for (const { id, badge } of (await console.get<{ items: Job[] }>('jobs')).items) {
    if (badge === 'RUNNING')
      await console.post(`jobs/${id}/operations`, { kind: 'STOP', savepoint: 'NO' })
  }
})
setStage({ width: 1440, height: 900, furnish: () => console.team() })

let cluster = ''
let job: Job
let pump: Job
let view: JobPage

test('a cluster of this machine is added', async () => {
  const { page } = browser
  await page.goto(`${console.url}/clusters?new=1`)
  await page.getByLabel('Name', { exact: true }).fill('here')
  await page.getByText('This machine, native', { exact: true }).click()
  await page.getByLabel('Slots').waitFor()
  await page.getByRole('button', { name: 'Create' }).click()
  await page.waitForURL(/clusters\/[^/?]+/)
  await page.getByRole('heading', { name: 'here', exact: true }).waitFor()
  await page.locator('.page-header').getByText('Running').waitFor()
  cluster = new URL(page.url()).pathname.split('/')[2] ?? ''
})

test('a file that is no library is refused, and one that is becomes a job that runs', async () => {
  const { page } = browser
  await page.goto(`${console.url}/jobs/new`)
  await page.getByRole('button', { name: /A library in C/ }).click()
  const upload = page.locator('input[type=file]')
  await upload.setInputFiles({
    name: 'notes.so',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from('not a library'),
  })
  await page.getByRole('alert').first().waitFor()
  await upload.setInputFiles(kLibrary)
  await page.getByText(/streampark_counting_job · /).waitFor()
  await page.getByLabel('Name', { exact: true }).fill('counting')
  const script = page.getByRole('textbox', { name: 'Configuration of the job' })
  await script.focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(`app.kind: counting\napp.out: ${console.results('counted')}\n`)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.waitForURL(/jobs\/[^/]+\/edit/)
  const made = (await console.get<{ items: Job[] }>('jobs')).items[0]
  assert.ok(made)
  job = await console.get<Job>(`jobs/${made.id}`)
  assert.equal(job.spec.target.clusterId, cluster)
  view = new JobPage(page, `${console.url}/jobs/${job.id}`)
  await view.open()
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Start', exact: true }).click()
  await view.badge('Running', 60_000)
})

test('its page has its graph, its log, and it is in the list like any other', async () => {
  const { page } = browser
  await page
    .getByRole('group', { name: 'Job graph' })
    .getByRole('button', { name: /numbers/ })
    .first()
    .waitFor()
  await view.tab('Logs')
  await page
    .getByText(/ log · /)
    .first()
    .waitFor()
  await page.getByText(/supervisor: the job begins/).waitFor()
  const list = new JobList(page)
  await list.open(console.url)
  await list.waitForBadge('counting', 'Running')
  await list
    .row('counting')
    .getByText(/Native/)
    .waitFor()
})

test('tables are moved without code', async () => {
  const folder = mkdtempSync(`${tmpdir()}/pump-`)
  const shop = new DatabaseSync(`${folder}/shop.db`)
  shop.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT)')
  shop.exec("INSERT INTO orders VALUES (1, 'tea'), (2, 'coffee')")
  shop.close()
  new DatabaseSync(`${folder}/warehouse.db`).close()
  const { page } = browser
  await page.goto(`${console.url}/jobs/new`)
  await page.getByRole('button', { name: /Move tables/ }).click()
  await page.getByLabel('Name', { exact: true }).fill('orders')
  const script = page.getByRole('textbox', { name: 'What is moved, and where to' })
  await script.focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(
    `source: {connector: sqlite, url: 'sqlite:${folder}/shop.db', tables: orders}\n` +
      `sink: {connector: sqlite, url: 'sqlite:${folder}/warehouse.db', create: true}\n`,
  )
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.waitForURL(/jobs\/[^/]+\/edit/)
  const made = (await console.get<{ items: Job[] }>('jobs')).items.find(
    ({ name }) => name === 'orders',
  )
  assert.ok(made)
  pump = made
  const moved = new JobPage(page, `${console.url}/jobs/${pump.id}`)
  await moved.open()
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Start', exact: true }).click()
  await moved.badge('Finished', 60_000)
  const warehouse = new DatabaseSync(`${folder}/warehouse.db`)
  assert.equal(warehouse.prepare('SELECT count(*) AS n FROM orders').get()?.['n'], 2)
  warehouse.close()
})

for (const theme of ['light', 'dark'] as const) {
  for (const language of ['en-US', 'zh-CN'] as const) {
    test(`its pages, ${theme}, ${language}`, async () => {
      const { page } = browser
      mkdirSync(kFolder, { recursive: true })
      await browser.prefer(console.url, { theme, language })
      const pages = {
        'native-job': `/jobs/${job.id}`,
        'native-job-edit': `/jobs/${job.id}/edit`,
        'native-job-snapshots': `/jobs/${job.id}/snapshots`,
        'native-job-logs': `/jobs/${job.id}/logs`,
        'native-job-revisions': `/jobs/${job.id}/revisions`,
        'native-job-configuration': `/jobs/${job.id}/configuration`,
        'native-job-plan': `/jobs/${job.id}/plan`,
        'native-jobs': '/jobs',
        'native-cluster': `/clusters/${cluster}`,
        'native-clusters': '/clusters',
        'native-new': '/jobs/new',
        pump: `/jobs/${pump.id}`,
        'pump-edit': `/jobs/${pump.id}/edit`,
      }
      const found: Record<string, string[]> = {}
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(console.url + path)
        await settled(page)
        await page.screenshot({ path: `${kFolder}${name}-${theme}-${language}.png` })
        const wrong = await flaws(page)
        if (wrong.length > 0) found[name] = wrong
      }
      assert.deepEqual(found, {})
    })
  }
}

test('a stop keeps its state, and the next start goes on from it', async () => {
  const { page } = browser
  await browser.prefer(console.url, { theme: 'light', language: 'en-US' })
  await view.open()
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  const stop = page.getByRole('dialog', { name: 'Stop counting' })
  await stop.getByRole('button', { name: 'Save and stop' }).click()
  await view.badge('Suspended', 60_000)
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  const start = page.getByRole('dialog', { name: 'Start counting' })
  await start.getByRole('button', { name: 'Start', exact: true }).click()
  await view.badge('Running', 60_000)
  await view.tab('Operations')
  await page.getByText(/from savepoint/).waitFor()
})
