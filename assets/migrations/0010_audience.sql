-- Who a bot answers is said by a word, never by a value that is missing.
ALTER TABLE bots ADD COLUMN audience TEXT NOT NULL DEFAULT '';
UPDATE bots SET audience = COALESCE(CAST(owner AS TEXT), 'everyone');
ALTER TABLE bots DROP COLUMN owner;
