//! What a deployment's steps have made and learnt, kept with the deployment.

use super::{Millis, PackagesSum};
use serde::{Deserialize, Serialize};

/// Everything that a later step, `resume` or `destroy` needs to know. Only grows: a field is
/// set by the one step that learns it, and saved together with that step's end.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// Our public key for this deployment, as one OpenSSH line.
    pub ssh_public_key: Option<String>,
    /// The provider's id of our public key.
    pub ssh_key_id: Option<String>,
    /// The provider's id of our firewall.
    pub firewall_id: Option<String>,
    /// The provider's id of the server.
    pub instance_id: Option<String>,
    /// The provider's id of the action that makes the server.
    pub action_id: Option<String>,
    /// The server's type, as the provider names it.
    pub size: Option<String>,
    /// Where it stands, as the provider names it.
    pub region: Option<String>,
    /// What it costs a month, net, in `currency`.
    pub price_month: Option<f64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// Memory in MiB.
    pub memory_mb: Option<i64>,
    /// Public IPv4 address.
    pub ipv4: Option<String>,
    /// Public IPv6 address.
    pub ipv6: Option<String>,
    /// Where SSH is reached.
    pub ssh: Option<SshTarget>,
    /// The host key that is pinned now, as one OpenSSH line.
    pub host_key: Option<String>,
    /// The host key that will be pinned once the one-time key is rotated away.
    pub next_host_key: Option<String>,
    /// Swap in MiB that was set up, or why there is none.
    pub swap: Option<String>,
    /// The agent.
    pub agent: AgentFacts,
    /// When a destroy deleted the server.
    pub server_deleted_at: Option<Millis>,
    /// When the agent was last proved to answer.
    pub answered_at: Option<Millis>,
}

/// Where and as whom SSH reaches a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshTarget {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The user; root, or one that may `sudo` without a password.
    pub user: String,
}

/// What is known of the agent on the server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentFacts {
    /// The system user that it runs as.
    pub user: Option<String>,
    /// The loopback port of its gateway.
    pub port: Option<u16>,
    /// Its version.
    pub version: Option<String>,
    /// The registry's integrity value of that version (`sha512-…`).
    pub integrity: Option<String>,
    /// What npm put there: the list itself is in the store.
    pub packages: Option<PackagesSum>,
    /// Node's version, without `v`.
    pub node: Option<String>,
    /// SHA-256 of Node's archive.
    pub node_sha256: Option<String>,
    /// Number of the process that was proved to answer.
    pub pid: Option<u32>,
}
