// SPDX-License-Identifier: Apache-2.0
import type { Job, JobDraft, JobSpec, SqlRequest } from '@/api/types'

/** A draft with every part that the form shows, so that nothing there is absent. */
export interface EditableDraft {
  name: string
  teamId: string
  description: string
  tags: string[]
  /** Of all types; what the job's own type does not have is empty, and not sent. */
  spec: Required<Omit<JobSpec, 'version' | 'dependencies' | 'restart' | 'upgrade'>> & {
    version: string | null
    dependencies: { maven: string[]; resources: string[] }
    restart: { attempts: number; backoff: string }
    upgrade: NonNullable<JobSpec['upgrade']>
  }
}

/** A copy without ties; the browser's own refuses the proxies that reactive values are. */
export const clone = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

export function editableSpec(spec: JobSpec): EditableDraft['spec'] {
  return {
    engine: spec.engine,
    type: spec.type,
    version: spec.version ?? null,
    target: { clusterId: spec.target.clusterId },
    parallelism: spec.parallelism ?? 1,
    sql: spec.sql ?? '',
    library: spec.library ?? '',
    config: spec.config ?? '',
    pump: spec.pump ?? '',
    dependencies: {
      maven: [...(spec.dependencies?.maven ?? [])],
      resources: [...(spec.dependencies?.resources ?? [])],
    },
    options: { ...spec.options },
    stateless: spec.stateless ?? false,
    restart: { attempts: spec.restart?.attempts ?? 5, backoff: spec.restart?.backoff ?? '10s..5m' },
    upgrade: { mode: 'SAVEPOINT', rollback: true, ...spec.upgrade },
  }
}

export function draftOf(job: Job): EditableDraft {
  return {
    name: job.name,
    teamId: job.team.id,
    description: job.description,
    tags: [...job.tags],
    spec: editableSpec(job.spec),
  }
}

export function newDraft(teamId: string, clusterId: string): EditableDraft {
  return {
    name: '',
    teamId,
    description: '',
    tags: [],
    spec: editableSpec({ engine: 'FLINK', type: 'SQL', target: { clusterId }, sql: '' }),
  }
}

/** Where a type has what its author writes: SQL, the configuration of a library, the section of a pump. */
const kScripts = { SQL: 'sql', CPP: 'config', PUMP: 'pump' } as const
export const scriptKeyOf = (spec: Pick<JobSpec, 'type'>) => kScripts[spec.type]
export const scriptOf = (spec: JobSpec): string => spec[scriptKeyOf(spec)] ?? ''

/** What is sent. */
export function toApi(draft: EditableDraft, message: string): JobDraft {
  const { sql, library, config, pump, dependencies, ...spec } = clone(draft.spec)
  const own = { SQL: { sql, dependencies }, CPP: { library, config }, PUMP: { pump } }
  return {
    ...clone(draft),
    spec: { ...spec, ...own[spec.type] },
    name: draft.name.trim(),
    ...(message.trim() === '' ? {} : { message: message.trim() }),
  }
}

/** What the planner needs to know to judge the draft; null while there is no target, or no SQL. */
export function sqlRequestOf({ teamId, spec }: EditableDraft): SqlRequest | null {
  if (spec.type !== 'SQL' || teamId === '' || spec.target.clusterId === '') return null
  const { maven, resources } = spec.dependencies
  return {
    teamId,
    clusterId: spec.target.clusterId,
    sql: spec.sql,
    options: { ...spec.options },
    dependencies: {
      maven: maven.filter((one) => kCoordinate.test(one)),
      resources: [...resources],
    },
  }
}

export const kCoordinate = /^[A-Za-z0-9_.-]+:[A-Za-z0-9_.-]+(:[A-Za-z0-9_.-]+){1,3}$/
export const kName = /^[\p{L}\p{N}](?:[\p{L}\p{N} ._-]*[\p{L}\p{N}])?$/u

/** Faults that need no server to be found, by the field's pointer; the values are keys of texts. */
export function faultsOf(draft: EditableDraft): Record<string, string> {
  const faults: Record<string, string> = {}
  const name = draft.name.trim()
  if (name === '') faults['/name'] = 'common.required'
  else if (name.length > 100 || !kName.test(name)) faults['/name'] = 'job.edit.badName'
  if (draft.teamId === '') faults['/teamId'] = 'common.required'
  if (draft.spec.target.clusterId === '') faults['/spec/target/clusterId'] = 'common.required'
  if (draft.spec.type === 'CPP' && draft.spec.library === '')
    faults['/spec/library'] = 'common.required'
  draft.spec.dependencies.maven.forEach((one, index) => {
    if (!kCoordinate.test(one))
      faults[`/spec/dependencies/maven/${index}`] = 'job.edit.badCoordinate'
  })
  return faults
}

export interface Difference {
  /** Where it is, as `spec.parallelism`. */
  path: string
  theirs: unknown
  mine: unknown
}

/** Settings in which two drafts differ, the script aside, which is compared line by line. */
export function differences(theirs: EditableDraft, mine: EditableDraft): Difference[] {
  const found: Difference[] = []
  const walk = (path: string, a: unknown, b: unknown) => {
    if (
      Object.values(kScripts).some((key) => path === `spec.${key}`) ||
      JSON.stringify(a) === JSON.stringify(b)
    )
      return
    const plain = (value: unknown): value is Record<string, unknown> =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
    if (plain(a) && plain(b) && path !== 'spec.options') {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
        walk(path === '' ? key : `${path}.${key}`, a[key], b[key])
    } else {
      found.push({ path, theirs: a, mine: b })
    }
  }
  walk('', theirs, mine)
  return found
}

/** My draft with the chosen settings taken from theirs. */
export function merge(
  theirs: EditableDraft,
  mine: EditableDraft,
  takeTheirs: ReadonlySet<string>,
  script: string,
): EditableDraft {
  const merged = clone(mine)
  for (const path of takeTheirs) {
    const keys = path.split('.')
    const last = keys.pop() ?? ''
    const at = (root: unknown) =>
      keys.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], root)
    ;(at(merged) as Record<string, unknown>)[last] = clone(
      (at(theirs) as Record<string, unknown>)[last],
    )
  }
  merged.spec[scriptKeyOf(merged.spec)] = script
  return merged
}
