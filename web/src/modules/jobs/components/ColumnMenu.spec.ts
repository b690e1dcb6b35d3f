// SPDX-License-Identifier: Apache-2.0
import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import enUS from '@/locales/en-US'
import { usePreferences } from '@/stores/preferences'
import { columnsShown } from '../columns'
import ColumnMenu from './ColumnMenu.vue'

beforeEach(() => {
  localStorage.clear()
  HTMLElement.prototype.showPopover = vi.fn()
})
afterEach(() => {
  document.body.innerHTML = ''
})

async function open() {
  const pinia = createPinia()
  const i18n = createI18n({ legacy: false, locale: 'en-US', messages: { 'en-US': enUS } as never })
  const view = mount(ColumnMenu, {
    props: { shown: columnsShown(null, 1280) },
    attachTo: document.body,
    global: { plugins: [i18n, pinia] },
  })
  const preferences = usePreferences(pinia)
  await view.get('button[aria-haspopup]').trigger('click')
  const box = (name: string) => {
    const label = view.findAll('label').find((one) => one.text() === name)
    if (!label) throw new Error(`there is no column ${name}`)
    return label.get<HTMLInputElement>('input')
  }
  return { view, preferences, box }
}

it('shows what is there, and adds to it and takes from it', async () => {
  const { view, preferences, box } = await open()
  expect(box('Owner').element.checked).toBe(true)
  expect(box('Lag').element.checked).toBe(false)
  await box('Lag').trigger('change')
  expect(preferences.jobColumns).toContain('lag')
  expect(preferences.jobColumns).toContain('owner')
  await view.setProps({ shown: columnsShown(preferences.jobColumns, 1280) })
  await box('Owner').trigger('change')
  expect(preferences.jobColumns).not.toContain('owner')
})

it('remembers the choice, and gives it up', async () => {
  const { view, preferences, box } = await open()
  const usual = view.findAll('button').find((one) => one.text() === 'Default columns')
  expect(usual?.attributes('disabled')).toBeDefined()
  await box('Slots').trigger('change')
  expect(JSON.parse(localStorage.getItem('streampark.preferences') ?? '{}')).toMatchObject({
    jobColumns: preferences.jobColumns,
  })
  await usual?.trigger('click')
  expect(preferences.jobColumns).toBeNull()
})
