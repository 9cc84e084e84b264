//! Table `deployments`.

use super::engine::{Row, Store, Tx, params};
use super::jobs::Lease;
use crate::error::{Error, Kind, Result};
use crate::model::{Deployment, DeploymentStatus, Facts, Placement, ProviderKind, now};
use std::collections::HashMap;

pub(super) const COLUMNS: &str = "id, bot_id, provider, status, placement, facts, created_at, updated_at";

/// What a record says that this version cannot read.
pub(super) fn unreadable() -> Error {
    Error::new(Kind::Store, "a deployment's record cannot be read")
        .hint("it was written by another version: update clawdwako")
}

/// Reads a deployment whose columns begin at `at`.
pub(super) fn deployment_at(row: &Row, at: usize) -> Result<Deployment> {
    Ok(Deployment {
        id: row.text(at)?,
        bot_id: row.text(at + 1)?,
        provider: row.word(at + 2)?,
        status: row.word(at + 3)?,
        placement: serde_json::from_str(row.str(at + 4)?).map_err(|_| unreadable())?,
        facts: serde_json::from_str(row.str(at + 5)?).map_err(|_| unreadable())?,
        created_at: row.int(at + 6)?,
        updated_at: row.int(at + 7)?,
    })
}

fn deployment(row: &Row) -> Result<Deployment> {
    deployment_at(row, 0)
}

impl Store {
    /// One deployment.
    ///
    /// # Errors
    /// `not_found` if there is none.
    pub async fn deployment(&self, id: &str) -> Result<Deployment> {
        let sql = format!("SELECT {COLUMNS} FROM deployments WHERE id = $1");
        let rows = self.query(&sql, params![id]).await?;
        rows.first()
            .map(deployment)
            .unwrap_or_else(|| Err(Error::new(Kind::NotFound, format!("there is no deployment {id}"))))
    }

    /// Where a deployment is in its life; none if it is not known.
    pub async fn deployment_status(&self, id: &str) -> Result<Option<DeploymentStatus>> {
        let rows = self
            .query("SELECT status FROM deployments WHERE id = $1", params![id])
            .await?;
        rows.first().map(|r| r.word(0)).transpose()
    }

    /// The deployment of a bot.
    pub async fn deployment_of(&self, bot_id: &str) -> Result<Deployment> {
        let sql = format!("SELECT {COLUMNS} FROM deployments WHERE bot_id = $1");
        let rows = self.query(&sql, params![bot_id]).await?;
        rows.first()
            .map(deployment)
            .unwrap_or_else(|| Err(Error::new(Kind::Store, "a bot has no deployment")))
    }

    /// A user's deployments by the id of their bot.
    pub(super) async fn deployments_by_bot(&self, user_id: &str) -> Result<HashMap<String, Deployment>> {
        let sql = format!("SELECT {COLUMNS} FROM deployments WHERE bot_id IN (SELECT id FROM bots WHERE user_id = $1)");
        let rows = self.query(&sql, params![user_id]).await?;
        rows.iter()
            .map(|r| deployment(r).map(|d| (d.bot_id.clone(), d)))
            .collect()
    }
}

impl Tx {
    /// Changes what is asked of a deployment's server. It counts until the server is ordered.
    pub async fn change_placement(&mut self, id: &str, placement: &Placement) -> Result<()> {
        self.execute(
            "UPDATE deployments SET placement = $2 WHERE id = $1",
            params![id, serde_json::to_string(placement)?],
        )
        .await
        .map(drop)
    }

    /// Sets what is asked of a deployment's server, as long as nothing of it is made.
    ///
    /// # Errors
    /// `wrong_state` if it is past that.
    pub async fn set_placement(&mut self, id: &str, provider: ProviderKind, placement: &Placement) -> Result<()> {
        let changed = self
            .execute(
                "UPDATE deployments SET provider = $2, placement = $3, updated_at = $4 WHERE id = $1 AND status = 'pending'",
                params![id, provider.as_str(), serde_json::to_string(placement)?, now()],
            )
            .await?;
        match changed {
            1 => Ok(()),
            _ => Err(Error::new(Kind::State, "this deployment has begun already")
                .hint("destroy it to put the bot somewhere else")),
        }
    }

    /// Writes a new deployment down.
    pub async fn insert_deployment(&mut self, d: &Deployment) -> Result<()> {
        let sql = format!("INSERT INTO deployments ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
        let (placement, facts) = (serde_json::to_string(&d.placement)?, serde_json::to_string(&d.facts)?);
        let values = params![
            &d.id,
            &d.bot_id,
            d.provider.as_str(),
            d.status.as_str(),
            placement,
            facts,
            d.created_at,
            d.updated_at
        ];
        self.execute(&sql, values).await.map(drop)
    }

    /// Changes a deployment's status, if the table of legal changes allows it.
    ///
    /// # Errors
    /// `wrong_state` if it may not.
    pub async fn set_deployment_status(&mut self, id: &str, next: DeploymentStatus) -> Result<()> {
        let sql = format!("SELECT status FROM deployments WHERE id = $1{}", self.for_update());
        let rows = self.query(&sql, params![id]).await?;
        let current: DeploymentStatus = match rows.first() {
            Some(row) => row.word(0)?,
            None => return Err(Error::new(Kind::NotFound, format!("there is no deployment {id}"))),
        };
        if !current.may_become(next) {
            return Err(Error::new(
                Kind::State,
                format!("a deployment that is {current} cannot become {next}"),
            )
            .hint("`clawdwako status` shows how it is now"));
        }
        self.execute(
            "UPDATE deployments SET status = $2, updated_at = $3 WHERE id = $1",
            params![id, next.as_str(), now()],
        )
        .await
        .map(drop)
    }

    /// Saves what a step learnt, if the worker still holds its job.
    ///
    /// # Errors
    /// `busy` if another worker took the job over.
    pub async fn save_facts(&mut self, lease: &Lease, facts: &Facts) -> Result<()> {
        self.check_lease(lease).await?;
        self.execute(
            "UPDATE deployments SET facts = $2, updated_at = $3 WHERE id = $1",
            params![&lease.deployment_id, serde_json::to_string(facts)?, now()],
        )
        .await
        .map(drop)
    }
}
