// SPDX-License-Identifier: Apache-2.0
import type { Cluster, ClusterJob, ClusterSpec, Installation, TaskManager } from '@/api/types'
import type { Column } from '@/shared/ui/data-table'

type Translate = (key: string) => string

export function clusterColumns(t: Translate): Column<Cluster>[] {
  return [
    { key: 'name', title: t('common.name'), sort: ({ spec }) => spec.name },
    { key: 'state', title: t('common.state'), width: '170px', sort: ({ state }) => state },
    { key: 'version', title: t('cluster.version'), width: '130px', sort: ({ version }) => version },
    { key: 'slots', title: t('cluster.slots'), width: '150px', sort: ({ slotsFree }) => slotsFree },
    {
      key: 'jobs',
      title: t('cluster.jobs'),
      width: '80px',
      align: 'end',
      sort: ({ jobsRunning }) => jobsRunning,
    },
    {
      key: 'memory',
      title: t('cluster.memory'),
      width: '110px',
      align: 'end',
      sort: ({ memoryBytes }) => memoryBytes,
    },
    { key: 'actions', title: '', width: '150px', align: 'end' },
  ]
}

export function taskManagerColumns(t: Translate): Column<TaskManager>[] {
  return [
    { key: 'id', title: t('cluster.taskManager.id') },
    { key: 'slots', title: t('cluster.slots'), width: '120px' },
    {
      key: 'cpu',
      title: t('cluster.taskManager.cpu'),
      width: '80px',
      align: 'end',
      wideOnly: true,
      sort: ({ cpuCores }) => cpuCores,
    },
    { key: 'memory', title: t('cluster.memory'), width: '110px', align: 'end' },
    { key: 'heap', title: t('cluster.taskManager.heap'), width: '190px' },
    { key: 'heartbeat', title: t('cluster.taskManager.heartbeat'), width: '140px' },
  ]
}

export function clusterJobColumns(t: Translate): Column<ClusterJob & { id: string }>[] {
  return [
    { key: 'name', title: t('common.name'), sort: ({ name }) => name },
    { key: 'state', title: t('common.state'), width: '140px', sort: ({ state }) => state },
    {
      key: 'ours',
      title: t('cluster.job.owner'),
      width: '130px',
      sort: ({ ours }) => Number(ours),
    },
    { key: 'tasks', title: t('cluster.job.tasks'), width: '90px', align: 'end' },
    {
      key: 'duration',
      title: t('cluster.job.duration'),
      width: '120px',
      align: 'end',
      sort: ({ durationMs }) => durationMs,
    },
    { key: 'engineId', title: t('cluster.job.engineId'), width: '300px', wideOnly: true },
    { key: 'actions', title: '', width: '110px', align: 'end' },
  ]
}

/** What may be a job's name here, made of what the engine calls it. */
export function nameForAdopted(engineName: string): string {
  return (
    engineName
      .replaceAll(/[^A-Za-z0-9 ._-]+/g, '-')
      .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
      .slice(0, 100)
      .replace(/[^A-Za-z0-9]+$/, '') || 'adopted'
  )
}

export function installationColumns(t: Translate): Column<Installation>[] {
  return [
    { key: 'version', title: t('cluster.version'), sort: ({ version }) => version },
    { key: 'state', title: t('common.state'), width: '250px', sort: ({ state }) => state },
    { key: 'home', title: t('installation.home') },
    {
      key: 'size',
      title: t('installation.size'),
      width: '100px',
      align: 'end',
      sort: ({ sizeBytes }) => sizeBytes,
    },
    {
      key: 'clusters',
      title: t('installation.clusters'),
      width: '90px',
      align: 'end',
      sort: ({ clusterIds }) => clusterIds.length,
    },
    { key: 'actions', title: '', width: '120px', align: 'end' },
  ]
}

/** The option that `rescalesInPlace` stands for, so that it is no line of `options`. */
const kScheduler = 'jobmanager.scheduler'
const kAdaptive = 'adaptive'

/** What the form edits. Text fields for what may be empty; options are lines `key: value`. */
export interface ClusterForm {
  name: string
  teamId: string
  kind: ClusterSpec['kind']
  description: string
  installationId: string
  addresses: string
  checkpointDirectory: string
  savepointDirectory: string
  jobManagerMemory: string
  taskManagers: number
  taskManagerMemory: string
  slotsPerTaskManager: number
  rescalesInPlace: boolean
  options: string
  restartAttempts: number
  restartWithin: string
}

/** What the form calls its fields. */
export function clusterFormLabels(t: Translate): Record<keyof ClusterForm, string> {
  return {
    name: t('common.name'),
    teamId: t('common.team'),
    kind: t('cluster.form.kind'),
    description: t('common.description'),
    installationId: t('cluster.version'),
    addresses: t('cluster.form.addresses'),
    checkpointDirectory: t('cluster.form.checkpoints'),
    savepointDirectory: t('cluster.form.savepoints'),
    jobManagerMemory: t('cluster.form.jobManagerMemory'),
    taskManagers: t('cluster.form.taskManagers'),
    taskManagerMemory: t('cluster.form.taskManagerMemory'),
    slotsPerTaskManager: t('cluster.form.slots'),
    rescalesInPlace: t('cluster.form.rescalesInPlace'),
    options: t('cluster.form.options'),
    restartAttempts: t('cluster.form.restartAttempts'),
    restartWithin: t('cluster.form.restartWithin'),
  }
}

/** Team of a cluster that all teams share. */
export const kShared = ''

export function formOf(spec: ClusterSpec | null): ClusterForm {
  return {
    name: spec?.name ?? '',
    teamId: spec?.teamId ?? kShared,
    kind: spec?.kind ?? 'STANDALONE',
    description: spec?.description ?? '',
    installationId: spec?.installationId ?? '',
    addresses: spec?.addresses?.join('\n') ?? '',
    checkpointDirectory: spec?.checkpointDirectory ?? '',
    savepointDirectory: spec?.savepointDirectory ?? '',
    jobManagerMemory: spec?.jobManagerMemory ?? '1g',
    taskManagers: spec?.taskManagers ?? 1,
    taskManagerMemory: spec?.taskManagerMemory ?? '1728m',
    slotsPerTaskManager: spec?.slotsPerTaskManager ?? 2,
    rescalesInPlace: spec?.options?.[kScheduler] === kAdaptive,
    options: Object.entries(spec?.options ?? {})
      .filter(([key, value]) => key !== kScheduler || value !== kAdaptive)
      .map(([key, value]) => `${key}: ${value}`)
      .join('\n'),
    restartAttempts: spec?.restart?.attempts ?? 5,
    restartWithin: spec?.restart?.within ?? '10m',
  }
}

/** Options from lines `key: value` or `key=value`; blank lines and `#` comments are skipped, others named in `bad`. */
export function parseOptions(text: string): { options: Record<string, string>; bad: string[] } {
  const options: Record<string, string> = {}
  const bad: string[] = []
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const match = /^([\w.-]+)\s*[:=]\s*(.*)$/.exec(line)
    if (match?.[1] === undefined) bad.push(line)
    else options[match[1]] = match[2] ?? ''
  }
  return { options, bad }
}

/** The spec of a form, with only what its kind has. */
export function specOf(form: ClusterForm): ClusterSpec {
  const shared = {
    name: form.name.trim(),
    teamId: form.teamId === kShared ? null : form.teamId,
    engine: form.kind === 'MACHINE' ? ('NATIVE' as const) : ('FLINK' as const),
    kind: form.kind,
    description: form.description.trim(),
    installationId:
      form.installationId === '' || form.kind === 'MACHINE' ? null : form.installationId,
    checkpointDirectory: form.checkpointDirectory.trim() || null,
    savepointDirectory: form.savepointDirectory.trim() || null,
  }
  if (form.kind === 'MACHINE') return { ...shared, slotsPerTaskManager: form.slotsPerTaskManager }
  if (form.kind === 'REMOTE')
    return { ...shared, addresses: form.addresses.split(/[\s,]+/).filter((one) => one !== '') }
  return {
    ...shared,
    jobManagerMemory: form.jobManagerMemory.trim(),
    taskManagers: form.taskManagers,
    taskManagerMemory: form.taskManagerMemory.trim(),
    slotsPerTaskManager: form.slotsPerTaskManager,
    options: {
      ...(form.rescalesInPlace ? { [kScheduler]: kAdaptive } : {}),
      ...parseOptions(form.options).options,
    },
    restart: { attempts: form.restartAttempts, within: form.restartWithin.trim() },
  }
}
