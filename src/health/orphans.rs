//! What carries our label at a provider, and no bot lives on: it may cost money.
//!
//! Everything is written down before it is made, so what the store does not know was made by
//! somebody else with the same account: another control server, or a terminal. That is only ever
//! told. Removed is, if the operator wants it, what this store knows to be destroyed.

use crate::error::Result;
use crate::model::DeploymentStatus;
use crate::provider::{Provider, Resource};
use crate::store::Store;

/// Whose the operator's accounts are.
pub const OPERATOR: &str = "operator";

/// An account at a provider.
#[derive(Debug, Clone)]
pub struct Account {
    /// Whose it is, for the log: the operator's, or a user's id.
    pub whose: String,
    /// The provider, with its token.
    pub provider: Provider,
}

/// Something that no bot lives on.
#[derive(Debug, Clone)]
pub struct Orphan {
    /// What it is.
    pub resource: Resource,
    /// Whether the store knows that its deployment is destroyed; if not, it knows nothing of it.
    pub destroyed_here: bool,
}

/// Compares what an account has with what the store knows.
pub async fn orphans(store: &Store, account: &Account) -> Result<Vec<Orphan>> {
    let resources = account.provider.resources(None).await?;
    // After the cloud: what a deployment made meanwhile was written down before it was made.
    let mut found = Vec::new();
    for resource in resources {
        let status = store.deployment_status(&resource.deployment_id).await?;
        let destroyed_here = match status {
            None => false,
            Some(DeploymentStatus::Destroyed) => true,
            Some(_) => continue,
        };
        found.push(Orphan {
            resource,
            destroyed_here,
        });
    }
    // Servers first: a firewall or key may be in use until its server is gone.
    found.sort_by_key(|o| (o.resource.kind as u8, o.resource.name.clone()));
    Ok(found)
}

/// Deletes the orphans that the store knows to be destroyed; answers those that are left.
pub async fn remove(account: &Account, found: Vec<Orphan>) -> Result<Vec<Orphan>> {
    let mut left = Vec::new();
    for orphan in found {
        if orphan.destroyed_here {
            account.provider.delete(&orphan.resource).await?;
            tracing::warn!(
                whose = account.whose,
                provider = account.provider.kind().as_str(),
                name = orphan.resource.name,
                deployment = orphan.resource.deployment_id,
                "an orphan was removed"
            );
        } else {
            left.push(orphan);
        }
    }
    Ok(left)
}
