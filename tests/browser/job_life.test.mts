// SPDX-License-Identifier: Apache-2.0
// One job from its first start to its deletion, on a real cluster, in one open page.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job } from './support/console.mts'
import { copySavepoint, JobPage, startCluster } from './support/job_pages.mts'
import { browser, console, setStage } from './support/stage.mts'

let job: Job
let view: JobPage

setStage({
  height: 860,
  furnish: async () => {
    const cluster = await console.localCluster()
    await startCluster(console, cluster.id)
    job = await console.job('counts', cluster.id)
  },
  enter: () => {
    view = new JobPage(browser.page, `${console.url}/jobs/${job.id}`)
  },
})

test('a start shows at once, goes through its steps and ends in Running', async () => {
  const { page } = browser
  await view.open()
  await view.badge('Draft')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Start counts' })
  await dialog.getByRole('button', { name: 'Start', exact: true }).click()
  await page.getByRole('status', { name: 'Operation under way' }).waitFor()
  await view.badge('Running', 90_000)
  // A cold agent has been warmed by this: later starts are measured by the bench.
})

test('the graph has rates, and the page survives a reload at its tab', async () => {
  const { page } = browser
  await page
    .getByRole('group', { name: 'Job graph' })
    .getByRole('button', { name: /Source/ })
    .first()
    .waitFor()
  await view.tab('Configuration')
  await page.getByText('execution.checkpointing.interval').waitFor()
  await page.reload()
  await page.getByText('execution.checkpointing.interval').waitFor()
})

test('a savepoint taken by hand is listed with its name', async () => {
  const { page } = browser
  await view.tab('Snapshots')
  await page.getByRole('button', { name: 'Take savepoint' }).last().click()
  const dialog = page.getByRole('dialog', {
    name: 'Take a savepoint of counts',
  })
  await dialog.getByLabel('Name').fill('by hand')
  await dialog.getByRole('button', { name: 'Take savepoint' }).click()
  await page.getByRole('row', { name: /by hand/ }).waitFor({ timeout: 30_000 })
})

test('a savepoint that lies in its folder unlisted is found on disk', async () => {
  const { page } = browser
  await copySavepoint(console, job.id)
  const rows = page.getByRole('row').filter({ hasText: 'Savepoint' })
  const before = await rows.count()
  await page.getByRole('button', { name: 'Look on disk' }).click()
  await page.getByText('1 found and listed').waitFor({ timeout: 30_000 })
  await rows.nth(before).waitFor()
})

test('a stop keeps the state by default and the next start goes on from it', async () => {
  const { page } = browser
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  const stop = page.getByRole('dialog', { name: 'Stop counts' })
  assert.equal(await stop.getByRole('radio', { name: /Keep the state/ }).isChecked(), true)
  await stop.getByRole('button', { name: 'Save and stop' }).click()
  await view.badge('Suspended', 60_000)

  await page.getByRole('button', { name: 'Start', exact: true }).click()
  const start = page.getByRole('dialog', { name: 'Start counts' })
  assert.equal(await start.getByRole('radio', { name: /newest state/ }).isChecked(), true)
  await start.getByRole('button', { name: 'Start', exact: true }).click()
  await view.badge('Running', 60_000)
  await view.tab('Operations')
  await page.getByText(/from savepoint/).waitFor()
})

test('a stop without a savepoint says what is lost, and a deletion can be undone', async () => {
  const { page } = browser
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  const stop = page.getByRole('dialog', { name: 'Stop counts' })
  await stop.getByRole('radio', { name: /Stop without a savepoint/ }).check()
  await stop.getByRole('button', { name: 'Stop without saving' }).click()
  await view.badge('Stopped', 30_000)

  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page
    .getByRole('dialog', { name: 'Delete counts?' })
    .getByRole('button', { name: 'Delete' })
    .click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('counts is back').waitFor()
})
