// SPDX-License-Identifier: Apache-2.0
import { Box, Server, ServerCog } from '@lucide/vue'
import type { AppModule } from '@/shared/frame'

export default {
  routes: [
    {
      path: '/clusters',
      name: 'clusters',
      component: () => import('./pages/ClusterListPage.vue'),
      meta: { title: 'cluster.title', permission: 'cluster:view', team: true },
    },
    {
      path: '/clusters/:id/:tab(task-managers|jobs|logs|operations|options)?',
      name: 'cluster',
      component: () => import('./pages/ClusterPage.vue'),
      meta: { title: 'cluster.title', menu: 'clusters', permission: 'cluster:view' },
    },
    {
      path: '/installations',
      name: 'installations',
      component: () => import('./pages/InstallationListPage.vue'),
      meta: { title: 'installation.title', permission: 'installation:view' },
    },
  ],
  menu: [
    {
      route: 'clusters',
      label: 'cluster.title',
      icon: Server,
      group: 'work',
      order: 30,
      permission: 'cluster:view',
    },
    {
      route: 'installations',
      label: 'installation.title',
      icon: Box,
      group: 'work',
      order: 40,
      permission: 'installation:view',
    },
  ],
  actions: [
    {
      label: 'cluster.new',
      icon: ServerCog,
      route: { name: 'clusters', query: { new: '1' } },
      permission: 'cluster:edit',
    },
    {
      label: 'installation.add',
      icon: Box,
      route: { name: 'installations', query: { new: '1' } },
      permission: 'installation:edit',
    },
  ],
} satisfies AppModule
