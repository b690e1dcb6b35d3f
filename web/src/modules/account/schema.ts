// SPDX-License-Identifier: Apache-2.0
import type { SignedInDevice, Token } from '@/api/types'
import type { Column } from '@/shared/ui/data-table'

type Translate = (key: string) => string

export function deviceColumns(t: Translate): Column<SignedInDevice>[] {
  return [
    { key: 'device', title: t('account.devices.device') },
    { key: 'address', title: t('account.devices.address'), width: '170px' },
    { key: 'created', title: t('account.devices.since'), width: '160px', wideOnly: true },
    { key: 'used', title: t('account.devices.used'), width: '160px' },
    { key: 'actions', title: '', width: '110px', align: 'end' },
  ]
}

export function tokenColumns(t: Translate): Column<Token>[] {
  return [
    { key: 'name', title: t('common.name'), sort: ({ name }) => name },
    { key: 'scope', title: t('account.tokens.scope') },
    { key: 'created', title: t('common.created'), width: '140px', wideOnly: true },
    {
      key: 'expires',
      title: t('account.tokens.expires'),
      width: '150px',
      sort: ({ expiresAt }) => expiresAt ?? '9',
    },
    { key: 'used', title: t('account.tokens.used'), width: '140px' },
    { key: 'actions', title: '', width: '100px', align: 'end' },
  ]
}

/** `Firefox on Linux` from a user agent; what is not known is shown as it is. Order matters: most browsers also name others. */
export function deviceName(userAgent: string): string {
  const browser = [
    ['Edg/', 'Edge'],
    ['OPR/', 'Opera'],
    ['Firefox/', 'Firefox'],
    ['Chrome/', 'Chrome'],
    ['Safari/', 'Safari'],
  ].find(([sign]) => userAgent.includes(sign ?? ''))?.[1]
  const system = [
    ['Android', 'Android'],
    ['iPhone', 'iPhone'],
    ['iPad', 'iPad'],
    ['Windows', 'Windows'],
    ['Mac OS', 'macOS'],
    ['Linux', 'Linux'],
  ].find(([sign]) => userAgent.includes(sign ?? ''))?.[1]
  if (browser === undefined) return userAgent.slice(0, 60) || '–'
  return system === undefined ? browser : `${browser} · ${system}`
}
