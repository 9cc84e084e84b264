//! Table `events`.

use super::engine::{News, Row, Store, Tx, params};
use crate::error::Result;
use crate::model::Event;

impl Store {
    /// The story of a deployment after event `after`, oldest first, with each event's number.
    /// `last` keeps only that many of the newest.
    pub async fn events(&self, deployment_id: &str, after: i64, last: Option<i64>) -> Result<Vec<(i64, Event)>> {
        let sql = "SELECT number, at, kind, job, step, text, duration_ms FROM (
                       SELECT * FROM events WHERE deployment_id = $1 AND number > $2 ORDER BY number DESC LIMIT $3
                   ) AS newest ORDER BY number";
        let rows = self
            .query(sql, params![deployment_id, after, last.unwrap_or(i64::MAX)])
            .await?;
        rows.iter().map(event).collect()
    }
}

impl Store {
    /// The number of the newest event of a deployment; 0 if there is none.
    pub async fn last_event(&self, deployment_id: &str) -> Result<i64> {
        let sql = "SELECT COALESCE(MAX(number), 0) FROM events WHERE deployment_id = $1";
        let rows = self.query(sql, params![deployment_id]).await?;
        rows.first().map_or(Ok(0), |r| r.int(0))
    }

    /// The oldest events of a deployment after event `after`, with each event's number.
    pub async fn events_after(&self, deployment_id: &str, after: i64, limit: i64) -> Result<Vec<(i64, Event)>> {
        let sql = "SELECT number, at, kind, job, step, text, duration_ms FROM events
                   WHERE deployment_id = $1 AND number > $2 ORDER BY number LIMIT $3";
        self.query(sql, params![deployment_id, after, limit])
            .await?
            .iter()
            .map(event)
            .collect()
    }
}

fn event(r: &Row) -> Result<(i64, Event)> {
    let event = Event {
        at: r.int(1)?,
        kind: r.word(2)?,
        job: r.text_or_null(3)?,
        step: r.text_or_null(4)?,
        text: r.text(5)?,
        duration_ms: r.int_or_null(6)?,
    };
    Ok((r.int(0)?, event))
}

impl Tx {
    /// Adds an event to a deployment's story.
    pub async fn insert_event(&mut self, deployment_id: &str, e: &Event) -> Result<()> {
        // Two writers of one story would otherwise number alike.
        let lock = format!("SELECT id FROM deployments WHERE id = $1{}", self.for_update());
        self.query(&lock, params![deployment_id]).await?;
        let sql = "INSERT INTO events (deployment_id, number, at, kind, job, step, text, duration_ms)
                   SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6, $7 FROM events WHERE deployment_id = $1";
        let values = params![
            deployment_id,
            e.at,
            e.kind.as_str(),
            e.job.as_ref(),
            e.step.as_ref(),
            &e.text,
            e.duration_ms
        ];
        self.execute(sql, values).await?;
        self.tell(News::Events(deployment_id.to_owned()));
        Ok(())
    }
}
