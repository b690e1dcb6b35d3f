-- Jobs of more than one engine, and libraries among the uploaded files.
ALTER TABLE jobs ADD COLUMN engine TEXT NOT NULL DEFAULT 'FLINK';
ALTER TABLE jobs ADD COLUMN type TEXT NOT NULL DEFAULT 'SQL';
ALTER TABLE resources ADD COLUMN kind TEXT NOT NULL DEFAULT 'JAR';
