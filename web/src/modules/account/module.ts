// SPDX-License-Identifier: Apache-2.0
import type { AppModule } from '@/shared/frame'

export default {
  routes: [
    {
      path: '/sign-in',
      name: 'sign-in',
      component: () => import('./pages/SignInPage.vue'),
      meta: { open: true, title: 'account.signIn.title' },
    },
    {
      path: '/first-password',
      name: 'first-password',
      component: () => import('./pages/FirstPasswordPage.vue'),
      meta: { open: true, title: 'account.firstPassword.title' },
    },
    {
      path: '/profile',
      name: 'profile',
      component: () => import('./pages/ProfilePage.vue'),
      meta: { title: 'account.profile.title' },
    },
    {
      path: '/tokens',
      name: 'tokens',
      component: () => import('./pages/TokenListPage.vue'),
      meta: { title: 'account.tokens.title' },
    },
  ],
} satisfies AppModule
