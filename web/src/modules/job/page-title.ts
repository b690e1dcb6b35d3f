// SPDX-License-Identifier: Apache-2.0
import { toValue, watch, type MaybeRefOrGetter } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute } from 'vue-router'

/** Puts what the page is about before the page's own title, which the router writes with each change of the address. */
export function usePageTitle(name: MaybeRefOrGetter<string | undefined>) {
  const { t, locale } = useI18n()
  const route = useRoute()
  watch(
    [() => toValue(name), () => route.fullPath, locale],
    ([text]) => {
      const page = route.meta.title === undefined ? '' : t(route.meta.title)
      if (text) document.title = `${text} · ${page} · StreamPark`
    },
    { immediate: true, flush: 'post' },
  )
}
