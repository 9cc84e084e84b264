-- The request that an entry belongs to: what is said before a change and what is said after it
-- name the same one.
ALTER TABLE audit ADD COLUMN request_id TEXT;
