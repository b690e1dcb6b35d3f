// SPDX-License-Identifier: Apache-2.0
// A new revision on a running job: what is proven before the stop, what is watched, and the way back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job, Operation } from './support/console.mts'
import { JobPage, startCluster } from './support/job_pages.mts'
import { browser, console, setStage } from './support/stage.mts'
import { waitFor } from './support/waiting.mts'

let job: Job
let view: JobPage

/** Another spec for the job, from elsewhere. */
async function edit(change: Partial<Job['spec']>): Promise<void> {
  const { name, team, description, tags, spec, etag } = await console.get<Job>(`jobs/${job.id}`)
  const draft = { name, teamId: team.id, description, tags, spec: { ...spec, ...change } }
  await console.put(`jobs/${job.id}`, draft, etag)
}

async function newest(): Promise<Operation | undefined> {
  return (await console.get<{ items: Operation[] }>(`jobs/${job.id}/operations`)).items[0]
}

/** The operation that comes after `earlier`, when it has ended. */
async function endAfter(earlier: Operation | undefined): Promise<Operation> {
  return waitFor('the operation ends', 120_000, async () => {
    const now = await newest()
    return now !== undefined && now.id !== earlier?.id && now.finishedAt !== null ? now : undefined
  })
}

const revision = async () => (await console.get<Job>(`jobs/${job.id}`)).revision

setStage({
  height: 900,
  furnish: async () => {
    const cluster = await console.localCluster()
    await startCluster(console, cluster.id)
    job = await console.job('counts', cluster.id)
    await edit({
      options: { 'execution.checkpointing.interval': '500ms' },
      upgrade: { stableAfter: '2s', timeout: '1m' },
    })
    await console.post(`jobs/${job.id}/operations`, { kind: 'START' })
    await waitFor('a stable revision', 120_000, async () => (await revision()).lastStable !== null)
  },
  enter: () => {
    view = new JobPage(browser.page, `${console.url}/jobs/${job.id}`)
  },
})

test('an upgrade is proven on its page, then watched until it is stable', async () => {
  const { page } = browser
  await edit({ parallelism: 2 })
  await view.open()
  await page.getByRole('button', { name: 'Upgrade', exact: true }).click()
  await page.getByRole('heading', { name: 'Upgrade counts' }).waitFor()
  const checks = page.getByRole('list', { name: 'Proven before anything is stopped' })
  await checks.getByText('Try the savepoint folder').waitFor({ timeout: 60_000 })
  assert.equal(await checks.locator('li.FAILED').count(), 0)
  await page.getByText(/comes back from where it stopped/).waitFor()
  const earlier = await newest()
  await page.getByRole('button', { name: 'Upgrade', exact: true }).click()
  await page.getByText('Watch until stable').waitFor()
  assert.equal((await endAfter(earlier)).state, 'SUCCEEDED')
  await view.badge('Running')
})

test('one that fails is rolled back, and says so', async () => {
  const { page } = browser
  const before = (await revision()).deployed
  // Nothing that can be proven before the start: checkpoints that cannot be written.
  await edit({
    options: {
      'execution.checkpointing.interval': '500ms',
      'execution.checkpointing.dir': 'file:///proc/nowhere',
    },
  })
  await view.open()
  await page.getByRole('button', { name: 'Upgrade', exact: true }).click()
  const go = page.getByRole('button', { name: 'Upgrade', exact: true })
  await page.getByText('Try the savepoint folder').waitFor({ timeout: 60_000 })
  const earlier = await newest()
  await go.click()
  const operation = await endAfter(earlier)
  assert.equal(operation.state, 'FAILED')
  assert.equal(operation.result?.rolledBackTo, before)
  await view.tab('Operations')
  await page
    .getByText(`Rolled back to revision ${String(before)}`)
    .first()
    .waitFor()
  await view.badge('Running')
})

test('a person chooses another parallelism by keyboard', async () => {
  const { page } = browser
  await view.open()
  await page.getByRole('button', { name: 'More' }).press('Enter')
  await page.getByRole('menuitem', { name: 'Rescale' }).press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Rescale counts' })
  await dialog.getByLabel('Parallelism').fill('64')
  await dialog.getByText(/more slots/).waitFor()
  await dialog.getByLabel('Parallelism').fill('1')
  const earlier = await newest()
  await page.keyboard.press('Enter')
  const operation = await endAfter(earlier)
  assert.equal(operation.state, 'SUCCEEDED')
})
