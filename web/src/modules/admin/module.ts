// SPDX-License-Identifier: Apache-2.0
import {
  KeyRound,
  ScrollText,
  Settings,
  ShieldCheck,
  UserRound,
  UserPlus,
  Users,
} from '@lucide/vue'
import type { AppModule } from '@/shared/frame'

export default {
  routes: [
    {
      path: '/admin/teams',
      name: 'teams',
      component: () => import('./pages/TeamListPage.vue'),
      meta: { title: 'admin.teams.title', permission: 'team:view' },
    },
    {
      path: '/admin/teams/:id',
      name: 'team',
      component: () => import('./pages/TeamPage.vue'),
      meta: { title: 'admin.teams.title', menu: 'teams', permission: 'team:view' },
    },
    {
      path: '/admin/users',
      name: 'users',
      component: () => import('./pages/UserListPage.vue'),
      meta: { title: 'admin.users.title', permission: 'user:view' },
    },
    {
      path: '/admin/roles',
      name: 'roles',
      component: () => import('./pages/RoleTablePage.vue'),
      meta: { title: 'admin.roles.title' },
    },
    {
      path: '/admin/audit',
      name: 'audit',
      component: () => import('./pages/AuditPage.vue'),
      meta: { title: 'admin.audit.title', permission: 'audit:view', team: true },
    },
    {
      path: '/admin/settings',
      name: 'settings',
      component: () => import('./pages/SettingsPage.vue'),
      meta: { title: 'admin.settings.title', permission: 'settings:view' },
    },
  ],
  menu: [
    {
      route: 'teams',
      label: 'admin.teams.title',
      icon: Users,
      group: 'admin',
      order: 110,
      permission: 'team:view',
    },
    {
      route: 'users',
      label: 'admin.users.title',
      icon: UserRound,
      group: 'admin',
      order: 120,
      permission: 'user:view',
    },
    { route: 'roles', label: 'admin.roles.title', icon: ShieldCheck, group: 'admin', order: 130 },
    { route: 'tokens', label: 'account.tokens.title', icon: KeyRound, group: 'admin', order: 140 },
    {
      route: 'audit',
      label: 'admin.audit.title',
      icon: ScrollText,
      group: 'admin',
      order: 150,
      permission: 'audit:view',
    },
    {
      route: 'settings',
      label: 'admin.settings.title',
      icon: Settings,
      group: 'admin',
      order: 160,
      permission: 'settings:view',
    },
  ],
  actions: [
    {
      label: 'admin.users.new',
      icon: UserPlus,
      route: { name: 'users', query: { new: '1' } },
      permission: 'user:edit',
    },
  ],
} satisfies AppModule
