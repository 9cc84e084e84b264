-- What was asked for of where a bot lives has its own word.
ALTER TABLE deployments RENAME COLUMN wish TO placement;
