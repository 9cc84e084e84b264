-- What a bot last answered with, while a change of it is not proved yet (JSON).
ALTER TABLE bots ADD COLUMN former TEXT;
