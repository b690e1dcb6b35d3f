// SPDX-License-Identifier: Apache-2.0
// Names of cached answers. A name begins with the thing, then its id, then the part of it, so that invalidating
// `['job', id]` reaches everything about that job.

export const keys = {
  about: ['about'] as const,
  session: ['session'] as const,
  devices: ['session', 'devices'] as const,
  tokens: ['tokens'] as const,
  overview: (team: string | null) => ['overview', team] as const,
  overviews: ['overview'] as const,

  jobs: ['jobs'] as const,
  deletedJobs: (team: string | null) => ['jobs', 'deleted', team] as const,
  /** The rows of the long list, which keeps itself: nothing reads it anew. */
  jobRows: (team: string | null) => ['job-rows', team] as const,
  job: (id: string) => ['job', id] as const,
  jobPart: (
    id: string,
    part:
      | 'attempts'
      | 'checkpoints'
      | 'configuration'
      | 'decisions'
      | 'exceptions'
      | 'graph'
      | 'logs'
      | 'operations'
      | 'results'
      | 'revisions'
      | 'snapshots'
      | 'upgrade-plan'
      | 'yaml',
    ...rest: (string | number)[]
  ) => ['job', id, part, ...rest] as const,
  attentions: (team: string | null) => ['attentions', team] as const,
  allAttentions: ['attentions'] as const,
  /** Of a cluster by its id, of the fleet without one; a job's own is part of it. */
  automation: (clusterId: string | null) => ['automation', clusterId] as const,
  automations: ['automation'] as const,
  operation: (id: string) => ['operation', id] as const,
  resources: (team: string | null) => ['resources', team] as const,

  clusters: ['clusters'] as const,
  cluster: (id: string) => ['cluster', id] as const,
  clusterPart: (
    id: string,
    part: 'jobs' | 'logs' | 'operations' | 'task-managers',
    ...rest: (string | number)[]
  ) => ['cluster', id, part, ...rest] as const,
  installations: ['installations'] as const,
  availableVersions: ['available-versions'] as const,

  users: (q: string) => ['users', q] as const,
  allUsers: ['users'] as const,
  teams: ['teams'] as const,
  members: (teamId: string) => ['teams', teamId, 'members'] as const,
  roles: ['roles'] as const,
  audit: (team: string | null, q: string) => ['audit', team, q] as const,
  settings: ['settings'] as const,
  search: (q: string) => ['search', q] as const,
}
