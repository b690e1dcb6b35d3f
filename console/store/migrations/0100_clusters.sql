-- Installations, clusters, their processes, and the fleet. Specs are JSON: they are read and written
-- only as a whole.
CREATE TABLE installations (
  id         VARCHAR(26)   NOT NULL PRIMARY KEY,
  engine     VARCHAR(20)   NOT NULL,
  version    VARCHAR(100)  NOT NULL,
  line       VARCHAR(50)   NOT NULL,
  vendor     VARCHAR(100)  NOT NULL,
  home       VARCHAR(4096) NOT NULL,
  fetched    INTEGER       NOT NULL,
  state      VARCHAR(20)   NOT NULL,
  digest     VARCHAR(64)   NOT NULL,
  size_bytes BIGINT        NOT NULL,
  message    TEXT          NOT NULL,
  created_at BIGINT        NOT NULL
);

CREATE TABLE clusters (
  id           VARCHAR(26)  NOT NULL PRIMARY KEY,
  team_id      VARCHAR(26)  NOT NULL,  -- empty: shared by all teams
  name         VARCHAR(400) NOT NULL,
  spec         TEXT         NOT NULL,
  edition      BIGINT       NOT NULL,
  created_at   BIGINT       NOT NULL,
  desired      VARCHAR(20)  NOT NULL,
  started_spec TEXT,                   -- what its processes were started with
  rest_port    INTEGER      NOT NULL,
  rpc_port     INTEGER      NOT NULL,
  failure      TEXT         NOT NULL
);
CREATE UNIQUE INDEX clusters_name ON clusters (team_id, name);

-- A row with pid 0 is the intent to start a process.
CREATE TABLE cluster_processes (
  cluster_id  VARCHAR(26) NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
  role        VARCHAR(20) NOT NULL,
  place       INTEGER     NOT NULL,
  pid         INTEGER     NOT NULL,
  start_ticks BIGINT      NOT NULL,
  started_at  BIGINT      NOT NULL,
  restarts    INTEGER     NOT NULL,
  PRIMARY KEY (cluster_id, role, place)
);

CREATE TABLE cluster_restarts (
  cluster_id VARCHAR(26) NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
  role       VARCHAR(20) NOT NULL,
  place      INTEGER     NOT NULL,
  at         BIGINT      NOT NULL
);
CREATE INDEX cluster_restarts_place ON cluster_restarts (cluster_id, role, place, at);

CREATE TABLE fleet_operations (
  id              VARCHAR(26) NOT NULL PRIMARY KEY,
  kind            VARCHAR(20) NOT NULL,
  forced          INTEGER     NOT NULL,
  state           VARCHAR(20) NOT NULL,
  requested_by    TEXT        NOT NULL,
  requested_at    BIGINT      NOT NULL,
  finished_at     BIGINT,
  idempotency_key VARCHAR(200),
  items           TEXT        NOT NULL,
  error           TEXT
);
CREATE UNIQUE INDEX fleet_operations_key ON fleet_operations (idempotency_key);

-- What a suspension has stopped and no resumption has started again, in that order.
CREATE TABLE fleet_suspended (
  subject_kind VARCHAR(20)  NOT NULL,
  subject_id   VARCHAR(26)  NOT NULL,
  subject_name VARCHAR(400) NOT NULL,
  position     BIGINT       NOT NULL,
  PRIMARY KEY (subject_kind, subject_id)
);
