// SPDX-License-Identifier: Apache-2.0
import type { Page } from 'playwright-core'
import { kPassword, type Console } from './console.mts'

/** Signs in as the first administrator with a fresh one-time password and chooses the tests' own. */
export async function signIn(page: Page, console: Console) {
  await signInAs(page, console, 'admin', await console.oneTimePassword())
}

/** Signs somebody in with a one-time password and chooses the tests' own. */
export async function signInAs(page: Page, console: Console, name: string, once: string) {
  await page.goto(`${console.url}/sign-in`)
  await page.getByLabel('User name').fill(name)
  await page.getByLabel('Password').fill(once)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Choose your password' }).waitFor()
  await choosePassword(page, once, kPassword)
  await page.waitForURL((url) => !/password|sign-in/.test(url.pathname))
  await page.locator('#main :is(h1, h2)').first().waitFor()
}

export async function choosePassword(page: Page, present: string, next: string) {
  await page.getByLabel('Present password').fill(present)
  await page.getByLabel('New password', { exact: true }).fill(next)
  await page.getByLabel('New password again').fill(next)
  await page.getByRole('button', { name: 'Change the password' }).click()
}

/** The list of jobs. */
export class JobList {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  async open(url: string, query = '') {
    await this.#page.goto(`${url}/jobs${query}`)
    await this.#page.getByText(/\d+ of \d+ jobs/).waitFor()
  }

  row(name: string) {
    return this.#page
      .getByRole('row')
      .filter({ has: this.#page.getByRole('link', { name, exact: true }) })
  }

  chip(label: string) {
    return this.#page
      .getByRole('group', { name: 'Jobs by state' })
      .getByRole('button', { name: label })
  }

  async names(): Promise<string[]> {
    return this.#page.locator('[role=row] .name a').allInnerTexts()
  }

  /** Waits until exactly these rows are shown, in this order. */
  async shows(names: string[]) {
    await this.#page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll('[role=row] .name a')]
          .map((link) => link.textContent)
          .join() === wanted,
      names.join(),
    )
  }

  async waitForBadge(name: string, badge: string, timeout = 60_000) {
    await this.row(name).getByRole('button', { name: badge }).waitFor({ timeout })
  }
}
