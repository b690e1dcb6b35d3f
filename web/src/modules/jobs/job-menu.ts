// SPDX-License-Identifier: Apache-2.0
import { Copy, FileCode, Hammer, Pencil, RotateCw, Save, Trash2 } from '@lucide/vue'
import { useI18n } from 'vue-i18n'
import type { JobSummary } from '@/api/types'
import type { MenuAction } from '@/shared/ui/action-menu'
import { useSession } from '@/stores/session'
import { useJobActions, type ActionKind } from './actions'

/** The menu of a row: what is not among its buttons, each entry with why it cannot be done now. */
export function useJobMenu() {
  const { t } = useI18n()
  const session = useSession()
  const { refusal } = useJobActions()

  return function menuOf(job: JobSummary): MenuAction[] {
    const item = (kind: ActionKind, icon: MenuAction['icon'], more: Partial<MenuAction> = {}) => ({
      key: kind,
      label: t(`job.action.${kind}`),
      icon,
      reason: refusal(job, kind),
      ...more,
    })
    const mayCopy = session.can('job:edit', job.team.id)
    return [
      item('SAVEPOINT', Save),
      item('RESTART', RotateCw),
      item('RELEASE', Hammer),
      item('EDIT', Pencil, { divided: true }),
      {
        key: 'COPY',
        label: t('job.action.COPY'),
        icon: Copy,
        reason: mayCopy ? undefined : t('common.forbidden.title'),
      },
      { key: 'OPEN_YAML', label: t('jobs.openYaml'), icon: FileCode },
      item('DELETE', Trash2, { danger: true, divided: true }),
    ]
  }
}
