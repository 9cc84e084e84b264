//! The server that a bot lives on.

use super::{Facts, Millis, Placement, words};
use serde::Serialize;

/// Where servers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProviderKind {
    /// Hetzner Cloud.
    Hetzner,
    /// DigitalOcean.
    DigitalOcean,
    /// Any server that the user reaches by SSH.
    Existing,
}

words!(ProviderKind { Hetzner = "hetzner", DigitalOcean = "digitalocean", Existing = "existing" });

/// Where a deployment is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeploymentStatus {
    /// Written down, nothing made yet.
    Pending,
    /// Its jobs are running or waiting.
    Deploying,
    /// The agent runs on it, and answered.
    Active,
    /// The agent was stopped; the server still costs money.
    Stopped,
    /// A job failed for good, or a stop was begun and did not end; what was made is still there.
    Failed,
    /// Being taken down.
    Destroying,
    /// An undo failed: something may be left at the provider.
    Stuck,
    /// Everything that it had is gone.
    Destroyed,
}

words!(DeploymentStatus {
    Pending = "pending",
    Deploying = "deploying",
    Active = "active",
    Stopped = "stopped",
    Failed = "failed",
    Destroying = "destroying",
    Stuck = "stuck",
    Destroyed = "destroyed",
});

impl DeploymentStatus {
    /// Whether `next` may follow.
    pub fn may_become(self, next: DeploymentStatus) -> bool {
        use DeploymentStatus::*;
        match (self, next) {
            (a, b) if a == b => true,
            (Destroyed, _) => false,
            (_, Pending) => false,
            (Destroying, Stuck | Destroyed) => true,
            (Destroying, _) => false,
            (Stuck, Destroying | Destroyed) => true,
            (Stuck, _) => false,
            (Pending, Active | Stopped | Stuck | Destroyed) => false,
            (Active | Stopped | Failed | Deploying, Destroyed) => false,
            _ => true,
        }
    }
}

/// The server that a bot lives on, and all that is known of it. Private keys are not here:
/// they are sealed in the store.
#[derive(Debug, Clone, Serialize)]
pub struct Deployment {
    /// Our id, made before anything is bought; the provider's label carries it.
    pub id: String,
    /// The bot that lives on it.
    pub bot_id: String,
    /// Where the server comes from.
    pub provider: ProviderKind,
    /// Where it is in its life.
    pub status: DeploymentStatus,
    /// What was asked for.
    pub placement: Placement,
    /// What the steps have made and learnt.
    pub facts: Facts,
    /// When it was written down.
    pub created_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
}
