//! Table `samples`: how a bot was, every five minutes.

use super::engine::{Store, Tx, params};
use crate::error::{Error, Kind, Result};
use crate::model::{Millis, Sample};

/// The grain: a later reading of the same five minutes takes the place of the earlier one.
const GRAIN: Millis = 5 * 60 * 1000;

impl Store {
    /// How a bot was from a moment on, newest first, at most `limit`.
    pub async fn samples(&self, bot_id: &str, since: Millis, limit: i64) -> Result<Vec<Sample>> {
        let sql = "SELECT reading FROM samples WHERE bot_id = $1 AND at >= $2 ORDER BY at DESC LIMIT $3";
        let rows = self.query(sql, params![bot_id, since, limit]).await?;
        rows.iter()
            .map(|r| {
                serde_json::from_str(&r.text(0)?).map_err(|_| {
                    Error::new(Kind::Store, "a reading of a bot cannot be read")
                        .hint("it was written by another version: update clawdwako")
                })
            })
            .collect()
    }

    /// Forgets what is older than a moment; answers how many.
    pub async fn delete_samples_before(&self, moment: Millis) -> Result<u64> {
        let mut tx = self.begin().await?;
        let gone = tx.execute("DELETE FROM samples WHERE at < $1", params![moment]).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

impl Tx {
    /// Keeps how a bot is.
    pub async fn put_sample(&mut self, bot_id: &str, sample: &Sample) -> Result<()> {
        self.execute(
            "INSERT INTO samples (bot_id, at, reading) VALUES ($1, $2, $3)
             ON CONFLICT (bot_id, at) DO UPDATE SET reading = excluded.reading",
            params![bot_id, sample.at - sample.at % GRAIN, serde_json::to_string(sample)?],
        )
        .await
        .map(drop)
    }
}
