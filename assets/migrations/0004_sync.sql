-- Bots of the users' own machines, as their command lines last told of them. A control server
-- shows them and does nothing with them.
CREATE TABLE local_bots (
    user_id    TEXT NOT NULL REFERENCES users (id),
    id         TEXT NOT NULL,
    origin     TEXT NOT NULL,
    machine    TEXT NOT NULL,
    record     TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    synced_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, id)
);
