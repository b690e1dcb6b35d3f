// SPDX-License-Identifier: Apache-2.0
import { computed, ref, toValue, type MaybeRefOrGetter } from 'vue'
import type { JobCommand, JobSummary, Restore, Snapshot } from '@/api/types'
import { useCluster } from '@/shared/composables/clusters'
import { canSave } from '../actions'
import { duplicates, fromRows, toRows } from '../components/option-rows'
import { useAllSnapshots } from '../queries'
import { complete, latest, restoreOf, safestChoice, type RestoreChoice } from '../restore'

export type StartPlan = ReturnType<typeof useStartPlan>

/**
 * What a start or restart of a job, or of several, begins with, and the command for it. The safest choice is made until a person
 * makes another, and none before the job's snapshots are known. `jobs` holds `job` too when it holds any.
 */
export function useStartPlan(of: {
  job: MaybeRefOrGetter<JobSummary>
  jobs: MaybeRefOrGetter<readonly JobSummary[]>
  snapshot: MaybeRefOrGetter<Snapshot | undefined>
  restart: MaybeRefOrGetter<boolean>
}) {
  const job = computed(() => toValue(of.job))
  const restart = computed(() => toValue(of.restart))
  const jobs = computed(() => {
    const several = toValue(of.jobs)
    return several.length > 0 ? several : [job.value]
  })
  const many = computed(() => jobs.value.length > 1)

  const listed = useAllSnapshots(() => job.value.id)
  const snapshots = computed(() => {
    const given = toValue(of.snapshot)
    const all = listed.snapshots.value
    return given === undefined || all.some(({ id }) => id === given.id) ? all : [given, ...all]
  })
  const newest = computed(() => latest(snapshots.value))
  /** The newest state is known, or that there is none. */
  const known = computed(
    () => newest.value !== undefined || (listed.whole.value && !listed.error.value),
  )

  const chosen = ref<RestoreChoice | null>(null)
  const choice = computed({
    get: () => chosen.value ?? safestChoice(snapshots.value, toValue(of.snapshot)),
    set: (next) => {
      chosen.value = next
    },
  })

  const savepointable = computed(() => jobs.value.every(canSave))
  const wantsSavepoint = ref<'YES' | 'NO' | null>(null)
  const savepoint = computed({
    get: () => (savepointable.value ? (wantsSavepoint.value ?? 'YES') : 'NO'),
    set: (next) => {
      wantsSavepoint.value = next
    },
  })

  /** A restart whose script has lost operators: their state may be dropped. A start says so with its choice. */
  const dropsState = ref(false)

  const parallelism = ref<number | undefined>()
  const options = ref(toRows({}))

  const cluster = useCluster(() => job.value.target.clusterId)
  const needed = computed(() => parallelism.value ?? job.value.parallelism)
  const slotsFree = computed(() => cluster.data.value?.slotsFree ?? 0)
  const shortOfSlots = computed(
    () =>
      !restart.value && cluster.data.value?.state === 'RUNNING' && slotsFree.value < needed.value,
  )
  const noCluster = computed(() => {
    const state = cluster.data.value?.state
    return state !== undefined && state !== 'RUNNING' && state !== 'DEGRADED'
  })

  const needsSnapshots = computed(() => !many.value && (!restart.value || savepoint.value === 'NO'))
  const ready = computed(
    () =>
      duplicates(options.value).size === 0 &&
      (!needsSnapshots.value || known.value) &&
      (many.value || restart.value || complete(choice.value)),
  )

  /** What was read since, or all of it, is lost or read again: that is said in red. */
  const losesState = computed(() =>
    restart.value
      ? savepoint.value === 'NO' || dropsState.value
      : !many.value && choice.value.from === 'NOTHING' && newest.value !== undefined,
  )

  function restoreFor(one: JobSummary): Restore | undefined {
    const shared = { mode: 'NO_CLAIM', allowNonRestored: false } as const
    if (restart.value) {
      // Without a savepoint and without a snapshot it can only begin anew, which is never done unasked.
      if (!many.value && savepoint.value === 'NO' && newest.value === undefined)
        return { from: 'NOTHING', ...shared }
      return dropsState.value ? { ...shared, from: 'LATEST', allowNonRestored: true } : undefined
    }
    if (!many.value) return restoreOf(choice.value, one, snapshots.value)
    // Of several, each goes on from its newest state; one that never had any begins empty.
    return one.attempts.length === 0 || !one.stateful ? undefined : { from: 'LATEST', ...shared }
  }

  function commandFor(one: JobSummary): JobCommand {
    const restore = restoreFor(one)
    const laidOver = fromRows(options.value)
    return {
      kind: restart.value ? 'RESTART' : 'START',
      ...(restart.value ? { savepoint: savepoint.value } : {}),
      ...(restore === undefined ? {} : { restore }),
      ...(parallelism.value == null ? {} : { parallelism: parallelism.value }),
      ...(Object.keys(laidOver).length === 0 ? {} : { options: laidOver }),
    }
  }

  return {
    ...{ job, jobs, many, restart },
    ...{ snapshots, newest, known, error: listed.error, retry: listed.retry, needsSnapshots },
    ...{ choice, savepoint, savepointable, dropsState, parallelism, options },
    ...{ needed, slotsFree, shortOfSlots, noCluster, losesState, ready, commandFor },
  }
}
