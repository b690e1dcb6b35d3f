// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { after, afterEach, before } from 'node:test'
import { Browser } from './browser.mts'
import { Console } from './console.mts'
import { signIn } from './pages.mts'

// One console and one browser for all tests of a file, which is a process of its own.
export let console: Console
export let browser: Browser

interface Stage {
  width?: number
  height?: number
  signedIn?: boolean
  /** The console's data on a disk of its own of so many MiB. */
  disk?: number
  /** What the console has before anybody comes in. */
  furnish?: () => Promise<unknown>
  /** What a file makes of the browser's page. */
  enter?: () => void
}

/** For all tests of a file. None of them may leave an error in the page. */
export function setStage(stage: Stage = {}) {
  const { width = 1280, height = 800, signedIn = true, disk, furnish, enter } = stage
  before(async () => {
    console = await Console.start(disk === undefined ? {} : { disk })
    await furnish?.()
    browser = await Browser.start(width, height)
    enter?.()
    if (signedIn) await signIn(browser.page, console)
  })
  after(async () => {
    await browser?.close()
    await console?.close()
  })
  afterEach(() => assert.deepEqual(browser.errors, []))
}
