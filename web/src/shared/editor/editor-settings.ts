// SPDX-License-Identifier: Apache-2.0
import { reactive, watch } from 'vue'

const kKey = 'streampark.editor'
export const kFontSizes = { least: 10, most: 24, normal: 13 } as const

interface EditorSettings {
  fontSize: number
  wrap: boolean
}

function load(): EditorSettings {
  const defaults: EditorSettings = { fontSize: kFontSizes.normal, wrap: false }
  try {
    return {
      ...defaults,
      ...(JSON.parse(localStorage.getItem(kKey) ?? '{}') as Partial<EditorSettings>),
    }
  } catch {
    return defaults
  }
}

/** How a person wants editors on this browser; shared by all editors on the page. */
export const editorSettings = reactive(load())

watch(editorSettings, (settings) => localStorage.setItem(kKey, JSON.stringify(settings)))

export function zoom(step: number) {
  editorSettings.fontSize = Math.min(
    kFontSizes.most,
    Math.max(kFontSizes.least, editorSettings.fontSize + step),
  )
}
