//! Numbered migrations: only forward, under a lock, each whole or not at all.

use super::engine::{Store, params};
use crate::error::{Error, Kind, Result};
use crate::model::now;

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "base", include_str!("../../assets/migrations/0001_base.sql")),
    (2, "former", include_str!("../../assets/migrations/0002_former.sql")),
    (3, "server", include_str!("../../assets/migrations/0003_server.sql")),
    (4, "sync", include_str!("../../assets/migrations/0004_sync.sql")),
    (5, "audit", include_str!("../../assets/migrations/0005_audit.sql")),
    (6, "failure", include_str!("../../assets/migrations/0006_failure.sql")),
    (7, "packages", include_str!("../../assets/migrations/0007_packages.sql")),
    (
        8,
        "retention",
        include_str!("../../assets/migrations/0008_retention.sql"),
    ),
    (
        9,
        "placement",
        include_str!("../../assets/migrations/0009_placement.sql"),
    ),
    (
        10,
        "audience",
        include_str!("../../assets/migrations/0010_audience.sql"),
    ),
];

/// The lock that one process at a time migrates under.
const LOCK: i64 = 0x636c_6177_6477_616b;

/// Brings the store to this version's schema.
///
/// # Errors
/// `store` if a newer version made it.
pub(super) async fn run(store: &Store) -> Result<()> {
    let newest = newest();
    // Read first: opening an up-to-date store takes no write lock.
    if applied(store).await? == Some(newest) {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    tx.lock(LOCK).await?;
    tx.batch("CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)")
        .await?;
    let rows = tx.query("SELECT COALESCE(MAX(number), 0) FROM migrations", &[]).await?;
    let current = rows.first().map_or(Ok(0), |r| r.int(0))?;
    if current > newest {
        return Err(Error::new(
            Kind::Store,
            format!("the store has schema {current}, and this version of clawdwako knows only {newest}"),
        )
        .hint("use the newer clawdwako that made it"));
    }
    for (number, name, sql) in MIGRATIONS.iter().filter(|m| m.0 > current) {
        tx.batch(sql)
            .await
            .map_err(|e| e.context(format!("migration {number} ({name})")))?;
        tx.execute(
            "INSERT INTO migrations (number, name, applied_at) VALUES ($1, $2, $3)",
            params![*number, *name, now()],
        )
        .await?;
    }
    tx.commit().await
}

/// The schema that this version brings a store to.
pub(super) fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |m| m.0)
}

/// The schema that a store has; none if it is no store yet.
pub(super) async fn applied(store: &Store) -> Result<Option<i64>> {
    if !store.has_table("migrations").await? {
        return Ok(None);
    }
    let rows = store
        .query("SELECT COALESCE(MAX(number), 0) FROM migrations", &[])
        .await?;
    rows.first().map(|r| r.int(0)).transpose()
}
