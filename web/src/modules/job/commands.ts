// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/vue-query'
import { api, idempotencyKey, send } from '@/api/client'
import { asProblem } from '@/api/problem'
import { keys } from '@/api/keys'
import type { Badge, Job, JobCommand, JobSummary, Operation } from '@/api/types'

/** What a job shows from the click on, until the first event says better. */
const kExpected: Partial<Record<JobCommand['kind'], Badge>> = {
  START: 'STARTING',
  STOP: 'STOPPING',
  RESTART: 'RESTARTING',
  SAVEPOINT: 'SAVING',
  RELEASE: 'RELEASING',
}

/** The job as it is shown between a command's click and its first event. */
export function expecting(job: Job, command: JobCommand, now: string): Job {
  const saves = command.kind === 'STOP' && command.savepoint !== 'NO'
  const badge = saves ? 'SAVING' : (kExpected[command.kind] ?? job.badge)
  return {
    ...job,
    badge,
    badgeSince: now,
    badgeReason: { code: 'REQUESTED', message: '', parameters: {} },
    operation: { id: '', kind: command.kind, step: '', startedAt: now },
  }
}

/** Commands to one job. What they change is put in the caches at once and made true by live events. */
export function useJobCommands() {
  const client = useQueryClient()

  async function run(job: Pick<JobSummary, 'id'>, command: JobCommand): Promise<Operation> {
    const key = keys.job(job.id)
    const shown = client.getQueryData<Job>(key)
    if (shown !== undefined)
      client.setQueryData<Job>(key, expecting(shown, command, new Date().toISOString()))
    try {
      const operation = await send(
        api.POST('/api/v1/jobs/{jobId}/operations', {
          params: { path: { jobId: job.id }, header: { 'Idempotency-Key': idempotencyKey() } },
          body: command,
        }),
      )
      // An event may have overtaken the answer: only what is still the guess is replaced.
      client.setQueryData<Operation>(keys.operation(operation.id), (known) => known ?? operation)
      client.setQueryData<Job>(key, (now) =>
        now?.operation?.id === ''
          ? { ...now, operation: { ...now.operation, id: operation.id } }
          : now,
      )
      void client.invalidateQueries({ queryKey: keys.jobPart(job.id, 'operations') })
      return operation
    } catch (error) {
      if (shown !== undefined) {
        client.setQueryData<Job>(key, (now) => (now?.operation?.id === '' ? shown : now))
        void client.invalidateQueries({ queryKey: key, exact: true })
      }
      throw error
    }
  }

  async function cancel(operationId: string): Promise<void> {
    const operation = await send(
      api.POST('/api/v1/operations/{operationId}/cancel', { params: { path: { operationId } } }),
    )
    client.setQueryData(keys.operation(operationId), operation)
  }

  const copy = (jobId: string, name: string, teamId: string) =>
    send(
      api.POST('/api/v1/jobs/{jobId}/copy', {
        params: { path: { jobId } },
        body: { name, teamId },
      }),
    )

  /** Waits for a deletion that is still under way: Undo is offered as soon as it was accepted. */
  async function undelete(jobId: string) {
    const post = () =>
      send(api.POST('/api/v1/jobs/{jobId}/undelete', { params: { path: { jobId } } }))
    const patience = Date.now() + 10_000
    let job: Awaited<ReturnType<typeof post>> | null = null
    while (job === null) {
      job = await post().catch((error: unknown) => {
        const early = asProblem(error).code === 'OPERATION_IN_FLIGHT'
        if (!early || Date.now() > patience) throw error
        return null
      })
      if (job === null) await new Promise((resolve) => window.setTimeout(resolve, 200))
    }
    client.setQueryData(keys.job(jobId), job)
    void client.invalidateQueries({ queryKey: keys.jobs })
  }

  async function describeSnapshot(
    jobId: string,
    snapshotId: string,
    body: { name: string; note: string },
  ) {
    await send(
      api.PUT('/api/v1/jobs/{jobId}/snapshots/{snapshotId}', {
        params: { path: { jobId, snapshotId } },
        body,
      }),
    )
    await client.invalidateQueries({ queryKey: keys.jobPart(jobId, 'snapshots') })
  }

  async function deleteSnapshot(jobId: string, snapshotId: string) {
    await send(
      api.DELETE('/api/v1/jobs/{jobId}/snapshots/{snapshotId}', {
        params: { path: { jobId, snapshotId } },
      }),
    )
    await client.invalidateQueries({ queryKey: keys.jobPart(jobId, 'snapshots') })
  }

  /** Takes up what lies in the job's folders and is not listed; how many. */
  async function findSnapshots(jobId: string): Promise<number> {
    const { items } = await send(
      api.POST('/api/v1/jobs/{jobId}/snapshots/find', { params: { path: { jobId } } }),
    )
    await client.invalidateQueries({ queryKey: keys.jobPart(jobId, 'snapshots') })
    return items.length
  }

  return { run, cancel, copy, undelete, describeSnapshot, deleteSnapshot, findSnapshots }
}

const kYaml = (file: string) => ({
  body: file,
  bodySerializer: (value: unknown) => String(value),
  headers: { 'Content-Type': 'application/yaml' },
})

/** Job files: what one would do, and doing it. */
export function useJobFiles() {
  const client = useQueryClient()
  const planJobFile = (file: string) => send(api.POST('/api/v1/plan', kYaml(file)))

  async function applyJobFile(file: string) {
    const result = await send(
      api.POST('/api/v1/apply', {
        params: { header: { 'Idempotency-Key': idempotencyKey() } },
        ...kYaml(file),
      }),
    )
    void client.invalidateQueries({ queryKey: keys.jobs })
    for (const { jobId } of result.items)
      if (jobId !== null) void client.invalidateQueries({ queryKey: keys.job(jobId) })
    return result
  }
  return { planJobFile, applyJobFile }
}

/** Uploads a jar under the name that its file suggests. */
/** Uploads a jar or a library, under a name made of the file's. */
export function useUpload() {
  const client = useQueryClient()
  return async (teamId: string, file: File) => {
    const name = file.name
      .replace(/^lib(?=.*\.so$)/i, '')
      .replace(/\.(jar|so)$/i, '')
      .replace(/[^\p{L}\p{N} ._-]+/gu, '-')
      .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
    const resource = await send(
      api.POST('/api/v1/resources', {
        params: { query: { team: teamId, name: name || 'library', fileName: file.name } },
        body: file as unknown as string,
        bodySerializer: () => file,
        headers: { 'Content-Type': 'application/octet-stream' },
      }),
    )
    await client.invalidateQueries({ queryKey: keys.resources(teamId) })
    return resource
  }
}
