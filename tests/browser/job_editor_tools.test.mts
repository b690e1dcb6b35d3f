// SPDX-License-Identifier: Apache-2.0
// What the editor does beside writing: layout, full screen, jars, revisions, files, and the plan before a start.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connectorJar } from './support/connector_jar.mts'
import { flinkHomes, type Cluster, type Job } from './support/console.mts'
import { JobEditor } from './support/job_pages.mts'
import { browser, console, setStage } from './support/stage.mts'

let cluster: Cluster
let editor: JobEditor
let job: Job
let folder: string

setStage({
  height: 860,
  furnish: async () => {
    cluster = await console.localCluster()
    job = await console.job('written', cluster.id)
  },
  enter: () => {
    folder = mkdtempSync(join(tmpdir(), 'streampark-files-'))
    editor = new JobEditor(browser.page)
  },
})
after(() => rmSync(folder, { recursive: true, force: true }))

const open = async () => {
  await browser.page.goto(`${console.url}/jobs/${job.id}/edit`)
  await editor.opened()
}
const saved = () => console.get<Job>(`jobs/${job.id}`)

test('a script is laid out by its key, and one that cannot be is left as it is', async () => {
  const { page } = browser
  await open()
  await editor.replaceAll(
    "create table a (n bigint) with ('connector'='datagen'); create table b (n bigint) with ('connector'='blackhole'); insert into b select n from a where n>1;",
  )
  await page.keyboard.press('Shift+Alt+F')
  // Capitals: what was typed has the same words in small letters.
  await page
    .locator('.view-line')
    .filter({ hasText: /INSERT\sINTO/ })
    .first()
    .waitFor()
  await page.keyboard.press('Control+s')
  await page.getByText('Saved as revision 2').waitFor()
  const { sql } = (await saved()).spec
  assert.match(sql, /CREATE TABLE/)
  assert.ok(sql.split('\n').length > 6, sql)
})

test('full screen is left by Esc, also from within the script', async () => {
  const { page } = browser
  await page.getByRole('button', { name: 'Full screen' }).click()
  await page.getByRole('button', { name: 'Leave full screen' }).waitFor()
  await editor.typeAtEnd('')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Full screen', exact: true }).waitFor()
})

test('Esc closes what the script has open before it leaves the full screen', async () => {
  const { page } = browser
  await page.getByRole('button', { name: 'Full screen' }).click()
  await editor.typeAtEnd('SEL')
  await editor.offered()
  await page.keyboard.press('Escape')
  await page.locator('.suggest-widget.visible').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Leave full screen' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Full screen', exact: true }).waitFor()
  for (let i = 0; i < 3; i += 1) await page.keyboard.press('Backspace')
})

test("an uploaded jar's connector is offered with its options", async () => {
  const { page } = browser
  await page.getByRole('tab', { name: /^Jars/ }).click()
  await page
    .locator('input[type=file][accept=".jar"]')
    .setInputFiles(await connectorJar(folder, flinkHomes()[0] ?? ''))
  await page.getByRole('tabpanel').getByText('shelf-connector', { exact: false }).first().waitFor()
  await page
    .getByRole('complementary', { name: 'Tables and connectors' })
    .getByRole('button', { name: /^shelf/ })
    .waitFor({ timeout: 60_000 })
  await editor.typeAtEnd("\nCREATE TABLE kept (n BIGINT) WITH ('connector' = 'shelf', '")
  await page.keyboard.press('Control+Space')
  const options = await editor.offered()
  assert.ok(options.includes('shelf-place') && options.includes('shelf-height'), options.join())
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+z')
})

test('what is no jar is refused with the reason, and what is there stays', async () => {
  const { page } = browser
  const text = join(folder, 'notes.jar')
  writeFileSync(text, 'just words')
  await page.locator('input[type=file][accept=".jar"]').setInputFiles(text)
  await page.getByRole('tabpanel').getByRole('alert').first().waitFor()
  await page.getByRole('tabpanel').getByText('shelf-connector').first().waitFor()
})

test('leaving with unsaved changes asks, and staying loses nothing', async () => {
  const { page } = browser
  await editor.replaceAll('-- not saved yet\nSELECT 1;')
  await page
    .getByRole('navigation', { name: 'Main menu' })
    .getByRole('link', { name: 'Jobs' })
    .click()
  const dialog = page.getByRole('dialog', { name: 'Your changes are not saved.' })
  await dialog.getByRole('button', { name: 'Keep editing' }).click()
  await page.getByText('-- not saved yet').waitFor()
  assert.match(page.url(), /\/edit$/)
  await page
    .getByRole('navigation', { name: 'Main menu' })
    .getByRole('link', { name: 'Jobs' })
    .click()
  await dialog.getByRole('button', { name: 'Leave' }).click()
  await page.waitForURL(/\/jobs$/)
  await open()
  await page.getByRole('button', { name: 'Discard changes' }).click()
})

test('revisions are beside the draft, and one can be taken over', async () => {
  const { page } = browser
  await page.getByRole('tab', { name: 'Revisions' }).click()
  await page
    .getByRole('listitem')
    .filter({ hasText: 'Revision 1' })
    .getByRole('button', { name: 'Take it over as the draft' })
    .click()
  await page.getByText('The draft is revision 1 now').waitFor()
  await page.getByText('not saved', { exact: true }).waitFor()
  await page.getByText('ticks').first().waitFor()
})

test('a plan shows what will change before it is started', async () => {
  const { page } = browser
  await page.getByRole('button', { name: 'Save and start' }).click()
  await page.getByRole('heading', { name: 'Start written' }).waitFor()
  await page.getByText('Revision 3 will be the first to run.').waitFor()
  await page.getByText('The cluster local is not running.').waitFor()
  await page.getByRole('tab', { name: 'Plan' }).click()
  await page
    .getByText(/Abstract syntax tree/)
    .first()
    .waitFor({ timeout: 60_000 })
  await page.getByRole('tab', { name: 'SQL' }).click()
  await page.getByText('ticks').first().waitFor()
})

test('two revisions are compared, and an old one is restored as a new one', async () => {
  const { page } = browser
  await page.goto(`${console.url}/jobs/${job.id}/revisions?revision=2`)
  await page.locator('.diff-editor .view-line').first().waitFor()
  await page.getByText('blackhole').first().waitFor()
  await page.getByRole('button', { name: 'Restore as a new revision' }).click()
  await page.getByText('Revision 2 is the wanted one again, as a new revision').waitFor()
  const now = await saved()
  assert.equal(now.revision.wanted, 4)
  assert.match(now.spec.sql, /INSERT INTO/)
  assert.doesNotMatch(now.spec.sql, /ticks/)
})

test('the job is downloaded as a file, and the file, changed, is imported', async () => {
  const { page } = browser
  await page.goto(`${console.url}/jobs/${job.id}/yaml`)
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download' }).click()
  const file = await download
  assert.equal(file.suggestedFilename(), 'written.yaml')
  const path = join(folder, 'written.yaml')
  await file.saveAs(path)
  const text = readFileSync(path, 'utf8')
  assert.match(text, /apiVersion: streampark\/v1/)
  writeFileSync(path, text.replace(/name: written/, 'name: imported'))

  await page.getByRole('button', { name: 'Import a job file' }).click()
  await page.locator('input[type=file][accept=".yaml,.yml"]').setInputFiles(path)
  await page.getByText('is created').waitFor()
  await page.getByRole('button', { name: 'Apply' }).click()
  await page.getByRole('heading', { name: 'imported', level: 1 }).waitFor()
  const imported = (await console.get<{ items: Job[] }>('jobs?q=imported')).items
  assert.equal(imported.length, 1)
})
