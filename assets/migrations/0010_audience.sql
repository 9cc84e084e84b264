-- Who a bot answers is said by a word, never by a value that is missing.
ALTER TABLE bots ADD COLUMN audience TEXT NOT NULL DEFAULT '';
UPDATE bots SET audience = COALESCE(CAST(owner AS TEXT), 'everyone');
ALTER TABLE bots DROP COLUMN owner;
-- So it is in the JSON that is kept. A quote inside a text has a backslash in front of it there, so no
-- text can look like the key.
UPDATE bots SET former = REPLACE(REPLACE(former, '"owner":null', '"audience":"everyone"'), '"owner":', '"audience":')
WHERE former IS NOT NULL;
UPDATE local_bots SET record = REPLACE(REPLACE(record, '"owner":null', '"audience":"everyone"'), '"owner":', '"audience":');
