// SPDX-License-Identifier: Apache-2.0
// When a page is there, and the rules that every page keeps.
import type { Page } from 'playwright-core'
import { unreadable } from './readable.mts'

/** Texts are there, nothing is being loaded, no skeleton is left. */
export async function settled(page: Page) {
  await page.locator('#main :is(h1, h2)').first().waitFor()
  await page.waitForFunction(() => document.querySelector('#main .rows[role=status]') === null)
}

/** What is wrong with the page as it is now, apart from how it looks. */
export async function flaws(page: Page): Promise<string[]> {
  const found = await page.evaluate(() => [
    ...(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : []),
    ...[...document.querySelectorAll('#app button, #app a')]
      .filter(
        (one) =>
          !(one.textContent ?? '').trim() &&
          !one.getAttribute('aria-label') &&
          !one.querySelector('img'),
      )
      .map((one) => `no name: ${one.outerHTML.slice(0, 120)}`),
  ])
  return [...found, ...(await unreadable(page))]
}
