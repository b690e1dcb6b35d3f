// SPDX-License-Identifier: Apache-2.0
import type { Page } from 'playwright-core'

/**
 * Texts of the page that WCAG AA would not pass, by what the browser computed: 4.5:1, and 3:1 for large text. What cannot be
 * pressed is left out, as the rule does, and so is text on a picture or a pattern, whose ground cannot be told.
 */
export function unreadable(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    type Colour = [number, number, number, number]
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
    const known = new Map<string, Colour>()
    /** Also of `color-mix` and the like, which the browser does not give as rgb. */
    const read = (text: string): Colour => {
      const cached = known.get(text)
      if (cached !== undefined || canvas === null) return cached ?? [0, 0, 0, 1]
      canvas.clearRect(0, 0, 1, 1)
      canvas.fillStyle = text
      canvas.fillRect(0, 0, 1, 1)
      const [r = 0, g = 0, b = 0, a = 0] = canvas.getImageData(0, 0, 1, 1).data
      const colour: Colour = [r, g, b, a / 255]
      known.set(text, colour)
      return colour
    }
    const over = (front: Colour, back: Colour): Colour => [
      front[0] * front[3] + back[0] * (1 - front[3]),
      front[1] * front[3] + back[1] * (1 - front[3]),
      front[2] * front[3] + back[2] * (1 - front[3]),
      1,
    ]
    const luminance = (colour: Colour) => {
      const [r = 0, g = 0, b = 0] = colour.slice(0, 3).map((value) => {
        const share = value / 255
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    /** The ground under an element, and how much of the element shows; null where a picture is the ground. */
    const groundOf = (element: Element) => {
      const layers: Colour[] = []
      let opacity = 1
      for (let at: Element | null = element; at !== null; at = at.parentElement) {
        const style = getComputedStyle(at)
        opacity *= Number(style.opacity)
        if (layers.at(-1)?.[3] === 1) continue
        if (style.backgroundImage !== 'none') return null
        const colour = read(style.backgroundColor)
        if (colour[3] > 0) layers.push(colour)
      }
      return {
        opacity,
        ground: layers.reduceRight((back, front) => over(front, back), [
          255, 255, 255, 1,
        ] as Colour),
      }
    }
    const found = new Set<string>()
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement
      const text = node.textContent?.trim() ?? ''
      if (element === null || text === '') continue
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
      if (element.closest('.visually-hidden, .monaco-editor, .xterm, svg, script, style')) continue
      if (
        element.closest(
          ':disabled, [aria-disabled="true"], .ant-select-disabled, .ant-segmented-item-disabled',
        )
      )
        continue
      const ground = groundOf(element)
      if (ground === null) continue
      const style = getComputedStyle(element)
      const [r, g, b, a] = read(style.color)
      const front = over([r, g, b, a * ground.opacity], ground.ground)
      const x = luminance(front)
      const y = luminance(ground.ground)
      const contrast = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
      const size = Number.parseFloat(style.fontSize)
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
      if (contrast < (large ? 3 : 4.5) - 0.01)
        found.add(
          `${contrast.toFixed(2)} ${element.tagName.toLowerCase()}.${element.className}: ${text.slice(0, 40)}`,
        )
    }
    return [...found]
  })
}
