// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, BrowserType, Page } from 'playwright-core'

// playwright-core is among the web app's packages, which this folder is not below.
const require = createRequire(new URL('../../../web/package.json', import.meta.url))
const { chromium } = require('playwright-core') as { chromium: BrowserType }

const kArguments = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface Preferences {
  theme: 'light' | 'dark'
  language: 'en-US' | 'zh-CN'
}

/** A browser with a profile of its own and one page. */
export class Browser {
  readonly page: Page
  /** Errors that the page's code threw, and requests that the server failed. */
  readonly errors: string[] = []
  readonly #context: BrowserContext
  readonly #profile: string

  private constructor(context: BrowserContext, page: Page, profile: string) {
    this.#context = context
    this.page = page
    this.#profile = profile
    page.setDefaultTimeout(20_000)
    page.on('pageerror', (error) => this.errors.push(`${page.url()}: ${error.message}`))
    page.on('response', (answer) => {
      // 503 is how the console says that an engine does not answer (yet); anything else of that kind is a defect.
      if (answer.status() >= 500 && answer.status() !== 503)
        this.errors.push(`${answer.url()}: ${answer.status()}`)
    })
  }

  static async start(width = 1280, height = 800): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), 'streampark-chromium-'))
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: kArguments,
      viewport: { width, height },
      locale: 'en-US',
      reducedMotion: 'reduce',
    })
    return new Browser(context, context.pages()[0] ?? (await context.newPage()), profile)
  }

  /** Sets what a person chose in this browser; takes effect with the next page. */
  async prefer(url: string, preferences: Preferences) {
    await this.page.goto(`${url}/favicon.svg`)
    await this.page.evaluate(
      (entry) => localStorage.setItem('streampark.preferences', entry),
      JSON.stringify({ ...preferences, sidebar: 'open' }),
    )
  }

  async close() {
    await this.#context.close()
    // Its helpers end a moment after it, and write until then.
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 })
  }
}
