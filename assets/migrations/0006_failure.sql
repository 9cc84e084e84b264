-- Why work on a bot last came to nothing, with its stable code and what to do next (JSON).
ALTER TABLE bots ADD COLUMN last_failure TEXT;
