// SPDX-License-Identifier: Apache-2.0
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPinia } from 'pinia'
import type { Component } from 'vue'
import { createI18n } from 'vue-i18n'
import { keys } from '@/api/keys'
import type { Job } from '@/api/types'
import enUS from '@/locales/en-US'
import { toasts } from '@/shared/ui/toast'
import { aJob, anOperation, aSnapshot } from '../testing'
import DeleteJobDialog from './DeleteJobDialog.vue'
import StartJobDialog from './StartJobDialog.vue'
import StopJobDialog from './StopJobDialog.vue'

const sent: { path: string; body: Record<string, unknown> }[] = []
let answer: () => Response
let snapshotsAnswer: (cursor: string | null) => Response | Promise<Response>

function json(value: unknown, status = 200) {
  return new Response(JSON.stringify(value), {
    status,
    headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' },
  })
}

beforeEach(() => {
  sent.length = 0
  answer = () => json(anOperation({ state: 'RUNNING' }), 202)
  snapshotsAnswer = () =>
    json({ items: [aSnapshot({ id: 'newest', kind: 'CHECKPOINT' })], nextCursor: null })
  vi.stubGlobal('fetch', async (request: Request) => {
    const { pathname: path, searchParams } = new URL(request.url)
    if (request.method === 'POST') {
      const text = await request.text()
      sent.push({ path, body: JSON.parse(text || '{}') as Record<string, unknown> })
      return answer()
    }
    if (path.endsWith('/snapshots')) return snapshotsAnswer(searchParams.get('cursor'))
    return json({ id: 'c', state: 'RUNNING', slotsFree: 1 })
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  document.body.innerHTML = ''
})

async function open(dialog: Component, job: Job, more: Record<string, unknown> = {}) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  client.setQueryData(keys.job(job.id), job)
  const i18n = createI18n({ legacy: false, locale: 'en-US', messages: { 'en-US': enUS } as never })
  const view = mount(dialog, {
    props: { job, ...more },
    attachTo: document.body,
    global: { plugins: [i18n, createPinia(), [VueQueryPlugin, { queryClient: client }]] },
  })
  await flushPromises()
  const button = () => document.querySelector<HTMLButtonElement>('button[type=submit]')
  const submit = async () => {
    expect(button()?.disabled).toBe(false)
    await pressEnter()
  }
  const pressEnter = async () => {
    document
      .querySelector('form')
      ?.dispatchEvent(new Event('submit', { cancelable: true, bubbles: true }))
    await flushPromises()
  }
  return {
    view,
    client,
    submit,
    pressEnter,
    button,
    text: () => document.body.textContent,
    checked: () => document.querySelector<HTMLInputElement>('input[type=radio]:checked')?.value,
  }
}

describe('StartJobDialog', () => {
  const job = aJob({ badge: 'SUSPENDED', parallelism: 2 })

  it('preselects the newest state and says that slots are short', async () => {
    const { view, submit, text, checked } = await open(StartJobDialog, job)
    expect(checked()).toBe('LATEST')
    expect(text()).toContain('It needs 2 slots; 1 are free on local.')
    await submit()
    expect(sent).toEqual([
      {
        path: '/api/v1/jobs/J1/operations',
        body: {
          kind: 'START',
          restore: { from: 'LATEST', mode: 'NO_CLAIM', allowNonRestored: false },
        },
      },
    ])
    expect(view.emitted('done')).toHaveLength(1)
  })

  it('shows the job starting before the answer is there', async () => {
    let give: (response: Response) => void = () => undefined
    const { client, submit } = await open(StartJobDialog, job)
    vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => (give = resolve)))
    await submit()
    expect(client.getQueryData<Job>(keys.job('J1'))?.badge).toBe('STARTING')
    give(json(anOperation({ id: 'op', state: 'RUNNING' }), 202))
    await flushPromises()
    expect(client.getQueryData<Job>(keys.job('J1'))?.operation?.id).toBe('op')
  })

  it('stays with the refusal and takes the guess back', async () => {
    answer = () =>
      json(
        {
          type: 'x',
          title: 'x',
          status: 409,
          code: 'RESTORE_CHOICE_REQUIRED',
          detail: 'Say what to restore from.',
          retryable: false,
        },
        409,
      )
    const { view, client, submit, text } = await open(StartJobDialog, job)
    await submit()
    expect(view.emitted('done')).toBeUndefined()
    expect(text()).toContain('Say what to restore from.')
    expect(client.getQueryData<Job>(keys.job('J1'))?.badge).toBe('SUSPENDED')
  })
})

describe('StartJobDialog before it knows the snapshots', () => {
  const job = aJob({ badge: 'SUSPENDED' })

  it('sends nothing while they are read: an Enter would start it empty', async () => {
    let give: (response: Response) => void = () => undefined
    snapshotsAnswer = () => new Promise<Response>((resolve) => (give = resolve))
    const { button, pressEnter, checked } = await open(StartJobDialog, job)
    expect(button()?.disabled).toBe(true)
    await pressEnter()
    expect(sent).toEqual([])
    give(json({ items: [aSnapshot({ id: 'newest' })], nextCursor: null }))
    await flushPromises()
    expect(button()?.disabled).toBe(false)
    expect(checked()).toBe('LATEST')
  })

  it('says that they could not be read, chooses nothing by itself, and tries again', async () => {
    snapshotsAnswer = () =>
      json({ type: 'x', title: 'x', status: 503, code: 'UNAVAILABLE', detail: 'Not now.' }, 503)
    const { button, pressEnter, checked, text } = await open(StartJobDialog, job)
    expect(text()).toContain('Not now.')
    expect(button()?.disabled).toBe(true)
    await pressEnter()
    expect(sent).toEqual([])
    snapshotsAnswer = () => json({ items: [aSnapshot({ id: 'newest' })], nextCursor: null })
    document.querySelector<HTMLButtonElement>('button.retry')?.click()
    await flushPromises()
    expect(checked()).toBe('LATEST')
  })

  it('knows more than the first page', async () => {
    snapshotsAnswer = (cursor) =>
      cursor === null
        ? json({ items: [aSnapshot({ id: 'bad', verification: 'INVALID' })], nextCursor: 'next' })
        : json({ items: [aSnapshot({ id: 'old', name: 'the good one' })], nextCursor: null })
    const { checked, text } = await open(StartJobDialog, job)
    expect(checked()).toBe('LATEST')
    expect(text()).toContain('the good one')
  })
})

describe('a restart', () => {
  it('keeps the state unless told otherwise, and can do without a savepoint', async () => {
    const { submit, checked } = await open(StartJobDialog, aJob(), { restart: true })
    expect(checked()).toBe('YES')
    document.querySelector<HTMLInputElement>('input[value=NO]')?.click()
    await flushPromises()
    await submit()
    expect(sent[0]?.body).toEqual({ kind: 'RESTART', savepoint: 'NO' })
  })

  it('drops state that the job has no place for only when told so', async () => {
    const { submit } = await open(StartJobDialog, aJob(), { restart: true })
    document.querySelector<HTMLInputElement>('.once input[type=checkbox]')?.click()
    await flushPromises()
    await submit()
    expect(sent[0]?.body).toEqual({
      kind: 'RESTART',
      savepoint: 'YES',
      restore: { from: 'LATEST', mode: 'NO_CLAIM', allowNonRestored: true },
    })
  })

  it('of several says so', async () => {
    const jobs = [aJob(), aJob({ id: 'J2', name: 'other' })]
    const { text } = await open(StartJobDialog, aJob(), { restart: true, jobs })
    expect(text()).toContain('Restart 2 jobs')
    expect(text()).not.toContain('Start 2 jobs')
  })

  it('of a job whose savepoint cannot be written goes without one', async () => {
    const { checked } = await open(StartJobDialog, aJob({ badge: 'RESTARTING' }), { restart: true })
    expect(checked()).toBe('NO')
  })
})

describe('DeleteJobDialog', () => {
  const jobs = [aJob(), aJob({ id: 'J2', name: 'other' })]

  it('says how many are deleted, and brings back only those', async () => {
    const told = vi.spyOn(toasts, 'done')
    let count = 0
    answer = () => {
      count += 1
      return count === 1
        ? json(anOperation({ state: 'RUNNING' }), 202)
        : json({ status: 409, code: 'OPERATION_IN_FLIGHT', title: 'x', detail: 'Busy.' }, 409)
    }
    const { submit } = await open(DeleteJobDialog, aJob(), { jobs })
    await submit()
    const [text, action] = told.mock.calls[0] ?? []
    expect(text).toBe('1 of 2 jobs are deleted')
    sent.length = 0
    answer = () => json(aJob())
    action?.run()
    await flushPromises()
    expect(sent.map(({ path }) => path)).toEqual(['/api/v1/jobs/J1/undelete'])
  })

  it('asks for the number before the files of several go too', async () => {
    const { button } = await open(DeleteJobDialog, aJob(), { jobs })
    document.querySelector<HTMLInputElement>('input[value=DELETE]')?.click()
    await flushPromises()
    expect(button()?.disabled).toBe(true)
    const typed = document.querySelector<HTMLInputElement>('input[type=text]')
    if (typed === null) throw new Error('nothing is asked')
    typed.value = '2'
    typed.dispatchEvent(new Event('input'))
    await flushPromises()
    expect(button()?.disabled).toBe(false)
  })
})

describe('StopJobDialog', () => {
  it('keeps the state unless told otherwise', async () => {
    const { submit, checked } = await open(StopJobDialog, aJob())
    expect(checked()).toBe('YES')
    await submit()
    expect(sent[0]?.body).toEqual({ kind: 'STOP', savepoint: 'YES', format: 'CANONICAL' })
  })

  it('offers only a plain stop while no savepoint can be written', async () => {
    const { submit, checked, text } = await open(StopJobDialog, aJob({ badge: 'STARTING' }))
    expect(checked()).toBe('NO')
    expect(text()).toContain('Only a running job can write a savepoint.')
    await submit()
    expect(sent[0]?.body).toEqual({ kind: 'STOP', savepoint: 'NO' })
  })

  it('offers only a plain stop while an operation is under way', async () => {
    const operation = { id: 'o', kind: 'SAVEPOINT', step: 'SAVEPOINT', startedAt: null } as const
    const { checked } = await open(StopJobDialog, aJob({ badge: 'SAVING', operation }))
    expect(checked()).toBe('NO')
  })

  it('follows the job until one chooses', async () => {
    const { view, checked } = await open(StopJobDialog, aJob({ badge: 'STARTING' }))
    await view.setProps({ job: aJob() })
    expect(checked()).toBe('YES')
    document.querySelector<HTMLInputElement>('input[value=DRAIN]')?.click()
    await flushPromises()
    await view.setProps({ job: aJob({ restarts: 1 }) })
    expect(checked()).toBe('DRAIN')
    await view.setProps({ job: aJob({ badge: 'RESTARTING' }) })
    expect(checked()).toBe('NO')
  })

  it('stops several: those that can save do, the others are said to go without', async () => {
    const jobs = [aJob(), aJob({ id: 'J2', name: 'other', badge: 'RESTARTING' })]
    const { submit, text } = await open(StopJobDialog, aJob(), { jobs })
    expect(text()).toContain('1 of them cannot write a savepoint now')
    await submit()
    expect(sent.map(({ path }) => path)).toEqual(['/api/v1/jobs/J1/operations'])
  })
})
