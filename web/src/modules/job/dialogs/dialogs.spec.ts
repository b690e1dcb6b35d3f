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
import { aJob, anOperation, aSnapshot } from '../testing'
import StartJobDialog from './StartJobDialog.vue'
import StopJobDialog from './StopJobDialog.vue'

const sent: { path: string; body: Record<string, unknown> }[] = []
let answer: () => Response

function json(value: unknown, status = 200) {
  return new Response(JSON.stringify(value), {
    status,
    headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' },
  })
}

beforeEach(() => {
  sent.length = 0
  answer = () => json(anOperation({ state: 'RUNNING' }), 202)
  vi.stubGlobal('fetch', async (request: Request) => {
    const path = new URL(request.url).pathname
    if (request.method === 'POST') {
      sent.push({ path, body: (await request.json()) as Record<string, unknown> })
      return answer()
    }
    if (path.endsWith('/snapshots'))
      return json({ items: [aSnapshot({ id: 'newest', kind: 'CHECKPOINT' })], nextCursor: null })
    return json({ id: 'c', state: 'RUNNING', slotsFree: 1 })
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  document.body.innerHTML = ''
})

async function open(dialog: Component, job: Job) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  client.setQueryData(keys.job(job.id), job)
  const i18n = createI18n({ legacy: false, locale: 'en-US', messages: { 'en-US': enUS } as never })
  const view = mount(dialog, {
    props: { job },
    attachTo: document.body,
    global: { plugins: [i18n, createPinia(), [VueQueryPlugin, { queryClient: client }]] },
  })
  await flushPromises()
  const submit = async () => {
    expect(document.querySelector<HTMLButtonElement>('button[type=submit]')?.disabled).toBe(false)
    document
      .querySelector('form')
      ?.dispatchEvent(new Event('submit', { cancelable: true, bubbles: true }))
    await flushPromises()
  }
  return {
    view,
    client,
    submit,
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
})
