// SPDX-License-Identifier: Apache-2.0
import type { AppModule } from '@/shared/frame'

export default {
  routes: [
    {
      path: '/jobs/new',
      name: 'job-new',
      component: () => import('./pages/JobEditPage.vue'),
      meta: { title: 'job.edit.newTitle', permission: 'job:edit', menu: 'jobs' },
    },
    {
      path: '/jobs/import',
      name: 'job-import',
      component: () => import('./pages/JobImportPage.vue'),
      meta: { title: 'job.import.title', permission: 'job:edit', menu: 'jobs' },
    },
    {
      path: '/jobs/:id/edit',
      name: 'job-edit',
      component: () => import('./pages/JobEditPage.vue'),
      meta: { title: 'job.edit.title', permission: 'job:edit', menu: 'jobs' },
    },
    {
      path: '/jobs/:id/plan',
      name: 'job-plan',
      component: () => import('./pages/JobPlanPage.vue'),
      meta: { title: 'job.deploy.title', permission: 'job:view', menu: 'jobs' },
    },
    {
      path: '/jobs/:id/:tab?',
      name: 'job',
      component: () => import('./pages/JobDetailPage.vue'),
      meta: { title: 'job.title', permission: 'job:view', menu: 'jobs' },
    },
  ],
} satisfies AppModule
