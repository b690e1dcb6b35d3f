-- Operator ids come from the numbers of a compiled plan's nodes. The highest number ever given in a job
-- is kept so that none is given twice; a release names the plan that its own was numbered after.
ALTER TABLE jobs ADD COLUMN highest_node INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job_releases ADD COLUMN aligned_to TEXT NOT NULL DEFAULT '';
