//! Table `package_lists`: what npm put on servers.

use super::engine::{Store, Tx, params};
use crate::error::{Error, Kind, Result};
use crate::model::{Deployment, Packages};

impl Store {
    /// The packages of a deployment's agent.
    ///
    /// # Errors
    /// `not_found` if they were not noted.
    pub async fn packages(&self, deployment: &Deployment) -> Result<Packages> {
        let none = || {
            Error::new(Kind::NotFound, "it is not noted which packages the agent has")
                .hint("that is noted when the agent is installed: destroy the bot and deploy it again")
        };
        let sum = deployment.facts.agent.packages.as_ref().ok_or_else(none)?;
        let sql = "SELECT packages FROM package_lists WHERE sha256 = $1";
        let rows = self.query(sql, params![&sum.sha256]).await?;
        let text = rows.first().ok_or_else(none)?.text(0)?;
        serde_json::from_str(&text).map(Packages::new).map_err(|_| {
            Error::new(Kind::Store, "a list of packages cannot be read")
                .hint("it was written by another version: update clawdwako")
        })
    }
}

impl Tx {
    /// Keeps a list, if it is not there.
    pub async fn keep_packages(&mut self, packages: &Packages) -> Result<()> {
        self.execute(
            "INSERT INTO package_lists (sha256, packages) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING",
            params![&packages.sum().sha256, serde_json::to_string(packages)?],
        )
        .await
        .map(drop)
    }
}
