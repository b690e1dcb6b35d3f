-- When a set of coordinates was resolved, so that what nobody has asked for in a long time may go.
ALTER TABLE dependency_resolutions ADD COLUMN kept_at BIGINT NOT NULL DEFAULT 0;
