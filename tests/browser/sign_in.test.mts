// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kPassword } from './support/console.mts'
import { choosePassword, signIn } from './support/pages.mts'
import { browser, console, setStage } from './support/stage.mts'

setStage({
  signedIn: false,
})

test('a deep link survives signing in and the first password', async () => {
  const { page } = browser
  const once = await console.oneTimePassword()
  await page.goto(`${console.url}/jobs?badge=FAILED`)
  await page.waitForURL(/\/sign-in\?next=/)
  await page.getByLabel('User name').fill('admin')
  await page.getByLabel('Password').fill('not this one')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').filter({ hasText: 'Name or password is wrong' }).waitFor()

  await page.getByLabel('Password').fill(once)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Choose your password' }).waitFor()
  await choosePassword(page, once, 'short')
  await page.getByText('At least 10 characters are needed.').waitFor()
  await choosePassword(page, once, kPassword)
  await page.waitForURL(/\/jobs\?badge=FAILED$/)
})

test('signing out ends the session everywhere in the browser', async () => {
  const { page } = browser
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.waitForURL(/\/sign-in/)
  await page.goto(`${console.url}/clusters`)
  await page.waitForURL(/\/sign-in\?next=/)
})

test('a token is shown once and can be revoked', async () => {
  const { page } = browser
  await signIn(page, console)
  await page.goto(`${console.url}/tokens`)
  await page.getByRole('button', { name: 'New token' }).first().click()
  await page.getByLabel('Name', { exact: true }).fill('from the browser')
  await page.getByRole('button', { name: 'Create' }).click()
  const secret = await page.getByTestId('secret').innerText()
  const answer = await fetch(`${console.url}/api/v1/jobs`, {
    headers: { authorization: `Bearer ${secret}` },
  })
  assert.equal(answer.status, 200)
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await page.reload()
  const row = page.getByRole('row').filter({ hasText: 'from the browser' })
  await row.waitFor()
  assert.ok(!(await page.content()).includes(secret))
  await row.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await row.waitFor({ state: 'detached' })
})

test('too many wrong passwords are slowed down and say for how long', async () => {
  const { page } = browser
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByLabel('User name').fill('admin')
  const button = page.getByRole('button', { name: 'Sign in' })
  const slowed = page.getByText(/Too many attempts. Try again in \d+ s/)
  for (let attempt = 0; attempt < 30 && !(await slowed.isVisible()); attempt += 1) {
    await page.getByLabel('Password').fill(`guess number ${attempt}`)
    const answered = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/session'))
    await button.click()
    await answered
    await page.getByRole('alert').waitFor()
  }
  await slowed.waitFor()
  assert.ok(await button.isDisabled())
})
