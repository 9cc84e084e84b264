//! Table `samples`: how a bot was, every five minutes.

use super::engine::{Store, Tx, params};
use crate::error::{Error, Kind, Result};
use crate::model::{Millis, Reading, Sample};

/// The grain: a later reading of the same five minutes takes the place of the earlier one.
const GRAIN: Millis = 5 * 60 * 1000;

fn sample(text: &str) -> Result<Sample> {
    serde_json::from_str(text).map_err(|_| {
        Error::new(Kind::Store, "a reading of a bot cannot be read")
            .hint("it was written by another version: update clawdwako")
    })
}

impl Store {
    /// How a bot was from a moment on, newest first, at most `limit`.
    pub async fn samples(&self, bot_id: &str, since: Millis, limit: i64) -> Result<Vec<Sample>> {
        let sql = "SELECT reading FROM samples WHERE bot_id = $1 AND at >= $2 ORDER BY at DESC LIMIT $3";
        let rows = self.query(sql, params![bot_id, since, limit]).await?;
        rows.iter().map(|r| sample(&r.text(0)?)).collect()
    }

    /// How a bot was in a time, newest first, at most `limit`, each with the begin of its five
    /// minutes: that is what the time is held against, `until` not among it.
    pub async fn samples_between(
        &self,
        bot_id: &str,
        since: Millis,
        until: Millis,
        limit: i64,
    ) -> Result<Vec<(Millis, Sample)>> {
        let sql =
            "SELECT at, reading FROM samples WHERE bot_id = $1 AND at >= $2 AND at < $3 ORDER BY at DESC LIMIT $4";
        let rows = self.query(sql, params![bot_id, since, until, limit]).await?;
        rows.iter().map(|r| Ok((r.int(0)?, sample(&r.text(1)?)?))).collect()
    }

    /// What each of a user's bots that are not destroyed told last of its messages.
    pub async fn last_readings(&self, user_id: &str) -> Result<Vec<Reading>> {
        // A server that was not reached, or an agent that was down, told nothing: what it told
        // before still counts. The text is what serde makes of a sample.
        let sql = "SELECT s.reading FROM bots AS b JOIN samples AS s ON s.bot_id = b.id
                   WHERE b.user_id = $1 AND b.status <> 'destroyed' AND s.at = (
                       SELECT MAX(l.at) FROM samples AS l
                       WHERE l.bot_id = b.id AND l.reading NOT LIKE '%\"messages\":null%')";
        let rows = self.query(sql, params![user_id]).await?;
        rows.iter().map(|r| Ok(sample(&r.text(0)?)?.reading)).collect()
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
    /// Keeps how a bot is. That it was restarted is not hidden by a later look of the same five minutes:
    /// restarts are counted.
    pub async fn put_sample(&mut self, bot_id: &str, sample: &Sample) -> Result<()> {
        let at = sample.at - sample.at % GRAIN;
        let sql = "SELECT reading FROM samples WHERE bot_id = $1 AND at = $2";
        let rows = self.query(sql, params![bot_id, at]).await?;
        let earlier = rows.first().map(|r| self::sample(&r.text(0)?)).transpose()?;
        let sample = Sample {
            restarted: sample.restarted || earlier.is_some_and(|e| e.restarted),
            ..sample.clone()
        };
        self.execute(
            "INSERT INTO samples (bot_id, at, reading) VALUES ($1, $2, $3)
             ON CONFLICT (bot_id, at) DO UPDATE SET reading = excluded.reading",
            params![bot_id, at, serde_json::to_string(&sample)?],
        )
        .await
        .map(drop)
    }
}
