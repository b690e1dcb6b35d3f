-- Jobs and what belongs to them; operations and the journal of all subjects.
-- Times are milliseconds since 1970. Members that are read and written only as a whole are JSON.

CREATE TABLE operations (
  id TEXT NOT NULL PRIMARY KEY,
  subject_kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  subject_name TEXT NOT NULL,
  team_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  parameters TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  requested_at BIGINT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT,
  cancellable INTEGER NOT NULL,
  cancel_requested INTEGER NOT NULL,
  steps TEXT NOT NULL,
  error TEXT,
  result TEXT NOT NULL,
  memory TEXT NOT NULL,
  idempotency_key TEXT,
  request_digest TEXT NOT NULL,
  preempts TEXT NOT NULL,
  -- 1 while it is open, 2 while it is open and takes over from another one, absent afterwards: at
  -- most one of each a subject.
  open_slot INTEGER
);
CREATE UNIQUE INDEX operations_open ON operations (subject_kind, subject_id, open_slot);
CREATE UNIQUE INDEX operations_key ON operations (subject_kind, subject_id, idempotency_key);
CREATE INDEX operations_subject ON operations (subject_kind, subject_id, id);
CREATE INDEX operations_team ON operations (team_id, id);

CREATE TABLE journal (
  id TEXT NOT NULL PRIMARY KEY,
  operation_id TEXT NOT NULL,
  step TEXT NOT NULL,
  verb TEXT NOT NULL,
  act_key TEXT NOT NULL,
  intent TEXT NOT NULL,
  state TEXT NOT NULL,
  outcome TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  closed_at BIGINT
);
CREATE INDEX journal_operation ON journal (operation_id, id);

CREATE TABLE jobs (
  id TEXT NOT NULL PRIMARY KEY,
  team_id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- The name while the job is not deleted: a deleted job's name is free.
  held_name TEXT,
  description TEXT NOT NULL,
  tags TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  owner_name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT,
  edition BIGINT NOT NULL,
  desired TEXT NOT NULL,
  wanted INTEGER NOT NULL,
  released INTEGER,
  deployed INTEGER,
  last_stable INTEGER,
  resume_snapshot_id TEXT NOT NULL,
  resume_unconfirmed INTEGER NOT NULL,
  last_failure TEXT,
  delete_snapshots INTEGER NOT NULL,
  ran INTEGER NOT NULL,
  cluster_id TEXT NOT NULL,
  version TEXT NOT NULL,
  parallelism INTEGER NOT NULL,
  stateless INTEGER NOT NULL
);
CREATE UNIQUE INDEX jobs_name ON jobs (team_id, held_name);

CREATE TABLE job_observations (
  job_id TEXT NOT NULL PRIMARY KEY,
  state TEXT,
  native_state TEXT NOT NULL,
  observed_at BIGINT,
  reachability TEXT NOT NULL,
  unreachable_since BIGINT,
  tasks TEXT
);

CREATE TABLE job_revisions (
  job_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  author_id TEXT NOT NULL,
  author_name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  digest TEXT NOT NULL,
  message TEXT NOT NULL,
  spec TEXT NOT NULL,
  PRIMARY KEY (job_id, number)
);

CREATE TABLE job_releases (
  id TEXT NOT NULL PRIMARY KEY,
  job_id TEXT NOT NULL,
  spec_digest TEXT NOT NULL,
  engine_version TEXT NOT NULL,
  revision INTEGER NOT NULL,
  state TEXT NOT NULL,
  finished_at BIGINT,
  artifacts TEXT NOT NULL,
  plan TEXT NOT NULL,
  not_compiled TEXT NOT NULL,
  operators TEXT NOT NULL,
  tables TEXT NOT NULL,
  sinks TEXT NOT NULL
);
CREATE INDEX job_releases_job ON job_releases (job_id, revision);

CREATE TABLE job_attempts (
  id TEXT NOT NULL PRIMARY KEY,
  job_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  engine_job_id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  parallelism INTEGER NOT NULL,
  cluster_id TEXT NOT NULL,
  restored_from TEXT NOT NULL,
  options TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  outcome TEXT NOT NULL,
  message TEXT NOT NULL,
  ran INTEGER NOT NULL,
  submitted INTEGER NOT NULL
);
CREATE UNIQUE INDEX job_attempts_number ON job_attempts (job_id, number);
CREATE UNIQUE INDEX job_attempts_engine ON job_attempts (engine_job_id);

CREATE TABLE job_snapshots (
  id TEXT NOT NULL PRIMARY KEY,
  job_id TEXT NOT NULL,
  attempt_id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  kind TEXT NOT NULL,
  format TEXT NOT NULL,
  path TEXT NOT NULL,
  triggered_at BIGINT NOT NULL,
  completed_at BIGINT,
  size_bytes BIGINT,
  name TEXT NOT NULL,
  note TEXT NOT NULL,
  verification TEXT NOT NULL
);
CREATE INDEX job_snapshots_job ON job_snapshots (job_id, triggered_at, id);

CREATE TABLE job_exceptions (
  id TEXT NOT NULL PRIMARY KEY,
  job_id TEXT NOT NULL,
  attempt_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  task TEXT NOT NULL,
  location TEXT NOT NULL,
  root_cause TEXT NOT NULL,
  trace TEXT NOT NULL
);
CREATE INDEX job_exceptions_job ON job_exceptions (job_id, at);

CREATE TABLE job_checkpoints (
  attempt_id TEXT NOT NULL PRIMARY KEY,
  job_id TEXT NOT NULL,
  statistics TEXT NOT NULL
);
CREATE INDEX job_checkpoints_job ON job_checkpoints (job_id);

-- Which job a creation under an idempotency key made.
CREATE TABLE job_creations (
  team_id TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  job_id TEXT NOT NULL,
  PRIMARY KEY (team_id, idempotency_key)
);

CREATE TABLE resources (
  id TEXT NOT NULL PRIMARY KEY,
  team_id TEXT NOT NULL,
  name TEXT NOT NULL,
  file_name TEXT NOT NULL,
  digest TEXT NOT NULL,
  size_bytes BIGINT NOT NULL,
  factories TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by_id TEXT NOT NULL,
  created_by_name TEXT NOT NULL
);
CREATE UNIQUE INDEX resources_name ON resources (team_id, name);

-- What a set of coordinates resolved to, so that it is asked for once.
CREATE TABLE dependency_resolutions (
  id TEXT NOT NULL PRIMARY KEY,
  artifacts TEXT NOT NULL
);
