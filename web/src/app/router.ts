// SPDX-License-Identifier: Apache-2.0
import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'
import { nextTick, shallowRef } from 'vue'
import { pageName } from '@/shared/composables/page-title'
import { useSession } from '@/stores/session'
import { i18n } from './i18n'
import { modules } from './modules'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    ...modules.flatMap((module) => module.routes),
    {
      path: '/forbidden',
      name: 'forbidden',
      component: () => import('./pages/ForbiddenPage.vue'),
      meta: { title: 'common.forbidden.title' },
    },
    {
      path: '/:path(.*)*',
      name: 'not-found',
      component: () => import('./pages/NotFoundPage.vue'),
      meta: { title: 'app.notFound.title' },
    },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

/** Whether the session was asked for since the page was loaded; from then on the store knows. */
let asked = false

/** Why not even the first page can be shown: whether anybody is signed in could not be asked. */
export const failedStart = shallowRef<{ error: unknown; retry: () => void } | null>(null)

router.beforeEach(async (to) => {
  const session = useSession()
  if (!asked) {
    loadPage(to)
    try {
      await session.load()
    } catch (error) {
      failedStart.value = { error, retry: () => void router.push(to.fullPath) }
      return false
    }
    asked = true
    failedStart.value = null
  }
  if (to.meta.open === true) return true
  if (session.session === null)
    return { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  if (session.session.passwordChangeRequired && to.name !== 'first-password')
    return { name: 'first-password', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  if (to.meta.permission !== undefined && !session.can(to.meta.permission))
    return { name: 'forbidden', query: { from: to.fullPath } }
  return to.meta.team === true ? withTeam(to) : true
})

/** The code of the first page is fetched while the session is asked for, not after. */
function loadPage({ matched }: RouteLocationNormalized) {
  for (const { components } of matched) {
    const page = components?.['default']
    // A page that fails to load fails again, and is told of, when it is really wanted.
    if (typeof page === 'function') (page as () => Promise<unknown>)().catch(() => undefined)
  }
}

/** The chosen team is in the address of every page that depends on it, so that the address can be shared. */
function withTeam({ path, query, hash }: RouteLocationNormalized) {
  const session = useSession()
  const wanted = query['team']
  if (typeof wanted === 'string' && session.teams.some(({ id }) => id === wanted)) {
    if (session.teamId !== wanted) session.chooseTeam(wanted)
    return true
  }
  if (wanted === undefined && session.teamId === null) return true
  return { path, hash, query: { ...query, team: session.teamId ?? undefined } }
}

export function setTitle() {
  const key = router.currentRoute.value.meta.title
  const name = pageName.value ?? (key === undefined ? undefined : i18n.global.t(key))
  document.title = name === undefined ? 'StreamPark' : `${name} · StreamPark`
}

router.afterEach((to, from) => {
  setTitle()
  if (to.path !== from.path && from.matched.length > 0)
    void nextTick(() => document.getElementById('main')?.focus({ preventScroll: true }))
})

// A new version of the console replaced the files that this page was built from: read the page anew, once.
router.onError((error, to) => {
  if (!/dynamically imported module|Importing a module script/.test(String(error))) return
  const kReloaded = 'streampark.reloaded'
  if (sessionStorage.getItem(kReloaded) === to.fullPath) return
  sessionStorage.setItem(kReloaded, to.fullPath)
  window.location.assign(to.fullPath)
})
