// SPDX-License-Identifier: Apache-2.0
// The browser's side of the bench: a real Chromium that does what it is told in JSON lines and answers in JSON lines.
//
//   {"do": "first-load"}                                 a cold load of the list → {ms, gzipKb, requests}
//   {"do": "start", "job": id}                           presses Start in the open list → {ms} until its row says Running
//   {"do": "watch", "job": id, "label": "Canceled"}      → {watching: true} at once, then {at: epoch ms} when the row says so
//   {"do": "long-tasks", "seconds": 10}                  → {longestMs, moved}: the pointer rests on a row meanwhile
//   {"do": "close"}
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const { chromium } = createRequire(new URL('../../web/package.json', import.meta.url))('playwright-core')
const { url, cookie, executable } = JSON.parse(process.argv[2])
const kFlags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
]

const profile = mkdtempSync(join(tmpdir(), 'streampark-bench-'))
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: executable, headless: true, args: kFlags, viewport: { width: 1280, height: 800 }, locale: 'en-US',
})
await browser.addCookies([{ name: cookie.name, value: cookie.value, url }])

const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)
const rowOf = (job) => `.row:has(#job-${job})`

/** All bytes as they came over the wire, the live stream excepted. */
async function firstLoad() {
  const page = await browser.newPage()
  const session = await browser.newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  let bytes = 0
  let requests = 0
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
    requests += 1
  })
  await page.goto(`${url}/jobs`, { waitUntil: 'commit' })
  await page.waitForSelector('[id^="job-"]')
  const ms = await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0))),
  )
  await page.close()
  return { ms, gzipKb: bytes / 1024, requests }
}

/** One list that stays open, as on an operator's second screen. */
let list
async function openList(query = '') {
  if (!list) {
    list = await browser.newPage()
    list.path = undefined
  }
  if (list.path !== query) {
    await list.goto(`${url}/jobs${query}`)
    await list.waitForSelector('[id^="job-"]')
    list.path = query
  }
  return list
}

/** Epoch milliseconds at which the job's row first says `label`, seen in the page itself. */
const whenRowSays = (page, job, label) =>
  page.evaluate(
    ([id, wanted]) =>
      new Promise((done) => {
        const says = () => {
          const text = document.getElementById(`job-${id}`)?.closest('.row')?.querySelector('.badge')?.textContent ?? ''
          if (text.trim().startsWith(wanted)) {
            watcher.disconnect()
            done(Date.now())
          }
        }
        const watcher = new MutationObserver(says)
        watcher.observe(document.body, { subtree: true, childList: true, characterData: true })
        says()
      }),
    [job, label],
  )

async function start(job) {
  const page = await openList()
  await page.locator(`${rowOf(job)} button[aria-label^="Start"]`).click()
  const confirm = page.getByRole('dialog').getByRole('button', { name: /^Start/ })
  await confirm.waitFor()
  const pressed = page.evaluate(
    () => new Promise((done) => addEventListener('click', () => done(Date.now()), { capture: true, once: true })),
  )
  const running = whenRowSays(page, job, 'Running')
  await confirm.click()
  return { ms: (await running) - (await pressed) }
}

async function longTasks(seconds) {
  const page = await openList()
  const row = page.locator('.row:has([id^="job-"])').nth(8)
  const before = await row.locator('[id^="job-"]').getAttribute('id')
  const box = await row.boundingBox()
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  const longestMs = await page.evaluate(
    (duration) =>
      new Promise((done) => {
        let longest = 0
        new PerformanceObserver((entries) => {
          for (const { duration: took } of entries.getEntries()) longest = Math.max(longest, took)
        }).observe({ type: 'longtask' })
        setTimeout(() => done(longest), duration)
      }),
    seconds * 1000,
  )
  const under = await page.evaluate(
    ([x, y]) => document.elementFromPoint(x, y)?.closest('.row')?.querySelector('[id^="job-"]')?.id,
    [box.x + box.width / 2, box.y + box.height / 2],
  )
  return { longestMs, moved: under !== before }
}

const kCommands = {
  'first-load': firstLoad,
  start: ({ job }) => start(job),
  watch: async ({ job, label }) => {
    const page = await openList()
    const at = whenRowSays(page, job, label)
    answer({ watching: true })
    return { at: await at }
  },
  'long-tasks': ({ seconds }) => longTasks(seconds),
}

answer({ ready: true })
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  if (command.do === 'close') break
  try {
    answer(await kCommands[command.do](command))
  } catch (error) {
    answer({ error: String(error) })
  }
}
await browser.close()
rmSync(profile, { recursive: true, force: true })
