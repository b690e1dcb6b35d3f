// SPDX-License-Identifier: Apache-2.0
// An administrator's day: a team, somebody in it, their role, and the trail that it leaves.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Browser } from './support/browser.mts'
import { signInAs } from './support/pages.mts'
import { browser, console, setStage } from './support/stage.mts'

let password: string

setStage()

test('a team is made and found', async () => {
  const { page } = browser
  await page.goto(`${console.url}/admin/teams`)
  await page.getByRole('button', { name: 'New team' }).click()
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByText('This is needed.').waitFor()
  await page.getByLabel('Name', { exact: true }).fill('flights')
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByRole('heading', { name: 'flights' }).waitFor()
  await page.waitForFunction(() => document.title === 'flights · StreamPark')
  await page.goto(`${console.url}/admin/teams`)
  await page.getByRole('link', { name: 'flights' }).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('no such team')
  await page.getByRole('heading', { name: 'Nothing matches' }).waitFor()
  await page.getByRole('button', { name: 'Clear the filters' }).click()
  await page.getByRole('link', { name: 'flights' }).click()
})

test('a user is made, and gets a role in the team', async () => {
  const { page } = browser
  await page.goto(`${console.url}/admin/users?new=1`)
  await page.getByLabel('User name').fill('grace')
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  password = await page.getByTestId('secret').innerText()
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await page.getByRole('row').filter({ hasText: 'grace' }).waitFor()

  await page.goto(`${console.url}/admin/teams`)
  await page.getByRole('link', { name: 'flights' }).click()
  await page.getByRole('button', { name: 'Add a member' }).first().click()
  await page.getByLabel('User name').fill('nobody')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByText('There is no user of this name.').waitFor()
  await page.getByLabel('User name').fill('grace')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  const row = page.getByRole('row').filter({ hasText: 'grace' })
  await row.getByText('Developer').click()
  await page.getByTitle('Viewer').click()
  await page.getByText('Saved').waitFor()
})

test('the role is what the user finds', async () => {
  const other = await Browser.start()
  try {
    await signInAs(other.page, console, 'grace', password)
    await other.page.goto(`${console.url}/jobs`)
    await other.page.getByRole('heading', { name: 'No jobs yet' }).waitFor()
    assert.equal(await other.page.getByRole('link', { name: 'New job' }).count(), 0)
    assert.deepEqual(other.errors, [])
  } finally {
    await other.close()
  }
})

test('all of it is in the audit trail', async () => {
  const { page } = browser
  await page.goto(`${console.url}/admin/audit`)
  await page.getByRole('heading', { name: 'Audit' }).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('grace')
  await page.waitForURL(/q=grace/)
  await page
    .getByRole('row')
    .filter({ hasText: 'admin' })
    .filter({ hasText: 'grace' })
    .first()
    .waitFor()
})
