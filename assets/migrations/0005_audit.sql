-- The request that an entry belongs to: what is said before a change and what is said after it
-- name the same one.
ALTER TABLE audit ADD COLUMN request_id TEXT;
-- What is told once only, such as the schedule's use of a secret on one day, has a key.
ALTER TABLE audit ADD COLUMN unique_key TEXT;
CREATE UNIQUE INDEX audit_unique ON audit (unique_key) WHERE unique_key IS NOT NULL;
