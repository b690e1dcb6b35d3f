// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flinkHomes, type Cluster } from './support/console.mts'
import { JobPage } from './support/job_pages.mts'
import { JobList } from './support/pages.mts'
import { browser, console, setStage } from './support/stage.mts'
import { runStranger } from './support/stranger.mts'

setStage()

test('an engine version on disk is registered', async () => {
  const { page } = browser
  const [home = ''] = flinkHomes()
  await page.goto(`${console.url}/installations`)
  await page.getByRole('button', { name: 'Add a version' }).first().click()
  await page.getByText('On this machine', { exact: true }).click()
  await page.getByLabel('Folder').fill('/nowhere/flink')
  await page.getByRole('button', { name: 'Register' }).click()
  await page.getByRole('alert').first().waitFor()
  await page.getByLabel('Folder').fill(home)
  await page.getByRole('button', { name: 'Register' }).click()
  const row = page.getByRole('row').filter({ hasText: home })
  await row.getByText('Ready').waitFor({ timeout: 60_000 })
})

test('a cluster is created, its settings checked by the engine while they are typed', async () => {
  const { page } = browser
  await page.goto(`${console.url}/clusters`)
  await page.getByRole('button', { name: 'New cluster' }).first().click()
  await page.getByLabel('Name', { exact: true }).fill('from the browser')
  await page.getByLabel('JobManager memory').fill('900m')
  await page.getByLabel('TaskManager memory').fill('10m')
  await page
    .getByRole('alert')
    .filter({ hasText: /memory/i })
    .first()
    .waitFor({ timeout: 60_000 })
  await page.getByLabel('TaskManager memory').fill('1400m')
  await page.getByRole('alert').waitFor({ state: 'detached', timeout: 60_000 })

  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('Your changes are not saved.').waitFor()
  await page.getByRole('button', { name: 'Keep editing' }).click()
  await page.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('heading', { name: 'from the browser' }).waitFor()
})

let cluster: Cluster

test('it is started and runs a job', async () => {
  const { page } = browser
  const first = (await console.get<{ items: Cluster[] }>('clusters')).items[0]
  assert.ok(first)
  cluster = first
  await console.job('ticking', cluster.id)
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click()
  await page.locator('.page-header').getByText('Running').waitFor({ timeout: 120_000 })
  await page
    .getByRole('row')
    .filter({ hasText: 'taskmanager' })
    .first()
    .waitFor({ timeout: 60_000 })

  const list = new JobList(page)
  await list.open(console.url)
  await list.row('ticking').getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Release' }).click()
  await list.waitForBadge('ticking', 'Ready', 120_000)
  await list.row('ticking').getByRole('button', { name: 'Start', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click()
  await list.waitForBadge('ticking', 'Running', 120_000)

  await page.goto(`${console.url}/clusters/${cluster.id}/jobs`)
  await page.getByRole('row').filter({ hasText: 'ticking' }).getByText('This console').waitFor()
  await page.goto(`${console.url}/clusters/${cluster.id}/logs`)
  await page.getByText(/INFO/).first().waitFor()
})

test('a job that somebody started by the engine itself is adopted', async () => {
  const { page } = browser
  await page.goto(`${console.url}/clusters/${cluster.id}/jobs`)
  await runStranger(console, cluster.id, 'a stranger')
  const row = page.getByRole('row').filter({ hasText: 'a stranger' })
  await row.getByText('Someone else').waitFor()
  await row.getByRole('button', { name: 'Adopt…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Adopt “a stranger”?' })
  assert.equal(await dialog.getByLabel('Name', { exact: true }).inputValue(), 'a stranger')
  await dialog.getByRole('button', { name: 'Adopt', exact: true }).click()
  await page.waitForURL(/\/jobs\/[0-9A-Z]{26}/)
  await new JobPage(page, page.url()).badge('Running')
  await page.goto(`${console.url}/clusters/${cluster.id}/jobs`)
  await row.getByRole('link', { name: 'a stranger' }).waitFor()
  await row.getByText('This console').waitFor()
})

test('its jobs are suspended when it is stopped', async () => {
  const { page } = browser
  const list = new JobList(page)
  await page.goto(`${console.url}/clusters/${cluster.id}`)
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await page.getByRole('radio', { name: /Suspend them first/ }).waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click()
  await page.locator('.page-header').getByText('Stopped').waitFor({ timeout: 120_000 })
  await list.open(console.url)
  await list.waitForBadge('ticking', 'Suspended')
  await list.waitForBadge('a stranger', 'Suspended')
})
