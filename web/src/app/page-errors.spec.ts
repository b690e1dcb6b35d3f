// SPDX-License-Identifier: Apache-2.0
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { defineComponent, h, onErrorCaptured } from 'vue'
import { breaksPage } from './page-errors'

/** What Vue says of an error of `child`. */
async function infoOf(child: ReturnType<typeof defineComponent>, act?: string): Promise<string> {
  let said = ''
  const parent = defineComponent(() => {
    onErrorCaptured((_error, _instance, info) => {
      said = info
      return false
    })
    return () => h(child)
  })
  const wrapper = mount(parent)
  if (act !== undefined) await wrapper.find('button').trigger(act)
  await Promise.resolve()
  return said
}

describe('breaksPage', () => {
  it('is so for setup and drawing', async () => {
    const inSetup = defineComponent(() => {
      throw new Error('setup')
    })
    const inRender = defineComponent(() => () => {
      throw new Error('render')
    })
    expect(breaksPage(await infoOf(inSetup))).toBe(true)
    expect(breaksPage(await infoOf(inRender))).toBe(true)
  })

  it('is not so for a handler whose request was refused', async () => {
    const inHandler = defineComponent(
      () => () => h('button', { onClick: () => Promise.reject(new Error('refused')) }),
    )
    expect(breaksPage(await infoOf(inHandler, 'click'))).toBe(false)
  })

  it('knows the numbers of production builds', () => {
    const numbered = (number: number) => `https://vuejs.org/error-reference/#runtime-${number}`
    expect([0, 1, 15].map(numbered).every(breaksPage)).toBe(true)
    expect([2, 3, 5, 6, 13, 14].map(numbered).some(breaksPage)).toBe(false)
  })
})
