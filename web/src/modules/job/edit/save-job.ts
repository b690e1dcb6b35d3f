// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/vue-query'
import { api, idempotencyKey, send } from '@/api/client'
import { keys } from '@/api/keys'
import type { Job } from '@/api/types'
import { readJob } from '../queries'
import { toApi, type EditableDraft } from './job-draft'

/** Saves drafts: a new job without an id, else an edit of the edition that was read. */
export function useSaveJob() {
  const client = useQueryClient()

  async function save(
    id: string | null,
    etag: string,
    draft: EditableDraft & { message?: string },
  ): Promise<Job> {
    const { message = '', ...rest } = draft
    const body = toApi(rest, message)
    const job = await send(
      id === null
        ? api.POST('/api/v1/jobs', {
            params: { header: { 'Idempotency-Key': idempotencyKey() } },
            body,
          })
        : api.PUT('/api/v1/jobs/{jobId}', {
            params: { path: { jobId: id }, header: { 'If-Match': etag } },
            body,
          }),
    )
    client.setQueryData<Job>(keys.job(job.id), job)
    void client.invalidateQueries({ queryKey: keys.jobPart(job.id, 'revisions') })
    void client.invalidateQueries({ queryKey: keys.jobPart(job.id, 'yaml') })
    void client.invalidateQueries({ queryKey: keys.jobPart(job.id, 'configuration') })
    void client.invalidateQueries({ queryKey: keys.jobs })
    return job
  }

  return { save, read: readJob }
}
