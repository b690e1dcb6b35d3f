// SPDX-License-Identifier: Apache-2.0
import type { AuditEvent, Member, Role, Team, User } from '@/api/types'
import type { Column } from '@/shared/ui/data-table'

type Translate = (key: string) => string

/** From most rights to least. */
export const kRoles: readonly Role[] = ['ADMIN', 'DEVELOPER', 'OPERATOR', 'VIEWER']

export function userColumns(t: Translate): Column<User>[] {
  return [
    { key: 'name', title: t('common.name'), sort: ({ name }) => name },
    { key: 'email', title: t('account.profile.email'), sort: ({ email }) => email },
    {
      key: 'rights',
      title: t('admin.users.rights'),
      width: '170px',
      sort: ({ admin }) => Number(admin),
    },
    {
      key: 'seen',
      title: t('admin.users.lastSignIn'),
      width: '150px',
      sort: ({ lastSignInAt }) => lastSignInAt ?? '',
    },
    {
      key: 'created',
      title: t('common.created'),
      width: '150px',
      sort: ({ createdAt }) => createdAt,
      wideOnly: true,
    },
    { key: 'actions', title: '', width: '60px', align: 'end' },
  ]
}

export function teamColumns(t: Translate): Column<Team>[] {
  return [
    { key: 'name', title: t('common.name'), sort: ({ name }) => name },
    {
      key: 'members',
      title: t('admin.teams.members'),
      width: '120px',
      align: 'end',
      sort: ({ memberCount }) => memberCount,
    },
    {
      key: 'jobs',
      title: t('jobs.title'),
      width: '100px',
      align: 'end',
      sort: ({ jobCount }) => jobCount,
    },
    {
      key: 'created',
      title: t('common.created'),
      width: '170px',
      sort: ({ createdAt }) => createdAt,
      wideOnly: true,
    },
  ]
}

export function memberColumns(t: Translate): Column<Member & { id: string }>[] {
  return [
    { key: 'name', title: t('common.name'), sort: ({ user }) => user.name },
    {
      key: 'role',
      title: t('common.role'),
      width: '200px',
      sort: ({ role }) => kRoles.indexOf(role),
    },
    { key: 'since', title: t('admin.teams.since'), width: '170px', sort: ({ since }) => since },
    { key: 'actions', title: '', width: '60px', align: 'end' },
  ]
}

export function auditColumns(t: Translate): Column<AuditEvent>[] {
  return [
    { key: 'at', title: t('admin.audit.at'), width: '210px' },
    { key: 'actor', title: t('admin.audit.actor'), width: '150px' },
    { key: 'action', title: t('admin.audit.action'), width: '190px' },
    { key: 'target', title: t('admin.audit.target') },
    { key: 'outcome', title: t('admin.audit.outcome'), width: '190px' },
    { key: 'address', title: t('account.devices.address'), width: '140px', wideOnly: true },
  ]
}
