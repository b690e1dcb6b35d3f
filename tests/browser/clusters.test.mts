// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flinkHomes } from './support/console.mts'
import { JobList } from './support/pages.mts'
import { browser, console, setStage } from './support/stage.mts'

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

test('it is started, runs a job, and suspends it when it is stopped', async () => {
  const { page } = browser
  const cluster = (await console.get<{ items: { id: string }[] }>('clusters')).items[0]
  assert.ok(cluster)
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

  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await page.getByRole('radio', { name: /Suspend them first/ }).waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click()
  await page.locator('.page-header').getByText('Stopped').waitFor({ timeout: 120_000 })
  await list.open(console.url)
  await list.waitForBadge('ticking', 'Suspended')
})
