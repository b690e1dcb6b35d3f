// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Browser } from './support/browser.mts'
import { JobList, signIn } from './support/pages.mts'
import { browser, console, setStage } from './support/stage.mts'

let list: JobList

setStage({
  furnish: async () => {
    const cluster = await console.localCluster()
    for (let i = 1; i <= 40; i += 1)
      await console.job(`orders ${i}`, cluster.id, {
        tags: i % 2 === 0 ? ['even'] : ['odd', 'nightly'],
      })
  },
  enter: () => {
    list = new JobList(browser.page)
  },
})

test('rows are in the order that people expect, and only those in view exist', async () => {
  await list.open(console.url)
  await list.row('orders 1').waitFor()
  const names = await list.names()
  assert.deepEqual(names.slice(0, 3), ['orders 1', 'orders 2', 'orders 3'])
  assert.ok(names.length < 40, `${names.length} rows are drawn`)
  await browser.page.getByText('40 of 40 jobs').waitFor()
})

test('filters are in the address and survive a reload', async () => {
  const { page } = browser
  await list.open(console.url)
  await page.keyboard.press('/')
  await page.keyboard.type('nightly orders 1')
  const wanted = [
    'orders 1',
    'orders 11',
    'orders 13',
    'orders 15',
    'orders 17',
    'orders 19',
    'orders 21',
    'orders 31',
  ]
  await list.shows(wanted)
  await page.waitForURL(/q=nightly/)
  await page.reload()
  await list.shows(wanted)
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click()
  await list.shows([...wanted].reverse())
  await page.goBack().catch(() => undefined)
})

test('chips narrow the list to a state', async () => {
  await list.open(console.url)
  await list.chip('Draft').click()
  await browser.page.waitForURL(/badge=DRAFT/)
  await list.row('orders 1').waitFor()
  await list.open(console.url, '?badge=DRAFT&tag=even&q=40')
  await list.shows(['orders 40'])
})

test('a new job appears without a reload', async () => {
  await list.open(console.url, '?q=appears')
  const cluster = (await console.get<{ items: { id: string }[] }>('clusters')).items[0]
  assert.ok(cluster)
  await console.job('appears by itself', cluster.id)
  await list.row('appears by itself').waitFor({ timeout: 5000 })
})

test('the row under the pointer stays, and the list goes on around it', async () => {
  const { page } = browser
  await list.open(console.url, '?q=held')
  const cluster = (await console.get<{ items: { id: string }[] }>('clusters')).items[0]
  assert.ok(cluster)
  await console.job('held b', cluster.id)
  await list.shows(['held b'])
  await list.row('held b').hover()
  await console.job('held c', cluster.id)
  await list.shows(['held b', 'held c'])
  await console.job('held a', cluster.id)
  // Put off while the pointer moves; then the new row goes where it belongs, but for the one that is pointed at.
  await list.shows(['held b', 'held a', 'held c'])
  await page.mouse.move(5, 5)
  await list.shows(['held a', 'held b', 'held c'])

  // At the top of the list, when all rows before it go: nothing can be scrolled away to make up for them.
  const jobs = (await console.get<{ items: { id: string; name: string }[] }>('jobs?q=held')).items
  const top = async () => (await list.row('held c').boundingBox())?.y
  const place = await top()
  await list.row('held c').hover()
  for (const { id, name } of jobs)
    if (name !== 'held c') await console.post(`jobs/${id}/operations`, { kind: 'DELETE' })
  await list.shows(['held c'])
  assert.equal(await top(), place)
  await page.mouse.wheel(0, -200)
  assert.equal(await top(), place)
  await page.mouse.move(5, 5)
  await page.waitForFunction((before) => {
    const row = document.querySelector('[role=row][data-job]')
    return row !== null && row.getBoundingClientRect().y < before - 50
  }, place ?? 0)
})

test('columns are chosen and stay chosen', async () => {
  const { page } = browser
  await list.open(console.url, '?q=orders')
  const heading = (name: string) => page.getByRole('columnheader', { name, exact: true })
  const menu = page.getByRole('button', { name: 'Columns' })
  await heading('Owner').waitFor()
  assert.equal(await heading('Lag').count(), 0)
  await menu.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('checkbox', { name: 'State' }).waitFor()
  await page.getByRole('checkbox', { name: 'Lag' }).focus()
  await page.keyboard.press('Space')
  await heading('Lag').waitFor()
  await page.getByRole('checkbox', { name: 'Owner' }).uncheck()
  await page.keyboard.press('Escape')
  await page.reload()
  await heading('Lag').getByRole('button').click()
  await page.waitForURL(/sort=lag/)
  assert.equal(await heading('Owner').count(), 0)
  assert.match(await list.row('orders 1').innerText(), /–/)
  await menu.click()
  await page.getByRole('button', { name: 'Default columns' }).click()
  await heading('Owner').waitFor()
  assert.equal(await heading('Lag').count(), 0)
})

test('a view is kept under its name', async () => {
  const { page } = browser
  await list.open(console.url, '?tag=even&sort=-name')
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByLabel('Name of what is shown now').fill('the even ones')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await list.open(console.url)
  await page.reload()
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('button', { name: 'the even ones', exact: true }).click()
  await page.waitForURL(/tag=even/)
  assert.equal((await list.names())[0], 'orders 40')
  await page.getByRole('button', { name: 'the even ones' }).first().waitFor()
})

test('the choices of a filter count all jobs, each field aside from itself', async () => {
  const { page } = browser
  await list.open(console.url, '?q=orders&tag=even')
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  const tags = page.getByRole('group', { name: 'Tag' })
  await tags.getByText('even').waitFor()
  assert.deepEqual(await tags.getByRole('checkbox').count(), 3)
  assert.match(await tags.innerText(), /even\s+20[^]*nightly\s+20[^]*odd\s+20/)
})

test('a deleted job can be brought back from the list of deleted ones', async () => {
  const { page } = browser
  const cluster = (await console.get<{ items: { id: string }[] }>('clusters')).items[0]
  assert.ok(cluster)
  const job = await console.job('deleted by mistake', cluster.id)
  await console.post(`jobs/${job.id}/operations`, { kind: 'DELETE' })
  await list.open(console.url, '?q=mistake')
  await page.getByRole('button', { name: 'Deleted' }).click()
  const row = page.getByRole('row').filter({ hasText: 'deleted by mistake' })
  await row.getByRole('button', { name: 'Bring back' }).click()
  await row.waitFor({ state: 'detached' })
  await list.open(console.url, '?q=mistake')
  await list.row('deleted by mistake').waitFor()
})

test('the chosen team is in the address and comes back with it', async () => {
  const { page } = browser
  await list.open(console.url, '?q=orders')
  await page.getByRole('button', { name: 'Team', exact: true }).click()
  await page.getByRole('menuitemradio').nth(1).click()
  await page.waitForURL(/team=/)
  const address = page.url()
  await page.getByRole('button', { name: 'Team', exact: true }).click()
  await page.getByRole('menuitemradio', { name: 'All teams' }).click()
  await page.waitForURL((url) => !url.search.includes('team='))
  await page.goto(address)
  await page.getByText(/\d+ of \d+ jobs/).waitFor()
  await page.getByRole('button', { name: 'Team', exact: true }).click()
  await page.getByRole('menuitemradio', { name: 'All teams' }).click()
})

test('the keyboard walks, selects and opens', async () => {
  const { page } = browser
  await list.open(console.url, '?q=orders')
  await list.row('orders 1').waitFor()
  for (const name of ['orders 1', 'orders 2', 'orders 3']) {
    await page.keyboard.press('j')
    await page.waitForFunction((text) => document.activeElement?.textContent === text, name)
  }
  await page.keyboard.press('x')
  await page.keyboard.press('k')
  await page.waitForFunction(() => document.activeElement?.textContent === 'orders 2')
  await page.keyboard.press('x')
  await page.getByText('2 selected').waitFor()
  await page.keyboard.press('Escape')
  await page.getByText('2 selected').waitFor({ state: 'detached' })
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/jobs\/[^/?]+/)
})

test('the palette finds jobs, pages and actions', async () => {
  const { page } = browser
  await list.open(console.url)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('orders 33')
  await page.getByRole('option', { name: /orders 33/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/jobs\/[^/?]+/)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('engine ver')
  await page.getByRole('option', { name: /Engine versions/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/installations/)
  await page.keyboard.press('?')
  await page.getByRole('heading', { name: 'Keyboard' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('heading', { name: 'Keyboard' }).waitFor({ state: 'detached' })
})

test('on a phone jobs are cards', async () => {
  const phone = await Browser.start(390, 780)
  try {
    await signIn(phone.page, console)
    await phone.page.goto(`${console.url}/jobs`)
    const card = phone.page.getByRole('listitem').filter({ hasText: 'orders 1' }).first()
    await card.waitFor()
    await card.getByRole('button', { name: 'More actions' }).click()
    await phone.page.getByRole('menuitem', { name: 'Edit' }).waitFor()
    const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    assert.equal(wide, false, 'the page scrolls sideways')
    assert.deepEqual(phone.errors, [])
  } finally {
    await phone.close()
    await signIn(browser.page, console)
  }
})
