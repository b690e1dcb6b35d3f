// SPDX-License-Identifier: Apache-2.0
import '@fontsource-variable/inter/wght.css'
import '@/app/theme/tokens.css'
import '@/app/theme/base.css'
import { VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { followLiveEvents } from '@/api/live'
import App from '@/app/App.vue'
import { i18n, setUpLanguage } from '@/app/i18n'
import { queryClient } from '@/app/query-client'
import { router } from '@/app/router'
import { watchSession } from '@/app/session-watch'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)
app.use(VueQueryPlugin, { queryClient })
followLiveEvents(queryClient)
watchSession(router, queryClient)

/** The texts, the session and the code of the first page are asked for at the same time; the page needs all of them. */
async function start() {
  app.use(router)
  await setUpLanguage()
  app.mount('#app')
}

// Not awaited here: other files of the build import from this one, and would wait for it for ever.
void start()
