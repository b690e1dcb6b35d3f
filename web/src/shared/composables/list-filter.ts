// SPDX-License-Identifier: Apache-2.0
import { computed, type Ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/** The text of a list's filter, in the address under `q`; the rest of the address stays. */
export function useFilterText() {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => String(route.query['q'] ?? ''),
    set: (text: string) =>
      void router.replace({ query: { ...route.query, q: text === '' ? undefined : text } }),
  })
}

/** The rows of a list that is here as a whole whose text has every word of the filter. */
export function useListFilter<Row>(rows: Ref<readonly Row[]>, textOf: (row: Row) => string) {
  const text = useFilterText()
  const shown = computed(() => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean)
    if (words.length === 0) return rows.value
    return rows.value.filter((row) => {
      const has = textOf(row).toLowerCase()
      return words.every((word) => has.includes(word))
    })
  })
  return { text, shown }
}
