-- When an attempt was seen to be stable. What counted as stable before was only that all tasks had
-- run once, which nobody should be rolled back to.
ALTER TABLE job_attempts ADD COLUMN stable_at BIGINT;
UPDATE jobs SET last_stable = NULL;
-- Where a rollback goes back to.
ALTER TABLE jobs ADD COLUMN rollback_revision INTEGER;
ALTER TABLE jobs ADD COLUMN rollback_snapshot_id TEXT NOT NULL DEFAULT '';
