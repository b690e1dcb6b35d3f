-- Times are milliseconds since 1970; flags are 0 or 1; ids are ULIDs.
CREATE TABLE users (
  id                       VARCHAR(26)  NOT NULL PRIMARY KEY,
  name                     VARCHAR(100) NOT NULL,
  name_key                 VARCHAR(100) NOT NULL,  -- the name in lower case: names differ in more than case
  display_name             VARCHAR(200) NOT NULL,
  email                    VARCHAR(200) NOT NULL,
  platform_admin           INTEGER      NOT NULL,
  locked                   INTEGER      NOT NULL,
  password_hash            VARCHAR(300) NOT NULL,
  password_change_required INTEGER      NOT NULL,
  created_at               BIGINT       NOT NULL,
  last_sign_in_at          BIGINT,
  version                  BIGINT       NOT NULL
);
CREATE UNIQUE INDEX users_name_key ON users (name_key);

CREATE TABLE teams (
  id          VARCHAR(26)   NOT NULL PRIMARY KEY,
  name        VARCHAR(100)  NOT NULL,
  name_key    VARCHAR(100)  NOT NULL,
  description VARCHAR(2000) NOT NULL,
  created_at  BIGINT        NOT NULL,
  version     BIGINT        NOT NULL
);
CREATE UNIQUE INDEX teams_name_key ON teams (name_key);

CREATE TABLE memberships (
  team_id VARCHAR(26) NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
  user_id VARCHAR(26) NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role    VARCHAR(20) NOT NULL,
  since   BIGINT      NOT NULL,
  PRIMARY KEY (team_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id);

-- Of secrets only digests are kept: whoever reads this table cannot sign in with it.
CREATE TABLE sessions (
  id           VARCHAR(26)  NOT NULL PRIMARY KEY,
  digest       CHAR(64)     NOT NULL,
  user_id      VARCHAR(26)  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  csrf_token   VARCHAR(64)  NOT NULL,
  created_at   BIGINT       NOT NULL,
  last_used_at BIGINT       NOT NULL,
  expires_at   BIGINT       NOT NULL,
  address      VARCHAR(64)  NOT NULL,
  user_agent   VARCHAR(300) NOT NULL
);
CREATE UNIQUE INDEX sessions_digest ON sessions (digest);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE tokens (
  id           VARCHAR(26)  NOT NULL PRIMARY KEY,
  digest       CHAR(64)     NOT NULL,
  user_id      VARCHAR(26)  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name         VARCHAR(100) NOT NULL,
  prefix       VARCHAR(20)  NOT NULL,
  role         VARCHAR(20),              -- at most this role; none: all of the owner's
  team_ids     TEXT         NOT NULL,    -- separated by blanks; empty: all of the owner's
  created_at   BIGINT       NOT NULL,
  expires_at   BIGINT,
  last_used_at BIGINT
);
CREATE UNIQUE INDEX tokens_digest ON tokens (digest);
CREATE INDEX tokens_user ON tokens (user_id);

CREATE TABLE audit_events (
  id      VARCHAR(26)  NOT NULL PRIMARY KEY,
  at      BIGINT       NOT NULL,
  actor   VARCHAR(200) NOT NULL,
  action  VARCHAR(100) NOT NULL,
  target  VARCHAR(200) NOT NULL,
  team_id VARCHAR(26),
  outcome VARCHAR(50)  NOT NULL,
  address VARCHAR(64)  NOT NULL
);
CREATE INDEX audit_events_team ON audit_events (team_id, id);

-- 'accounts.epoch' counts changes that another process has made to users, sessions or tokens.
CREATE TABLE settings (
  name    VARCHAR(100)  NOT NULL PRIMARY KEY,
  content VARCHAR(4000) NOT NULL
);
