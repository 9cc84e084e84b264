//! Table `allowances`: how much may be done in a span of time, by all processes together that
//! share the store.

use super::engine::{Store, Tx, params};
use crate::error::Result;
use crate::model::now;
use std::time::Duration;

/// So many in so long: a bucket of `limit` that is filled again within `per`, steadily. In a
/// span `t` at most `limit + limit * t / per` are granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many at once; at least 1.
    pub limit: i64,
    /// How long an empty bucket takes to be full again.
    pub per: Duration,
}

impl Rate {
    /// So many in so long.
    pub const fn new(limit: i64, per: Duration) -> Rate {
        Rate { limit, per }
    }

    fn per_us(self) -> i64 {
        i64::try_from(self.per.as_micros()).unwrap_or(i64::MAX / 4)
    }

    /// How long so many take to come back, in microseconds.
    fn cost_us(self, want: i64) -> i64 {
        let limit = self.limit.max(1);
        // Rounded up: rather one too few than one too many.
        (self.per_us().saturating_mul(want.clamp(0, limit)) + limit - 1) / limit
    }
}

impl Store {
    /// Takes `want` (at most the whole limit) of the allowance of that name: all of it or
    /// nothing. Zero is "taken"; else nothing was, and so long it takes until there is enough.
    pub async fn take(&self, name: &str, rate: Rate, want: i64) -> Result<Duration> {
        let mut tx = self.begin().await?;
        let wait = tx.take(name, rate, want).await?;
        tx.commit().await?;
        Ok(wait)
    }

    /// Deletes the allowances that are whole again: no row says the same.
    pub async fn sweep_allowances(&self) -> Result<u64> {
        let mut tx = self.begin().await?;
        let swept = tx
            .execute("DELETE FROM allowances WHERE whole_at_us <= $1", params![now() * 1000])
            .await?;
        tx.commit().await?;
        Ok(swept)
    }
}

impl Tx {
    /// The same as part of a transaction. Whoever takes of the same allowance waits for its end.
    pub async fn take(&mut self, name: &str, rate: Rate, want: i64) -> Result<Duration> {
        let (at, cost, per) = (now() * 1000, rate.cost_us(want), rate.per_us());
        let from = "CASE WHEN allowances.whole_at_us > $2 THEN allowances.whole_at_us ELSE $2 END + $3";
        let sql = format!(
            "INSERT INTO allowances (name, whole_at_us) VALUES ($1, $2 + $3)
             ON CONFLICT (name) DO UPDATE SET whole_at_us = {from} WHERE {from} <= $2 + $4
             RETURNING whole_at_us"
        );
        if !self.query(&sql, params![name, at, cost, per]).await?.is_empty() {
            return Ok(Duration::ZERO);
        }
        let rows = self
            .query("SELECT whole_at_us FROM allowances WHERE name = $1", params![name])
            .await?;
        let whole_at = rows.first().map_or(Ok(at), |r| r.int(0))?;
        let short = whole_at.max(at) + cost - per - at;
        Ok(Duration::from_micros(u64::try_from(short).unwrap_or(0).max(1)))
    }
}
