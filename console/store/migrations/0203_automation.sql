-- What automation decided and why, what needs a person, and where automation is held.
CREATE TABLE decisions (
  id TEXT NOT NULL PRIMARY KEY,
  job_id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  rule TEXT NOT NULL,
  facts TEXT NOT NULL,
  at BIGINT NOT NULL,
  due BIGINT,
  command TEXT NOT NULL,
  operation_id TEXT NOT NULL,
  refusal TEXT NOT NULL
);
CREATE INDEX decisions_job ON decisions (job_id, id);

CREATE TABLE attentions (
  id TEXT NOT NULL PRIMARY KEY,
  job_id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  rule TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  resolved_at BIGINT,
  -- 1 while it is open, absent afterwards: at most one open a job and rule.
  open_slot INTEGER
);
CREATE UNIQUE INDEX attentions_open ON attentions (job_id, rule, open_slot);

-- A row is a hold: of a job, a cluster, or (with an empty subject) the fleet.
CREATE TABLE automation_pauses (
  scope TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  by_id TEXT NOT NULL,
  by_name TEXT NOT NULL,
  at BIGINT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (scope, subject_id)
);

ALTER TABLE jobs ADD COLUMN recovery TEXT NOT NULL DEFAULT '{}';
ALTER TABLE jobs ADD COLUMN standing TEXT;
