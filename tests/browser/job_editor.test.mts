// SPDX-License-Identifier: Apache-2.0
// Writing a job: what the editor offers, marks and keeps.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cluster, Job } from './support/console.mts'
import { editBehind, JobEditor } from './support/job_pages.mts'
import { browser, console, setStage } from './support/stage.mts'

let cluster: Cluster
let editor: JobEditor

setStage({
  height: 860,
  furnish: async () => {
    cluster = await console.localCluster()
  },
  enter: () => {
    editor = new JobEditor(browser.page)
  },
})

test("an unknown column is marked at its place by that version's planner", async () => {
  const { page } = browser
  await page.goto(`${console.url}/jobs/new`)
  await page.getByRole('button', { name: /Made-up orders/ }).click()
  await editor.opened()
  await editor.verdict(/^Valid for Flink/)
  await editor.typeAtEnd('INSERT INTO printed SELECT nosuch, price, buyer FROM orders;')
  await page.keyboard.press('Control+Enter')
  await editor.problem(/nosuch/).waitFor({ timeout: 30_000 })
  await page.locator('.squiggly-error').first().waitFor()
  await page.keyboard.press('Control+Home')
  await editor.problem(/nosuch/).click()
  // The click puts the cursor on the word: typing there mends it.
  await page.keyboard.press('Control+Delete')
  await page.keyboard.type('order_id')
  await page.keyboard.press('Escape')
  await editor.verdict(/^Valid for Flink/)
})

test('syntax is marked here at once', async () => {
  const { page } = browser
  await editor.typeAtEnd('SELEC 1;')
  await page.getByText('syntax', { exact: true }).first().waitFor()
  for (let i = 0; i < 8; i += 1) await page.keyboard.press('Backspace')
})

test("completion knows the script's tables and the factories' options", async () => {
  const { page } = browser
  await editor.typeAtEnd('SELECT * FROM ')
  const tables = await editor.offered()
  assert.deepEqual(tables.slice(0, 2), ['orders', 'printed'])
  await page.keyboard.press('Escape')
  await page.keyboard.type("orders;\nCREATE TABLE more (a INT) WITH ('connector' = 'datagen', '")
  await page.keyboard.press('Control+Space')
  const options = await editor.offered()
  assert.ok(options.includes('rows-per-second'), options.join())
  await page.keyboard.press('Escape')
})

test('what was not saved is there again after the page was closed', async () => {
  const { page } = browser
  await editor.typeAtEnd('-- kept in this browser')
  await page.getByText('not saved').waitFor()
  page.once('dialog', (dialog) => void dialog.accept())
  await page.goto(`${console.url}/jobs`)
  await page.goto(`${console.url}/jobs/new`)
  await page.getByText('Changes that were not saved are here again.').waitFor()
  await editor.opened()
  await editor.typeAtEnd('') // the end of the script may be out of view
  await page.getByText('-- kept in this browser').waitFor()
  await page.getByRole('button', { name: 'Discard changes' }).click()
  await page.getByText('-- kept in this browser').waitFor({ state: 'detached' })
})

test('a save that somebody overtook is shown as a difference and loses nothing', async () => {
  const { page } = browser
  const job = await console.job('contended', cluster.id)
  await page.goto(`${console.url}/jobs/${job.id}/edit`)
  await editor.opened()
  await editor.typeAtStart('-- mine\n')
  await editBehind(page, job.id, 'theirs')
  await page.keyboard.press('Control+s')
  const dialog = page.getByRole('dialog', {
    name: 'Somebody saved in between',
  })
  await dialog.getByText('-- theirs').waitFor()
  await dialog.getByText('-- mine').waitFor()
  await dialog
    .getByRole('row', { name: /description/ })
    .getByText('Theirs', { exact: true })
    .click()
  await dialog.getByRole('button', { name: 'Save the right side' }).click()
  await page.getByText(/^Saved as revision/).waitFor()
  const saved = await console.get<Job>(`jobs/${job.id}`)
  assert.ok(saved.spec.sql.startsWith('-- mine\n'))
  assert.equal(saved.description, 'theirs')
  assert.equal(saved.revision.wanted, 3)
})

test('a taken name is said at the field, and the script stays', async () => {
  const { page } = browser
  await page.goto(`${console.url}/jobs/new`)
  await page.getByRole('button', { name: /Windows of event time/ }).click()
  await editor.opened()
  await page.getByLabel('Name', { exact: true }).fill('contended')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('alert').first().waitFor()
  await page.getByLabel('Name', { exact: true }).fill('turnover')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved as revision 1').waitFor()
  await page.waitForURL(/\/jobs\/[^/]+\/edit$/)
})

test('a wrong key of a job file is named before anything is done', async () => {
  const { page } = browser
  await page.goto(`${console.url}/jobs/import`)
  await page.getByRole('textbox', { name: 'Job file' }).focus()
  // On one line: the editor would indent the others.
  await page.keyboard.insertText(
    '{apiVersion: streampark/v1, kind: Job, metadata: {name: filed, team: demo}, spec: {engine: flink, type: sql, paralelism: 2, target: {cluster: local}, sql: SELECT 1}}',
  )
  await page.getByText('parallelism').first().waitFor()
  assert.equal(await page.getByRole('button', { name: 'Apply' }).isDisabled(), true)
})
