// SPDX-License-Identifier: Apache-2.0
// A picture of every page in both themes and both languages, for people to look at; and the rules that every page keeps: no
// text that is hard to read, no button without a name, nothing that scrolls sideways. One job runs and one fails meanwhile.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Browser } from './support/browser.mts'
import { Console, type Job } from './support/console.mts'
import { givenUp, startCluster } from './support/job_pages.mts'
import { flaws, settled } from './support/looks.mts'
import { signIn, signInAs } from './support/pages.mts'
import { waitFor } from './support/waiting.mts'

const kFolder = fileURLToPath(new URL('../../build/screenshots/', import.meta.url))

const kWindow = { width: 1440, height: 900 }

/** Fails with its first row, and is not started again. */
const kFailing = `CREATE TABLE ticks (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '5');

CREATE TABLE ratios (n BIGINT, ratio BIGINT) WITH ('connector' = 'blackhole');

INSERT INTO ratios SELECT n, n / (n - n) FROM ticks;
`

let console: Console
let browser: Browser
let cluster: string
let running: string
let pages: Record<string, string>

async function startAndAwait(job: Job, badge: Job['badge']): Promise<string> {
  await console.post(`jobs/${job.id}/operations`, { kind: 'START' })
  await waitFor(`${job.name} is ${badge}`, 120_000, async () => {
    const now = await console.get<Job>(`jobs/${job.id}`)
    return now.badge === badge
  })
  return job.id
}

before(async () => {
  mkdirSync(kFolder, { recursive: true })
  console = await Console.start()
  cluster = (await console.localCluster()).id
  await startCluster(console, cluster)
  const tags = ['flights']
  const draft = await console.job('airport-congestion', cluster, { tags })
  running = await startAndAwait(await console.job('carrier-delays', cluster, { tags }), 'RUNNING')
  const spec = {
    ...draft.spec,
    sql: kFailing,
    options: { 'restart-strategy.type': 'none' },
    restart: { attempts: 0 },
  }
  const failed = await startAndAwait(
    await console.job('weather-joined-flights', cluster, { tags, spec }),
    'FAILED',
  )
  const quarantined = await givenUp(console, cluster)
  const team = await console.team()
  pages = {
    overview: '/',
    jobs: '/jobs',
    'jobs-none': '/jobs?q=nothing-is-called-so',
    'jobs-deleted': '/jobs?deleted=1',
    'job-new': '/jobs/new',
    'job-running': `/jobs/${running}`,
    'job-failed': `/jobs/${failed}`,
    'job-draft': `/jobs/${draft.id}`,
    'job-edit': `/jobs/${draft.id}/edit`,
    'job-operations': `/jobs/${failed}/operations`,
    'job-decisions': `/jobs/${quarantined}/operations`,
    'job-snapshots': `/jobs/${running}/snapshots`,
    'job-exceptions': `/jobs/${failed}/exceptions`,
    'job-logs': `/jobs/${running}/logs`,
    'job-configuration': `/jobs/${running}/configuration`,
    'job-revisions': `/jobs/${running}/revisions`,
    'job-yaml': `/jobs/${running}/yaml`,
    'job-import': '/jobs/import',
    clusters: '/clusters',
    'cluster-new': '/clusters?new=1',
    cluster: `/clusters/${cluster}`,
    'cluster-jobs': `/clusters/${cluster}/jobs`,
    'cluster-logs': `/clusters/${cluster}/logs`,
    'cluster-operations': `/clusters/${cluster}/operations`,
    'cluster-options': `/clusters/${cluster}/options`,
    installations: '/installations',
    'installation-new': '/installations?new=1',
    teams: '/admin/teams',
    team: `/admin/teams/${team}`,
    users: '/admin/users',
    'user-new': '/admin/users?new=1',
    roles: '/admin/roles',
    audit: '/admin/audit',
    settings: '/admin/settings',
    tokens: '/tokens',
    profile: '/profile',
    'not-found': '/no/such/page',
  }
  browser = await Browser.start(1440, 900)
  await signIn(browser.page, console)
})
after(async () => {
  await browser?.close()
  await console?.close()
})

for (const theme of ['light', 'dark'] as const) {
  for (const language of ['en-US', 'zh-CN'] as const) {
    test(`every page, ${theme}, ${language}`, async () => {
      const { page } = browser
      await page.setViewportSize(kWindow)
      await browser.prefer(console.url, { theme, language })
      const found: Record<string, string[]> = {}
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(console.url + path)
        await settled(page)
        await page.screenshot({ path: `${kFolder}${name}-${theme}-${language}.png` })
        const shown = await page.evaluate(() => ({
          theme: document.documentElement.dataset['theme'],
          language: document.documentElement.lang,
        }))
        assert.deepEqual(shown, { theme, language }, name)
        const wrong = await flaws(page)
        if (wrong.length > 0) found[name] = wrong
      }
      assert.deepEqual(found, {})
      assert.deepEqual(browser.errors, [])
    })
  }

  test(`on a phone, ${theme}`, async () => {
    const { page } = browser
    await browser.prefer(console.url, { theme, language: 'en-US' })
    await page.setViewportSize({ width: 390, height: 780 })
    const found: Record<string, string[]> = {}
    for (const name of [
      'overview',
      'jobs',
      'job-running',
      'job-failed',
      'clusters',
      'cluster',
      'teams',
    ]) {
      await page.goto(console.url + (pages[name] ?? ''))
      await settled(page)
      await page.screenshot({ path: `${kFolder}${name}-phone-${theme}.png` })
      const wrong = await flaws(page)
      if (wrong.length > 0) found[name] = wrong
    }
    assert.deepEqual(found, {})
  })

  test(`dialogs, ${theme}`, async () => {
    const { page } = browser
    await page.setViewportSize(kWindow)
    await browser.prefer(console.url, { theme, language: 'en-US' })
    const found: Record<string, string[]> = {}
    async function look(name: string) {
      await page.screenshot({ path: `${kFolder}${name}-${theme}.png` })
      const wrong = await flaws(page)
      if (wrong.length > 0) found[name] = wrong
    }
    await page.goto(`${console.url}/clusters?new=1`)
    await page.getByText('Folders, options and more').click()
    await page.getByRole('switch', { name: 'Rescale running jobs in place' }).click()
    await look('cluster-new-more')
    await page.goto(`${console.url}/jobs`)
    const row = page.getByRole('row').filter({ hasText: 'carrier-delays' })
    await row.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByRole('dialog').getByRole('radio').first().waitFor()
    await look('dialog-stop')
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await row.getByRole('checkbox').click()
    await row.getByRole('button', { name: /^Running/ }).click()
    await look('jobs-selected')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Filter', exact: true }).click()
    await look('jobs-filter')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.getByRole('option').first().waitFor()
    await look('palette')

    await page.goto(`${console.url}/clusters/${cluster}`)
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('TaskManager memory').fill(theme === 'light' ? '1500m' : '1510m')
    type Kept = { spec: Record<string, unknown>; etag: string }
    const { spec, etag } = await console.get<Kept>(`clusters/${cluster}`)
    await console.put(`clusters/${cluster}`, { ...spec, description: `in the ${theme}` }, etag)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('dialog', { name: 'Somebody saved in between' }).waitFor()
    await look('conflict')
    assert.deepEqual(found, {})
  })
}

test('what a role may not open', async () => {
  const once = await console.user('vera', 'VIEWER')
  const viewer = await Browser.start(1440, 900)
  try {
    await signInAs(viewer.page, console, 'vera', once)
    for (const theme of ['light', 'dark'] as const) {
      await viewer.prefer(console.url, { theme, language: 'en-US' })
      await viewer.page.goto(`${console.url}/jobs/new`)
      await settled(viewer.page)
      await viewer.page.screenshot({ path: `${kFolder}forbidden-${theme}.png` })
      assert.deepEqual(await flaws(viewer.page), [])
    }
  } finally {
    await viewer.close()
  }
})

test('signing in', async () => {
  const { page } = browser
  for (const theme of ['light', 'dark'] as const) {
    for (const language of ['en-US', 'zh-CN'] as const) {
      await browser.prefer(console.url, { theme, language })
      await page.goto(`${console.url}/sign-in`)
      await page.locator('input[type=password]').waitFor()
      await page.screenshot({
        path: `${kFolder}sign-in-${theme}-${language}.png`,
      })
    }
  }
})
