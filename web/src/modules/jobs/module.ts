// SPDX-License-Identifier: Apache-2.0
import { FilePlus2, Workflow } from '@lucide/vue'
import type { AppModule } from '@/shared/frame'

export default {
  routes: [
    {
      path: '/jobs',
      name: 'jobs',
      component: () => import('./pages/JobListPage.vue'),
      meta: { title: 'jobs.title', permission: 'job:view', team: true },
    },
  ],
  menu: [
    {
      route: 'jobs',
      label: 'jobs.title',
      icon: Workflow,
      group: 'work',
      order: 20,
      permission: 'job:view',
    },
  ],
  actions: [
    {
      label: 'jobs.new',
      icon: FilePlus2,
      route: { name: 'job-new' },
      permission: 'job:edit',
    },
  ],
} satisfies AppModule
