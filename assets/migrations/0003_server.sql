-- What a control server keeps: users, their plans and tokens, and what they did. A store on a
-- terminal has these tables too, and leaves them empty: its bots belong to the user ''.
CREATE TABLE users (
    id         TEXT PRIMARY KEY,
    google_sub TEXT NOT NULL,
    email      TEXT NOT NULL,
    name       TEXT,
    role       TEXT NOT NULL,
    disabled   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_google ON users (google_sub);
CREATE INDEX users_email ON users (email);

CREATE TABLE subscriptions (
    user_id    TEXT PRIMARY KEY REFERENCES users (id),
    plan       TEXT NOT NULL,
    status     TEXT NOT NULL,
    period_end BIGINT,
    updated_at BIGINT NOT NULL
);

-- Sessions of browsers and API tokens: only the hash of the token is kept.
CREATE TABLE tokens (
    id         TEXT PRIMARY KEY,
    hash       BYTEA NOT NULL,
    user_id    TEXT NOT NULL REFERENCES users (id),
    kind       TEXT NOT NULL,
    name       TEXT NOT NULL,
    scope      TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX tokens_hash ON tokens (hash);
CREATE INDEX tokens_user ON tokens (user_id);

-- Sign-ins of browsers that have begun: good once, for some minutes.
CREATE TABLE logins (
    state      TEXT PRIMARY KEY,
    nonce      TEXT NOT NULL,
    verifier   BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Google's proofs that were used: each signs in once.
CREATE TABLE spent_proofs (
    hash       BYTEA PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

-- Who did what. Only ever added to.
CREATE TABLE audit (
    id      TEXT PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    user_id TEXT NOT NULL,
    action  TEXT NOT NULL,
    object  TEXT,
    address TEXT,
    result  TEXT NOT NULL
);
CREATE INDEX audit_user ON audit (user_id, id);

-- Answers to requests that carried an Idempotency-Key.
CREATE TABLE idempotency (
    user_id    TEXT NOT NULL,
    name       TEXT NOT NULL,
    request    BYTEA NOT NULL,
    status     BIGINT,
    answer     BYTEA,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, name)
);

-- What is left of an allowance (so many calls in so long), by all control servers together: the
-- moment at which the whole of it will be there again, in microseconds since 1970 UTC. No row
-- is a whole allowance.
CREATE TABLE allowances (
    name        TEXT PRIMARY KEY,
    whole_at_us BIGINT NOT NULL
);
CREATE INDEX allowances_whole ON allowances (whole_at_us);

-- How a bot was, every five minutes.
CREATE TABLE samples (
    bot_id     TEXT NOT NULL REFERENCES bots (id),
    at         BIGINT NOT NULL,
    reading    TEXT NOT NULL,
    PRIMARY KEY (bot_id, at)
);

ALTER TABLE bots ADD COLUMN user_id TEXT NOT NULL DEFAULT '';
ALTER TABLE bots ADD COLUMN check_after BIGINT NOT NULL DEFAULT 0;
DROP INDEX bots_name;
CREATE UNIQUE INDEX bots_name ON bots (user_id, name) WHERE status <> 'destroyed';
CREATE INDEX bots_user ON bots (user_id, id);
CREATE INDEX bots_check ON bots (check_after) WHERE status = 'active';
-- What waits for a worker or is held by one, by when it is due.
DROP INDEX jobs_claim;
CREATE INDEX jobs_claim ON jobs (run_after, id) WHERE status IN ('queued', 'running');
CREATE INDEX jobs_running ON jobs (lease_until) WHERE status = 'running';
CREATE INDEX jobs_of ON jobs (deployment_id, position);
