// SPDX-License-Identifier: Apache-2.0
// A disk without room is said on every page, in both themes and languages, until there is room again.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { unreadable } from './support/readable.mts'
import { browser, console, setStage } from './support/stage.mts'
import { waitFor } from './support/waiting.mts'

const kFolder = fileURLToPath(new URL('../../build/screenshots/', import.meta.url))
const kNotice = { 'en-US': "The console's disk is full", 'zh-CN': '控制台的磁盘已满' }

setStage({ disk: 16 })

/** What the log of the database has room for may still pass; in the end there is none. */
async function refusal(): Promise<true | undefined> {
  const description = 'd'.repeat(500)
  try {
    await console.post('teams', { name: `team ${Math.random()}`, description })
    return undefined
  } catch (error) {
    assert.match(String(error), /507.*STORAGE_FULL/)
    return true
  }
}

test('it is said on an open page when it happens, and goes by itself', async () => {
  const { page } = browser
  await page.goto(`${console.url}/jobs`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  const notice = page.getByRole('alert').filter({ hasText: kNotice['en-US'] })
  assert.equal(await notice.count(), 0)

  console.fillDisk()
  await waitFor('a write is refused', 30_000, refusal)
  await notice.waitFor()
  mkdirSync(kFolder, { recursive: true })
  for (const theme of ['light', 'dark'] as const) {
    for (const language of ['en-US', 'zh-CN'] as const) {
      await browser.prefer(console.url, { theme, language })
      for (const path of ['jobs', 'clusters', 'admin/settings']) {
        await page.goto(`${console.url}/${path}`)
        await page.getByRole('alert').filter({ hasText: kNotice[language] }).waitFor()
        assert.deepEqual(await unreadable(page), [])
      }
      await page.screenshot({ path: `${kFolder}full-disk-${theme}-${language}.png` })
    }
  }
  await browser.prefer(console.url, { theme: 'light', language: 'en-US' })
  await page.goto(`${console.url}/jobs`)
  await notice.waitFor()

  console.freeDisk()
  await notice.waitFor({ state: 'detached' })
})
