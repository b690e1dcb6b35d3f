// SPDX-License-Identifier: Apache-2.0
import { LayoutDashboard } from '@lucide/vue'
import type { AppModule } from '@/shared/frame'

export default {
  routes: [
    {
      path: '/',
      name: 'overview',
      component: () => import('./pages/OverviewPage.vue'),
      meta: { title: 'overview.title', team: true },
    },
  ],
  menu: [
    { route: 'overview', label: 'overview.title', icon: LayoutDashboard, group: 'work', order: 10 },
  ],
} satisfies AppModule
