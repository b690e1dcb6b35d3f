// SPDX-License-Identifier: Apache-2.0
// What is done to jobs beyond a plain start and stop, on a real cluster: in bulk, from a chosen state, and when it goes wrong.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cluster, Job } from './support/console.mts'
import { editBehind, JobPage, startCluster } from './support/job_pages.mts'
import { JobList } from './support/pages.mts'
import { browser, console, setStage } from './support/stage.mts'
import { waitFor } from './support/waiting.mts'

let cluster: Cluster
let list: JobList
let job: Job
let view: JobPage

setStage({
  height: 860,
  furnish: async () => {
    cluster = await console.localCluster()
    await startCluster(console, cluster.id)
    job = await console.job('counts', cluster.id)
  },
  enter: () => {
    list = new JobList(browser.page)
    view = new JobPage(browser.page, `${console.url}/jobs/${job.id}`)
  },
})

const press = (name: string) =>
  browser.page.getByRole('button', { name, exact: true }).first().click()
const dialog = (name: string) => browser.page.getByRole('dialog', { name })
const snapshots = async (id: string) =>
  (
    await console.get<{ items: { kind: string; name: string; revision: number }[] }>(
      `jobs/${id}/snapshots`,
    )
  ).items

test('a start that needs more slots than are free says so before it is tried', async () => {
  const { page } = browser
  await view.open()
  await press('Start')
  const start = dialog('Start counts')
  await start.getByText('For this time only').click()
  await start.getByRole('spinbutton').fill('6')
  await start.getByText('It needs 6 slots; 4 are free on local.').waitFor()
  await start.getByRole('spinbutton').fill('1')
  await start.getByText(/It needs/).waitFor({ state: 'detached' })
  await start.getByRole('button', { name: 'Start', exact: true }).click()
  await view.badge('Running', 90_000)
  assert.match(await page.title(), /^counts · /)
})

test('an operation that waits can be cancelled where it is shown', async () => {
  const { page } = browser
  const large = await console.job('too-large', cluster.id, {
    spec: { ...job.spec, parallelism: 6 },
  })
  const other = new JobPage(page, `${console.url}/jobs/${large.id}`)
  await other.open()
  await press('Start')
  await dialog('Start too-large').getByRole('button', { name: 'Start', exact: true }).click()
  const bar = page.getByRole('status', { name: 'Operation under way' })
  await bar.getByText(/needs 6, \d free/).waitFor({ timeout: 60_000 })
  await bar.getByRole('button', { name: 'Cancel' }).click()
  await bar.waitFor({ state: 'detached', timeout: 30_000 })
  await other.tab('Operations')
  await page.getByText('Cancelled', { exact: true }).first().waitFor()
  await console.post(`jobs/${large.id}/operations`, { kind: 'DELETE' })
})

test('a restart goes through a savepoint and brings the wanted revision in', async () => {
  const { page } = browser
  const now = await console.get<Job>(`jobs/${job.id}`)
  await view.open()
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Restart' }).click()
  const restart = dialog('Restart counts')
  assert.equal(await restart.getByRole('radio', { name: /With a savepoint/ }).isChecked(), true)
  await restart.getByRole('button', { name: 'Restart' }).click()
  await page.getByRole('status', { name: 'Operation under way' }).waitFor()
  await page
    .getByRole('status', { name: 'Operation under way' })
    .waitFor({ state: 'detached', timeout: 90_000 })
  await view.badge('Running', 60_000)
  const after = await console.get<Job>(`jobs/${job.id}`)
  assert.notEqual(after.attempts[0]?.id, now.attempts[0]?.id)
  assert.equal(after.attempts[1]?.outcome, 'SUSPENDED')
})

test('a changed job is upgraded from the page that shows what will change', async () => {
  const { page } = browser
  await editBehind(page, job.id, 'changed')
  await page.getByRole('link', { name: 'See what will change' }).click()
  await page.getByRole('heading', { name: 'Upgrade counts' }).waitFor()
  await page.getByText('Revision 2 takes the place of revision 1.').waitFor()
  await page.locator('.diff-editor').getByText('-- changed').waitFor()
  await page.getByRole('button', { name: 'Upgrade', exact: true }).click()
  await page.waitForURL((url) => url.pathname === `/jobs/${job.id}`)
  // It is watched for a minute until it counts as stable.
  await waitFor('revision 2 is stable', 180_000, async () => {
    const now = await console.get<Job>(`jobs/${job.id}`)
    return now.revision.lastStable === 2 && now.badge === 'RUNNING'
  })
  await view.badge('Running', 30_000)
  await page.getByText('See what will change').waitFor({ state: 'detached' })
})

test('the page of the running job shows its log, which can be searched and follows its end', async () => {
  const { page } = browser
  await view.tab('Logs')
  const log = page.getByRole('log')
  await log.locator('.line').first().waitFor()
  const follow = page.getByRole('button', { name: 'Follow' })
  assert.equal(await follow.getAttribute('aria-pressed'), 'true')
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('checkpoint')
  await log.locator('mark').first().waitFor()
  await page.getByText(/^\d+ of \d+$/).waitFor()
  assert.equal(await follow.getAttribute('aria-pressed'), 'false')
  await follow.click()
  await page.waitForFunction(() => {
    const lines = document.querySelector('[role=log]')
    return lines !== null && lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 40
  })
})

test('a drained job stops for good, and a later start chooses the state by hand', async () => {
  const { page } = browser
  await view.tab('Snapshots')
  await page.getByRole('button', { name: 'Take savepoint' }).last().click()
  const savepoint = dialog('Take a savepoint of counts')
  await savepoint.getByLabel('Name').fill('the good one')
  await savepoint.getByRole('button', { name: 'Take savepoint' }).click()
  await page.getByRole('row', { name: /the good one/ }).waitFor({ timeout: 30_000 })
  await view.badge('Running', 30_000)

  await press('Stop')
  const stop = dialog('Stop counts')
  await stop.getByRole('radio', { name: /Finish what is open/ }).check()
  await stop.getByRole('button', { name: 'Drain and stop' }).click()
  await view.badge('Stopped', 60_000)

  await page
    .getByRole('row', { name: /the good one/ })
    .getByRole('button', { name: 'Start from it' })
    .click()
  const start = dialog('Start counts')
  assert.equal(
    await start.getByRole('radio', { name: /Go back to a chosen state/ }).isChecked(),
    true,
  )
  await start.getByRole('button', { name: 'Start', exact: true }).click()
  await view.badge('Running', 60_000)
  await view.tab('Operations')
  await page.getByText('from savepoint the good one').waitFor()
  assert.ok((await snapshots(job.id)).some(({ name }) => name === 'the good one'))
})

test('Esc leaves a dialog and the focus is where it was', async () => {
  const { page } = browser
  await view.open()
  const opener = page.getByRole('button', { name: 'Stop', exact: true })
  // Also one that is still opening.
  for (const state of ['attached', 'visible'] as const) {
    await opener.focus()
    await page.keyboard.press('Enter')
    await dialog('Stop counts').waitFor({ state })
    await page.keyboard.press('Escape')
    await dialog('Stop counts').waitFor({ state: 'detached' })
    await page.waitForFunction(() => document.activeElement?.textContent?.trim() === 'Stop')
  }
})

test('a copy is a job of its own and is not started', async () => {
  const { page } = browser
  await view.open()
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Copy' }).click()
  await dialog('Copy counts').getByRole('button', { name: 'Copy' }).click()
  await page.waitForURL(/\/edit$/)
  await page.getByRole('heading', { name: 'counts copy' }).waitFor()
  const copy = (await console.get<{ items: Job[] }>('jobs?q=counts copy')).items[0]
  assert.equal(copy?.badge, 'DRAFT')
  assert.equal(copy?.spec, undefined)
})

test('a failure says its root cause on the page of its job', async () => {
  const { page } = browser
  const failing = await console.job('divides', cluster.id, {
    spec: { ...job.spec, sql: kFails, options: { 'restart-strategy.type': 'none' } },
  })
  const other = new JobPage(page, `${console.url}/jobs/${failing.id}`)
  await other.open()
  await press('Start')
  await dialog('Start divides').getByRole('button', { name: 'Start', exact: true }).click()
  await other.badge('Failed', 90_000)
  await other.tab('Exceptions')
  await page
    .getByText(/ArithmeticException|Division by zero|by zero/i)
    .first()
    .waitFor()
})

test('rows that a job committed are shown on its page', async () => {
  const { page } = browser
  const writing = await console.job('writes', cluster.id, {
    spec: { ...job.spec, sql: writesTo(console.results('writes')) },
  })
  const other = new JobPage(page, `${console.url}/jobs/${writing.id}`)
  await other.open()
  await press('Start')
  await dialog('Start writes').getByRole('button', { name: 'Start', exact: true }).click()
  await other.badge('Running', 90_000)
  const results = page.getByRole('region', { name: 'Results' })
  await results.getByRole('columnheader', { name: 'word' }).waitFor({ timeout: 60_000 })
  await results.getByRole('cell', { name: 'kept' }).first().waitFor({ timeout: 60_000 })
})

test('several are stopped at once, and each keeps its state', async () => {
  const { page } = browser
  await list.open(console.url)
  for (const name of ['counts', 'writes'])
    await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).check()
  await page
    .getByRole('toolbar', { name: '2 selected' })
    .getByRole('button', { name: 'Stop' })
    .click()
  const stop = dialog('Stop 2 jobs')
  await stop.getByRole('button', { name: 'Save and stop' }).click()
  await list.waitForBadge('counts', 'Suspended')
  await list.waitForBadge('writes', 'Suspended')
})

test('several are started at once, and a restart of several says so', async () => {
  const { page } = browser
  for (const name of ['counts', 'writes'])
    await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).check()
  const bar = page.getByRole('toolbar', { name: '2 selected' })
  await bar.getByRole('button', { name: 'Start', exact: true }).click()
  await dialog('Start 2 jobs').getByRole('button', { name: 'Start', exact: true }).click()
  await list.waitForBadge('counts', 'Running', 90_000)
  await list.waitForBadge('writes', 'Running', 90_000)
  for (const name of ['counts', 'writes'])
    await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).check()
  await bar.getByRole('button', { name: 'Restart' }).click()
  const restart = dialog('Restart 2 jobs')
  await restart.getByRole('radio', { name: /With a savepoint/ }).waitFor()
  await restart.getByRole('button', { name: 'Cancel' }).click()
})

test('a phone stops and starts a job', async () => {
  const { page } = browser
  await page.setViewportSize({ width: 390, height: 844 })
  await list.open(console.url, '?q=counts')
  const card = page.getByRole('listitem').filter({
    has: page.getByRole('link', { name: 'counts', exact: true }),
  })
  await card.getByRole('button', { name: 'Stop' }).click()
  await dialog('Stop counts').getByRole('button', { name: 'Save and stop' }).click()
  await card.getByText('Suspended').waitFor({ timeout: 60_000 })
  await card.getByRole('button', { name: 'Start' }).click()
  const start = dialog('Start counts')
  const wide = await start.evaluate((one) => one.getBoundingClientRect().width)
  assert.ok(wide <= 390, `the dialog is ${wide} wide`)
  await start.getByRole('button', { name: 'Start', exact: true }).click()
  await card.getByText('Running').waitFor({ timeout: 60_000 })
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
})

const kFails = `CREATE TABLE ticks (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '10',
  'fields.n.kind' = 'sequence', 'fields.n.start' = '0', 'fields.n.end' = '1000');
CREATE TABLE ratios (r BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO ratios SELECT 10 / (n - 5) FROM ticks;
`

const writesTo = (folder: string) => `CREATE TABLE ticks (n BIGINT) WITH (
  'connector' = 'datagen', 'rows-per-second' = '20', 'fields.n.kind' = 'random');
CREATE TABLE words (word STRING, n BIGINT) WITH (
  'connector' = 'filesystem', 'format' = 'json', 'path' = 'file://${folder}',
  'sink.rolling-policy.rollover-interval' = '1s', 'sink.rolling-policy.check-interval' = '1s');
INSERT INTO words SELECT 'kept', n FROM ticks;
`
