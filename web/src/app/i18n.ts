// SPDX-License-Identifier: Apache-2.0
import type { Locale } from 'ant-design-vue/es/locale'
import { shallowRef, watch } from 'vue'
import { createI18n } from 'vue-i18n'
import { usePreferences, type Language } from '@/stores/preferences'

type Messages = Record<string, Record<string, unknown>>

/** A language is one chunk with our texts and the kit's own; only the chosen one is loaded. */
const kLoaders: Record<Language, () => Promise<[{ default: Messages }, { default: Locale }]>> = {
  'en-US': () => Promise.all([import('@/locales/en-US'), import('ant-design-vue/es/locale/en_US')]),
  'zh-CN': () => Promise.all([import('@/locales/zh-CN'), import('ant-design-vue/es/locale/zh_CN')]),
}

export const i18n = createI18n({
  legacy: false,
  locale: 'en-US' as string,
  fallbackLocale: false as const,
  messages: {} as Record<string, Messages>,
  missingWarn: false,
  fallbackWarn: false,
})

export const kitLocale = shallowRef<Locale>()

async function use(language: Language) {
  const [texts, kit] = await kLoaders[language]()
  // vue-i18n types its messages by the first language given; ours arrive at run time.
  i18n.global.setLocaleMessage(language, texts.default as never)
  i18n.global.locale.value = language
  kitLocale.value = kit.default
  document.documentElement.lang = language
}

/** Loads the preferred language and follows the preference from then on. */
export async function setUpLanguage() {
  const preferences = usePreferences()
  await use(preferences.language)
  watch(
    () => preferences.language,
    (language) => void use(language),
  )
}
