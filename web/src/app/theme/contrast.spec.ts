// SPDX-License-Identifier: Apache-2.0
// WCAG AA over the theme: 4.5:1 for text, 3:1 for what is no text but has to be seen.
import { readFileSync } from 'node:fs'
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { ConfigProvider, theme } from '@/shared/ui/kit'
import { kitTheme, type ThemeName } from './kit-theme'

type Rgb = [number, number, number]

function rgb(colour: string): [...Rgb, number] {
  const hex = /^#([\da-f]{6})$/i.exec(colour)?.[1]
  if (hex !== undefined) {
    const [r, g, b] = (hex.match(/../g) ?? []).map((part) => Number.parseInt(part, 16))
    return [r ?? 0, g ?? 0, b ?? 0, 1]
  }
  const parts = /^rgba?\(([^)]+)\)$/.exec(colour)?.[1]?.split(',').map(Number)
  if (parts === undefined) throw new Error(`${colour} is no colour that this test can read`)
  const [r = 0, g = 0, b = 0, alpha = 1] = parts
  return [r, g, b, alpha]
}

/** A colour as it is seen on another. */
function over(front: string, back: string): Rgb {
  const [r, g, b, alpha] = rgb(front)
  const [br, bg, bb] = rgb(back)
  return [r, g, b].map((value, at) => value * alpha + ([br, bg, bb][at] ?? 0) * (1 - alpha)) as Rgb
}

function luminance(colour: Rgb): number {
  const [r = 0, g = 0, b = 0] = colour.map((value) => {
    const share = value / 255
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(front: string, back: string, ground = back): number {
  const behind = over(back, ground)
  const [br, bg, bb] = behind
  const x = luminance(over(front, `rgb(${br},${bg},${bb})`))
  const y = luminance(behind)
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
}

const css = readFileSync('src/app/theme/tokens.css', 'utf8')

/** The colours of tokens.css in a theme; the dark ones stand in for the light. */
function tokens(name: ThemeName): (token: string) => string {
  const [light = '', dark = ''] = css.split(":root[data-theme='dark']")
  const read = (text: string) =>
    [...text.matchAll(/--([\w-]+):\s*(#[\da-f]{6});/gi)].map(
      ([, token = '', colour = '']) => [token, colour] as const,
    )
  const all = new Map([...read(light), ...(name === 'dark' ? read(dark) : [])])
  return (token) => {
    const colour = all.get(token)
    if (colour === undefined) throw new Error(`tokens.css has no --${token}`)
    return colour
  }
}

/** All colours of the kit as it computes them from our theme. */
function computedTokens(config: ReturnType<typeof kitTheme>): Record<string, string> {
  let found: Record<string, string> = {}
  const Reader = defineComponent(() => {
    found = theme.useToken().token.value as unknown as Record<string, string>
    return () => null
  })
  mount(() => h(ConfigProvider, { theme: config }, () => h(Reader)))
  return found
}

const kSurfaces = ['bg', 'surface', 'raised', 'sunken', 'hover', 'selected']
const kTones = ['green', 'blue', 'amber', 'red', 'grey']

describe.each(['light', 'dark'] as const)('our colours, %s', (name) => {
  const colour = tokens(name)
  const check = (front: string, back: string, least: number) =>
    expect(contrast(colour(front), colour(back)), `--${front} on --${back}`).toBeGreaterThanOrEqual(
      least,
    )

  it('text is readable on every surface', () => {
    for (const back of kSurfaces)
      for (const front of ['text', 'text-2', 'text-3', 'accent', 'accent-hover'])
        check(front, back, 4.5)
    for (const back of kTones.map((tone) => `${tone}-soft`)) {
      check('text', back, 4.5)
      check('text-2', back, 4.5)
    }
    check('text-3', 'grey-soft', 4.5)
    check('on-accent', 'accent', 4.5)
    check('on-accent', 'accent-hover', 4.5)
    check('accent', 'accent-soft', 4.5)
  })

  it('states are readable on their own ground and on every surface', () => {
    for (const tone of kTones)
      for (const back of [`${tone}-soft`, ...kSurfaces]) check(tone, back, 4.5)
  })

  it('marks, the edges of fields and what cannot be pressed are seen', () => {
    for (const tone of kTones)
      for (const back of ['surface', 'bg', 'hover']) check(`${tone}-mark`, back, 3)
    for (const back of ['surface', 'raised', 'sunken']) check('field-border', back, 3)
    for (const back of ['surface', 'raised', 'hover']) check('disabled', back, 3)
    check('accent', 'grey-soft', 3)
  })
})

describe.each(['light', 'dark'] as const)("the kit's colours, %s", (name) => {
  const config = kitTheme(name)
  const all = computedTokens(config)
  const at = (key: string) => {
    const value = all[key]
    if (value === undefined) throw new Error(`the kit has no ${key}`)
    return value
  }
  const ground = at('colorBgContainer')
  const check = (front: string, back: string, least: number) =>
    expect(
      contrast(front.startsWith('#') ? front : at(front), at(back), ground),
      `${front} on ${back}`,
    ).toBeGreaterThanOrEqual(least)

  it('text is readable', () => {
    for (const back of ['colorBgContainer', 'colorBgElevated', 'colorBgLayout']) {
      for (const front of [
        'colorText',
        'colorTextSecondary',
        'colorTextTertiary',
        'colorTextDescription',
      ])
        check(front, back, 4.5)
      for (const front of [
        'colorLink',
        'colorLinkHover',
        'colorPrimary',
        'colorError',
        'colorErrorHover',
        'colorErrorActive',
      ])
        check(front, back, 4.5)
    }
    check('colorTextPlaceholder', 'colorBgContainer', 4.5)
    check('colorText', 'controlItemBgActive', 4.5)
    check('colorText', 'controlItemBgHover', 4.5)
    for (const kind of ['Info', 'Success', 'Warning', 'Error'])
      check('colorText', `color${kind}Bg`, 4.5)
  })

  it('buttons are readable, also under the pointer', () => {
    const on = (config.components?.Button as { colorTextLightSolid?: string } | undefined)
      ?.colorTextLightSolid
    for (const back of [
      'colorPrimary',
      'colorPrimaryHover',
      'colorPrimaryActive',
      'colorError',
      'colorErrorHover',
      'colorErrorActive',
    ])
      check(on ?? 'colorTextLightSolid', back, 4.5)
    for (const front of ['colorPrimaryHover', 'colorPrimaryActive'])
      check(front, 'colorBgContainer', 4.5)
    check('colorTextLightSolid', 'colorBgSpotlight', 4.5)
  })

  it('the edges of fields are seen', () => {
    check('colorBorder', 'colorBgContainer', 3)
    check('colorBorder', 'colorBgElevated', 3)
  })
})
