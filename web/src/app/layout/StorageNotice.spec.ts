// SPDX-License-Identifier: Apache-2.0
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import { followLiveEvents, live } from '@/api/live'
import type { Storage } from '@/api/types'
import enUS from '@/locales/en-US'
import zhCN from '@/locales/zh-CN'
import StorageNotice from './StorageNotice.vue'

const kWritable: Storage = { writable: true, since: null, error: null }
const kError = {
  type: 'about:blank',
  title: 'The disk is full',
  status: 507,
  code: 'STORAGE_FULL',
  detail: 'the database refused',
  cause: 'database or disk is full',
  retryable: true,
}
const kFull: Storage = {
  writable: false,
  since: '2026-01-01T00:00:00Z',
  error: kError,
}

class Source extends EventTarget {
  readyState = 1
  onopen = null
  onerror = null
  close() {
    this.readyState = 2
  }
}
let source: Source
let storage: Storage

beforeEach(() => {
  source = new Source()
  vi.stubGlobal('EventSource', function EventSource() {
    return source
  })
  vi.stubGlobal('fetch', async () =>
    Response.json({ version: '1', bootId: 'b', startedAt: '', separateUser: false, storage }),
  )
})
afterEach(() => {
  live.stop()
  vi.unstubAllGlobals()
})

async function show(locale: 'en-US' | 'zh-CN' = 'en-US') {
  const client = new QueryClient()
  followLiveEvents(client)
  live.start()
  const messages = { 'en-US': enUS, 'zh-CN': zhCN } as never
  const i18n = createI18n({ legacy: false, locale, messages })
  const view = mount(StorageNotice, {
    global: { plugins: [i18n, [VueQueryPlugin, { queryClient: client }]] },
  })
  await flushPromises()
  return view
}

async function change(now: Storage) {
  storage = now
  source.dispatchEvent(new MessageEvent('storage', { data: JSON.stringify(now) }))
  await flushPromises()
}

describe('StorageNotice', () => {
  it('comes when the disk refuses and goes by itself when it takes again', async () => {
    storage = kWritable
    const view = await show()
    expect(view.find('[role=alert]').exists()).toBe(false)
    await change(kFull)
    expect(view.get('[role=alert]').text()).toContain('disk is full')
    await change(kWritable)
    expect(view.find('[role=alert]').exists()).toBe(false)
  })

  it('is there at once on a page that opens meanwhile, in the reader’s language', async () => {
    storage = { ...kFull, error: { ...kError, code: 'STORAGE_FAILED' } }
    expect((await show('zh-CN')).get('[role=alert]').text()).toContain('无法写入数据库')
    expect((await show()).get('[role=alert]').text()).toContain('cannot write its database')
  })
})
