//! Durable work.

use super::{Millis, words};
use serde::Serialize;

/// The six kinds of work, in the order in which a deployment needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Checks everything, then rents the server and reaches it.
    ProvisionServer,
    /// Makes the server ready: updates, users, firewall, Node.
    InstallDependencies,
    /// Installs the agent.
    DeployOpenclaw,
    /// Writes its configuration and secrets.
    ConfigureBot,
    /// Starts it and proves that it answers.
    StartBot,
    /// Takes everything down.
    DestroyServer,
}

words!(JobKind {
    ProvisionServer = "provision_server",
    InstallDependencies = "install_dependencies",
    DeployOpenclaw = "deploy_openclaw",
    ConfigureBot = "configure_bot",
    StartBot = "start_bot",
    DestroyServer = "destroy_server",
});

/// Where a job is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobStatus {
    /// Waits for its turn, for `run_after`, or for a worker.
    Queued,
    /// A worker holds its lease.
    Running,
    /// Ended well.
    Done,
    /// Failed for good; a `resume` puts it back.
    Failed,
    /// No longer wanted.
    Cancelled,
}

words!(JobStatus {
    Queued = "queued",
    Running = "running",
    Done = "done",
    Failed = "failed",
    Cancelled = "cancelled",
});

/// One piece of durable work of a deployment.
#[derive(Debug, Clone, Serialize)]
pub struct Job {
    /// Our id.
    pub id: String,
    /// Whose work it is.
    pub deployment_id: String,
    /// Which of the six.
    pub kind: JobKind,
    /// Its place in the deployment's order.
    pub position: i64,
    /// Where it is in its life.
    pub status: JobStatus,
    /// How often it was claimed.
    pub attempts: i64,
    /// How often it may be claimed.
    pub max_attempts: i64,
    /// The number that every write of its worker must carry; grows with each claim.
    pub fence: i64,
    /// When the lease ends, if a worker holds it.
    pub lease_until: Option<Millis>,
    /// Not before this moment.
    pub run_after: Millis,
    /// Why it failed last; free of secrets.
    pub failure: Option<String>,
}
