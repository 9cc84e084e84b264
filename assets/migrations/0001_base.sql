-- Bots, the servers they live on, and the durable work on those. One text for SQLite and
-- PostgreSQL: only BIGINT, TEXT and BYTEA; times are milliseconds since 1970 UTC.
CREATE TABLE bots (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    telegram_id BIGINT NOT NULL,
    username    TEXT,
    model       TEXT NOT NULL,
    owner       BIGINT,
    status      TEXT NOT NULL,
    failure     TEXT,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
-- A name and a Telegram token can be used again once its bot is destroyed.
CREATE UNIQUE INDEX bots_name ON bots (name) WHERE status <> 'destroyed';
CREATE UNIQUE INDEX bots_telegram ON bots (telegram_id) WHERE status <> 'destroyed';

CREATE TABLE deployments (
    id         TEXT PRIMARY KEY,
    bot_id     TEXT NOT NULL REFERENCES bots (id),
    provider   TEXT NOT NULL,
    status     TEXT NOT NULL,
    wish       TEXT NOT NULL,
    facts      TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX deployments_bot ON deployments (bot_id);

CREATE TABLE jobs (
    id            TEXT PRIMARY KEY,
    deployment_id TEXT NOT NULL REFERENCES deployments (id),
    kind          TEXT NOT NULL,
    position      BIGINT NOT NULL,
    status        TEXT NOT NULL,
    attempts      BIGINT NOT NULL,
    max_attempts  BIGINT NOT NULL,
    fence         BIGINT NOT NULL,
    lease_until   BIGINT,
    worker        TEXT,
    run_after     BIGINT NOT NULL,
    failure       TEXT,
    updated_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX jobs_once ON jobs (deployment_id, kind);
CREATE INDEX jobs_claim ON jobs (status, run_after);

CREATE TABLE steps (
    deployment_id TEXT NOT NULL REFERENCES deployments (id),
    name          TEXT NOT NULL,
    status        TEXT NOT NULL,
    started_at    BIGINT NOT NULL,
    duration_ms   BIGINT,
    PRIMARY KEY (deployment_id, name)
);

CREATE TABLE events (
    deployment_id TEXT NOT NULL REFERENCES deployments (id),
    number        BIGINT NOT NULL,
    at            BIGINT NOT NULL,
    kind          TEXT NOT NULL,
    job           TEXT,
    step          TEXT,
    text          TEXT NOT NULL,
    duration_ms   BIGINT,
    PRIMARY KEY (deployment_id, number)
);

CREATE TABLE secrets (
    owner      TEXT NOT NULL,
    name       TEXT NOT NULL,
    sealed     BYTEA NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (owner, name)
);
