// SPDX-License-Identifier: Apache-2.0
// What happens to an open page when the session or the console goes away under it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kPassword } from './support/console.mts'
import { JobList, signInAs } from './support/pages.mts'
import { browser, console, setStage } from './support/stage.mts'

let list: JobList
let clusterId: string

setStage({
  furnish: async () => {
    clusterId = (await console.localCluster()).id
    await console.job('orders 1', clusterId)
  },
  enter: () => {
    list = new JobList(browser.page)
  },
})

async function comeBack(name: string) {
  const { page } = browser
  await page.getByText('Your session has ended').waitFor()
  await page.getByLabel('User name').fill(name)
  await page.getByLabel('Password').fill(kPassword)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test('a hidden tab sends nothing, and a tab that is shown again knows what happened', async () => {
  const { page } = browser
  await list.open(console.url)
  await console.job('seen', clusterId)
  await list.row('seen').waitFor()
  const hide = (hidden: boolean) =>
    page.evaluate((now) => {
      Object.defineProperty(document, 'hidden', { configurable: true, value: now })
      Object.defineProperty(document, 'visibilityState', {
        configurable: true,
        value: now ? 'hidden' : 'visible',
      })
      document.dispatchEvent(new Event('visibilitychange'))
    }, hidden)
  await hide(true)
  const sent: string[] = []
  page.on('request', (request) => sent.push(request.url()))
  await console.job('orders 2', clusterId)
  // A list that polled, or a lost connection that was tried again, would have sent something by then.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 4000)))
  assert.deepEqual(sent, [])
  await hide(false)
  await list.row('orders 2').waitFor()
  // The stream went on after the last event: the list was not read anew.
  assert.deepEqual(
    sent.filter((url) => url.includes('/api/v1/jobs')),
    [],
  )
})

test('a console that is restarted under an open page is found again', async () => {
  const { page } = browser
  await list.open(console.url)
  await console.stop()
  await page.getByRole('button', { name: /^Reconnecting/ }).waitFor()
  await console.startAgain()
  await page.getByRole('button', { name: /^Live/ }).waitFor({ timeout: 40_000 })
  await console.job('orders 3', clusterId)
  await list.row('orders 3').waitFor()
})

test('a session that ended while a form was filled in goes to signing in and back, not to a blank page', async () => {
  const { page } = browser
  await page.goto(`${console.url}/admin/settings`)
  await page.getByLabel('Deleted jobs are kept for').fill('9d')
  await page.context().clearCookies()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.waitForURL(/\/sign-in\?next=/)
  await comeBack('admin')
  await page.waitForURL(/\/admin\/settings$/)
  assert.equal(await page.getByLabel('Deleted jobs are kept for').inputValue(), '7d')
})

test('unsaved changes are asked about by a link and by Back', async () => {
  const { page } = browser
  await page.goto(`${console.url}/clusters`)
  await page.getByRole('button', { name: 'New cluster' }).first().click()
  await page.waitForURL(/new=1/)
  await page.getByLabel('Name', { exact: true }).fill('half a cluster')
  await page.goBack()
  await page.getByText('Your changes are not saved.').waitFor()
  await page.getByRole('button', { name: 'Keep editing' }).click()
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'half a cluster')
  await page.goBack()
  await page.getByRole('button', { name: 'Discard changes' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })

  await page.goto(`${console.url}/admin/settings`)
  await page.getByLabel('Deleted jobs are kept for').fill('9d')
  await page.getByRole('link', { name: 'Clusters' }).click()
  await page.getByRole('dialog', { name: 'Your changes are not saved.' }).waitFor()
  await page.getByRole('button', { name: 'Discard changes' }).click()
  await page.waitForURL(/\/clusters/)
})

test('a cluster that somebody else saved meanwhile is shown field by field', async () => {
  const { page } = browser
  await page.goto(`${console.url}/clusters/${clusterId}`)
  await page.getByRole('button', { name: 'Edit' }).click()
  await page.getByLabel('TaskManager memory').fill('1500m')
  type Kept = { spec: Record<string, unknown>; etag: string }
  const { spec, etag } = await console.get<Kept>(`clusters/${clusterId}`)
  await console.put(`clusters/${clusterId}`, { ...spec, slotsPerTaskManager: 3 }, etag)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Somebody saved in between' })
  await dialog.getByRole('row', { name: /TaskManager memory/ }).waitFor()
  await dialog.getByRole('button', { name: 'Save what is chosen' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' })
  const saved = await console.get<Kept>(`clusters/${clusterId}`)
  assert.equal(saved.spec['taskManagerMemory'], '1500m')
  assert.equal(saved.spec['slotsPerTaskManager'], 3)
})

test('a console that does not answer at first is an error with a way on', async () => {
  const { page } = browser
  await page.route('**/api/v1/session', (route) => route.abort())
  await page.goto(`${console.url}/jobs`)
  await page.getByRole('button', { name: 'Try again' }).waitFor()
  await page.unroute('**/api/v1/session')
  await page.getByRole('button', { name: 'Try again' }).click()
  await list.row('orders 1').waitFor()
})

test('somebody who is locked out is at the sign-in page without a click', async () => {
  const { page } = browser
  const once = await console.user('lola', 'OPERATOR')
  await page.context().clearCookies()
  await signInAs(page, console, 'lola', once)
  await list.open(console.url)
  type Found = { items: { id: string; name: string; etag: string }[] }
  const lola = (await console.get<Found>('users?q=lola')).items[0]
  assert.ok(lola)
  await console.put(`users/${lola.id}`, { name: 'lola', locked: true }, lola.etag)
  await page.waitForURL(/\/sign-in/, { timeout: 30_000 })
})
