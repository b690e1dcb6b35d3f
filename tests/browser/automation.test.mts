// SPDX-License-Identifier: Apache-2.0
// What automation did is read where operations are, what needs somebody where one looks first, and a pause says who and why.
import { test } from 'node:test'
import { JobPage, givenUp, startCluster } from './support/job_pages.mts'
import { browser, console, setStage } from './support/stage.mts'

let cluster: string
let job: string
let view: JobPage

setStage({
  furnish: async () => {
    cluster = (await console.localCluster()).id
    await startCluster(console, cluster)
    job = await givenUp(console, cluster)
  },
  enter: () => {
    view = new JobPage(browser.page, `${console.url}/jobs/${job}`)
  },
})

const kGaveUp = 'Automation gave it up: mend the cause, then start it.'

test('the overview names what needs somebody, and leads there', async () => {
  const { page } = browser
  await page.goto(console.url)
  await page.getByRole('link', { name: new RegExp(`ratios.*${kGaveUp}`) }).click()
  await view.badge('Quarantined')
  await page.getByRole('alert').filter({ hasText: kGaveUp }).waitFor()
})

test('decisions stand between operations, each with its rule and what it was judged by', async () => {
  const { page } = browser
  await view.tab('Operations')
  await page.getByRole('button', { name: /It is restarted.*rule ended/ }).waitFor()
  const gaveUp = page.getByRole('button', { name: /It was given up.*1 of 1.*rule spent/ })
  await gaveUp.focus()
  await page.keyboard.press('Enter')
  await page.getByText('by zero').last().waitFor()
  await page.getByText('by itself').first().waitFor()
})

test('a pause of one job asks why, says so, and is lifted', async () => {
  const { page } = browser
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Pause automation' }).click()
  const dialog = page.getByRole('dialog', { name: 'Pause automation' })
  const pause = dialog.getByRole('button', { name: 'Pause automation' })
  await page.waitForFunction(
    (button) => (button as HTMLButtonElement).disabled,
    await pause.elementHandle(),
  )
  await dialog.getByLabel('Why').fill('the source is being moved')
  await pause.click()
  const held = page.getByRole('alert').filter({ hasText: 'Automation is paused for this job.' })
  await held.getByText('the source is being moved').waitFor()
  await held.getByRole('button', { name: 'Resume automation' }).click()
  await held.waitFor({ state: 'detached' })
})

test('a pause of the cluster and of everything shows on the job', async () => {
  const { page } = browser
  await page.goto(`${console.url}/clusters/${cluster}`)
  await page.getByRole('button', { name: 'Pause automation' }).click()
  const dialog = page.getByRole('dialog', { name: 'Pause automation' })
  await dialog.getByLabel('Why').fill('maintenance')
  await dialog.getByRole('button', { name: 'Pause automation' }).click()
  await page.getByText('Automation is paused for the cluster.').waitFor()

  await page.goto(`${console.url}/admin/settings`)
  await page.getByRole('button', { name: 'Pause automation' }).click()
  await dialog.getByLabel('Why').fill('a drill')
  await dialog.getByRole('button', { name: 'Pause automation' }).click()
  await page.getByText('Automation is paused for all jobs.').waitFor()

  await view.open()
  const alerts = page.getByRole('alert')
  await alerts.filter({ hasText: 'Automation is paused for the cluster.' }).waitFor()
  await alerts.filter({ hasText: 'a drill' }).waitFor()
})
