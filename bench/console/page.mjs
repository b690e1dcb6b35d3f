// SPDX-License-Identifier: Apache-2.0
// The browser's side of the bench: a real Chromium that does what it is told in JSON lines and answers in JSON lines.
//
//   {"do": "first-load"}                                 a cold load of the list → {ms, gzipKb, answersKb, requests}
//   {"do": "start", "job": id}                           presses Start in the open list → {ms} until its row says Running
//   {"do": "watch", "job": id, "label": "Canceled"}      → {watching: true} at once, then {at: epoch ms} when the row says so
//   {"do": "read-all", "jobs": 10000}                    opens the list by name and answers when it has read all of them
//   {"do": "long-tasks", "seconds": 10, "pointer": P}    → {longestMs, moved, drawn}: P is `away`, `moving` or `resting` over the
//                                                        rows; moved: another row is under it then; drawn: how often rows changed
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

/** Bytes as they came over the wire: the assets, and beside them the jobs, of which more are read while the page can be used. */
async function firstLoad() {
  const page = await browser.newPage()
  const session = await browser.newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  const answers = new Set()
  const bytes = { assets: 0, answers: 0 }
  let requests = 0
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (new URL(request.url).pathname.startsWith('/api/')) answers.add(requestId)
  })
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (answers.has(requestId)) {
      bytes.answers += encodedDataLength
    } else {
      bytes.assets += encodedDataLength
      requests += 1
    }
  })
  await page.goto(`${url}/jobs`, { waitUntil: 'commit' })
  await page.waitForSelector('[id^="job-"]')
  const ms = await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0))),
  )
  await page.close()
  return { ms, gzipKb: bytes.assets / 1024, answersKb: bytes.answers / 1024, requests }
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

/** The whole list is there: a figure taken before would be of a shorter one. */
async function readAll(jobs) {
  const page = await openList('?sort=name')
  const whole = new RegExp(`^\\D*${jobs.toLocaleString('en-US')} of ${jobs.toLocaleString('en-US')} jobs`)
  await page.waitForFunction(
    (wanted) => {
      const text = document.querySelector('.foot')?.textContent?.trim() ?? ''
      return new RegExp(wanted).test(text) && !/reading/.test(text)
    },
    whole.source,
    { timeout: 120_000 },
  )
  return { read: jobs }
}

async function longTasks(seconds, pointer) {
  const page = await openList('?sort=name')
  const rowUnder = ([x, y]) => document.elementFromPoint(x, y)?.closest('.row')?.querySelector('[id^="job-"]')?.id
  // In one go: the rows move all the while.
  const at = await page.evaluate(() => {
    const box = document.querySelectorAll('.row[data-job]')[8].getBoundingClientRect()
    return [box.x + box.width / 2, box.y + box.height / 2]
  })
  if (pointer === 'away') await page.mouse.move(5, 5)
  else await page.mouse.move(...at)
  const before = await page.evaluate(rowUnder, at)
  const watching = page.evaluate(
    (duration) =>
      new Promise((done) => {
        let longest = 0
        let drawn = 0
        new PerformanceObserver((entries) => {
          for (const { duration: took } of entries.getEntries()) longest = Math.max(longest, took)
        }).observe({ type: 'longtask' })
        new MutationObserver(() => {
          drawn += 1
        }).observe(document.querySelector('.body'), { subtree: true, childList: true, characterData: true })
        setTimeout(() => done({ longestMs: longest, drawn }), duration)
      }),
    seconds * 1000,
  )
  // Within the row, as a hand that is about to press does.
  for (let end = performance.now() + seconds * 1000 - 300, step = 0; pointer === 'moving' && performance.now() < end; step += 1) {
    await page.mouse.move(at[0] + (step % 2) * 4, at[1])
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  const seen = await watching
  return { ...seen, moved: pointer !== 'away' && (await page.evaluate(rowUnder, at)) !== before }
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
  'read-all': ({ jobs }) => readAll(jobs),
  'long-tasks': ({ seconds, pointer }) => longTasks(seconds, pointer),
}

answer({ ready: true })
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  if (command.do === 'close') break
  try {
    answer(await kCommands[command.do](command))
  } catch (error) {
    answer({ error: `${command.do}: ${error}` })
  }
}
await browser.close()
rmSync(profile, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 })
// Standard input may stay open for as long as whoever opened it lives.
process.exit(0)
