//! Table `subscriptions`.

use super::engine::{Row, Store, Tx, params};
use crate::error::Result;
use crate::model::{Subscription, now};

const FIND: &str = "SELECT plan, status, period_end, updated_at FROM subscriptions WHERE user_id = $1";

/// A user of whom nothing is written down has what a new user has.
fn subscription(rows: &[Row]) -> Result<Subscription> {
    let Some(row) = rows.first() else {
        return Ok(Subscription::first(0));
    };
    Ok(Subscription {
        plan: row.word(0)?,
        status: row.word(1)?,
        period_end: row.int_or_null(2)?,
        updated_at: row.int(3)?,
    })
}

impl Store {
    /// A user's subscription.
    pub async fn subscription(&self, user_id: &str) -> Result<Subscription> {
        subscription(&self.query(FIND, params![user_id]).await?)
    }
}

impl Tx {
    /// A user's subscription.
    pub async fn subscription(&mut self, user_id: &str) -> Result<Subscription> {
        subscription(&self.query(FIND, params![user_id]).await?)
    }

    /// Sets a user's subscription.
    pub async fn put_subscription(&mut self, user_id: &str, s: &Subscription) -> Result<()> {
        self.execute(
            "INSERT INTO subscriptions (user_id, plan, status, period_end, updated_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (user_id) DO UPDATE SET plan = excluded.plan, status = excluded.status,
                 period_end = excluded.period_end, updated_at = excluded.updated_at",
            params![user_id, s.plan.as_str(), s.status.as_str(), s.period_end, now()],
        )
        .await
        .map(drop)
    }
}
