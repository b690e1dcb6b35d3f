// SPDX-License-Identifier: Apache-2.0
// Somebody woken at three has a phone.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Browser } from './support/browser.mts'
import { Console, flinkHomes, type Job } from './support/console.mts'
import { startCluster } from './support/job_pages.mts'
import { signIn } from './support/pages.mts'
import { waitFor } from './support/waiting.mts'

let console: Console
let phone: Browser
let job: Job

before(async () => {
  console = await Console.start()
  const [home = ''] = flinkHomes()
  const cluster = await console.cluster('local', (await console.installation(home)).id)
  await startCluster(console, cluster.id)
  job = await console.job('counts', cluster.id)
  phone = await Browser.start(390, 780)
  await signIn(phone.page, console)
})
after(async () => {
  await phone?.close()
  await console?.close()
})

test('a job is started and stopped from its card', async () => {
  const { page } = phone
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
  assert.deepEqual(phone.errors, [])
})
