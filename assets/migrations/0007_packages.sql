-- What npm put on servers (JSON), each list once: most deployments have the same. Which one a
-- deployment has is among its facts.
CREATE TABLE package_lists (
    sha256   TEXT PRIMARY KEY,
    packages TEXT NOT NULL
);
