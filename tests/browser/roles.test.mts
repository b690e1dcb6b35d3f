// SPDX-License-Identifier: Apache-2.0
// What people see who may not do everything.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { Browser } from './support/browser.mts'
import { Console, type Job } from './support/console.mts'
import { JobList, signInAs } from './support/pages.mts'

let console: Console
let browser: Browser
let list: JobList
let job: Job

before(async () => {
  console = await Console.start()
  const cluster = await console.localCluster()
  job = await console.job('orders', cluster.id)
})
after(() => console?.close())
afterEach(async () => {
  const { errors } = browser
  await browser.close()
  assert.deepEqual(errors, [])
})

async function comeIn(name: string, role: 'VIEWER' | 'OPERATOR') {
  const once = await console.user(name, role)
  browser = await Browser.start()
  list = new JobList(browser.page)
  await signInAs(browser.page, console, name, once)
}

test('a viewer sees all and can do nothing, and each button says why', async () => {
  await comeIn('vera', 'VIEWER')
  const { page } = browser
  await list.open(console.url)
  const row = list.row('orders')
  for (const name of [/^Start: Your role/, /^Stop: Your role/, /^Restart: Your role/]) {
    const button = row.getByRole('button', { name })
    assert.equal(await button.getAttribute('aria-disabled'), 'true')
  }
  await row.getByRole('button', { name: /^Start/ }).click({ force: true })
  assert.equal(await page.getByRole('dialog').count(), 0)
  await row.getByRole('button', { name: 'More actions' }).click()
  for (const name of [/^Edit/, /^Copy/, /^Delete/])
    await page.getByRole('menuitem', { name }).getByText('Your role does not allow this').waitFor()
  await page.keyboard.press('Escape')
  assert.equal(await page.getByRole('link', { name: 'New job' }).count(), 0)
  await page.goto(`${console.url}/clusters`)
  await page.getByRole('link', { name: 'local' }).waitFor()
  assert.equal(await page.getByRole('button', { name: /^Start|New cluster/ }).count(), 0)
})

test('what a role may not open says so, keeps its address out of the menu, and is no error', async () => {
  await comeIn('vic', 'VIEWER')
  const { page } = browser
  for (const path of ['/jobs/new', `/jobs/${job.id}/edit`, '/admin/users', '/admin/settings']) {
    await page.goto(console.url + path)
    await page.getByRole('heading', { name: 'Your role does not allow this' }).waitFor()
  }
  const menu = page.getByRole('navigation', { name: 'Main menu' })
  await menu.getByRole('link', { name: 'Jobs' }).waitFor()
  assert.equal(await menu.getByRole('link', { name: /Users|Settings|Audit/ }).count(), 0)
})

test('an operator starts and stops, and does not edit', async () => {
  await comeIn('otto', 'OPERATOR')
  const { page } = browser
  await list.open(console.url)
  const row = list.row('orders')
  const start = row.getByRole('button', { name: 'Start', exact: true })
  assert.notEqual(await start.getAttribute('aria-disabled'), 'true')
  await start.click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await row.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: /^Edit/ }).getByText('Your role does not').waitFor()
})
