// SPDX-License-Identifier: Apache-2.0
// Somebody woken at three has a phone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job } from './support/console.mts'
import { startCluster } from './support/job_pages.mts'
import { browser, console, setStage } from './support/stage.mts'
import { waitFor } from './support/waiting.mts'

let job: Job

setStage({
  width: 390,
  height: 780,
  furnish: async () => {
    const cluster = await console.localCluster()
    await startCluster(console, cluster.id)
    job = await console.job('counts', cluster.id)
  },
})

test('a job is started and stopped from its card', async () => {
  const { page } = browser
  await page.goto(`${console.url}/jobs`)
  const card = page.getByRole('listitem').filter({ hasText: 'counts' })
  await card.getByRole('button', { name: 'Start' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Start', exact: true }).click()
  await card.getByText('Running').waitFor({ timeout: 120_000 })
  // The start is over once its operation is, a moment after the job runs; until then a stop has nothing to save.
  await waitFor('the start is over', 30_000, async () => {
    const { operation } = await console.get<Job>(`jobs/${job.id}`)
    return operation === null
  })
  await card.getByRole('button', { name: 'Stop' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Save and stop' }).click()
  await card.getByText('Suspended').waitFor({ timeout: 60_000 })
  assert.equal(
    await page.evaluate(() => document.documentElement.scrollWidth > innerWidth),
    false,
    'the page scrolls sideways',
  )
})
