// SPDX-License-Identifier: Apache-2.0
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'

export type ThemeChoice = 'light' | 'dark' | 'system'
export type Language = 'en-US' | 'zh-CN'
export const kLanguages: readonly Language[] = ['en-US', 'zh-CN']

const kKey = 'streampark.preferences'

/** A filter and order of the job list, as the query of its address. */
export interface JobView {
  name: string
  query: string
}

interface Stored {
  theme: ThemeChoice
  language: Language
  sidebar: 'open' | 'narrow'
  jobViews: JobView[]
  /** Columns of the job list; null: those that fit. */
  jobColumns: string[] | null
}

function browserLanguage(): Language {
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en-US'
}

function load(): Stored {
  const defaults: Stored = {
    theme: 'system',
    language: browserLanguage(),
    sidebar: 'open',
    jobViews: [],
    jobColumns: null,
  }
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(kKey) ?? '{}') as Partial<Stored>) }
  } catch {
    return defaults
  }
}

/** What a person chose for this browser. `public/theme.js` reads the same entry before the first paint. */
export const usePreferences = defineStore('preferences', () => {
  const stored = load()
  const theme = ref<ThemeChoice>(stored.theme)
  const language = ref<Language>(kLanguages.includes(stored.language) ? stored.language : 'en-US')
  const sidebar = ref(stored.sidebar)
  const jobViews = ref<JobView[]>(Array.isArray(stored.jobViews) ? stored.jobViews : [])
  const jobColumns = ref<string[] | null>(
    Array.isArray(stored.jobColumns) ? stored.jobColumns : null,
  )

  const system = matchMedia('(prefers-color-scheme: dark)')
  const systemDark = ref(system.matches)
  system.addEventListener('change', (event) => {
    systemDark.value = event.matches
  })
  const appliedTheme = computed<'light' | 'dark'>(() => {
    if (theme.value !== 'system') return theme.value
    return systemDark.value ? 'dark' : 'light'
  })

  watch(
    appliedTheme,
    (name) => {
      document.documentElement.dataset['theme'] = name
    },
    { immediate: true },
  )
  watch([theme, language, sidebar, jobViews, jobColumns], () => {
    const entry: Stored = {
      theme: theme.value,
      language: language.value,
      sidebar: sidebar.value,
      jobViews: jobViews.value,
      jobColumns: jobColumns.value,
    }
    localStorage.setItem(kKey, JSON.stringify(entry))
  })

  return { theme, language, sidebar, jobViews, jobColumns, appliedTheme }
})
