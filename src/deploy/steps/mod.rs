//! The steps, in order. This table is the whole of a deployment: read it first.
//!
//! A step can be run twice with the same result: it looks before it makes. What is made at a
//! provider carries the deployment's label, and the steps of `destroy_server` find it by that.

mod agent;
mod check;
mod cloud;
mod gate;
mod system;
mod teardown;

use super::Cx;
use crate::error::Result;
use crate::model::{JobKind, ProviderKind};

pub(super) use cloud::offer_filter;

/// Declares the steps: variant, name, title, job, what it waits for, whether only rented
/// servers need it, and the function that does it.
macro_rules! steps {
    ($($variant:ident $name:literal, $title:literal, $job:ident, $waits:expr, $rented:literal, $run:path;)+) => {
        /// A named, repeatable part of a job.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Step { $(#[doc = $title] $variant),+ }

        impl Step {
            /// All steps, in the order in which a deployment needs them, then those of its end.
            pub const ALL: &'static [Step] = &[$(Step::$variant),+];

            /// The name in the store, in events and in JSON.
            pub const fn name(self) -> &'static str {
                match self { $(Step::$variant => $name),+ }
            }

            /// What people read.
            pub const fn title(self) -> &'static str {
                match self { $(Step::$variant => $title),+ }
            }

            /// The job that it is part of.
            pub const fn job(self) -> JobKind {
                match self { $(Step::$variant => JobKind::$job),+ }
            }

            /// What its time is spent on, if that is not our own: `cloud`, `download` or `agent`.
            pub const fn waits_for(self) -> Option<&'static str> {
                match self { $(Step::$variant => $waits),+ }
            }

            /// Whether deployments of a provider need it.
            pub fn applies(self, provider: ProviderKind) -> bool {
                let rented_only = match self { $(Step::$variant => $rented),+ };
                !rented_only || provider != ProviderKind::Existing
            }

            /// Does it.
            pub(super) async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
                match self { $(Step::$variant => $run(cx).await),+ }
            }
        }
    };
}

const OWN: Option<&str> = None;
const CLOUD: Option<&str> = Some("cloud");
const DOWNLOAD: Option<&str> = Some("download");
const AGENT: Option<&str> = Some("agent");

steps! {
    CheckTelegram "check_telegram", "Check the Telegram token", ProvisionServer, OWN, false, check::telegram;
    CheckModel "check_model", "Check the model key", ProvisionServer, OWN, false, check::model;
    CheckAccount "check_account", "Check the cloud account", ProvisionServer, OWN, true, check::account;
    MakeKeys "make_keys", "Make the SSH keys", ProvisionServer, OWN, true, cloud::make_keys;
    CreateSshKey "create_ssh_key", "Create the SSH key", ProvisionServer, OWN, true, cloud::create_ssh_key;
    CreateFirewall "create_firewall", "Create the firewall", ProvisionServer, OWN, true, cloud::create_firewall;
    CreateServer "create_server", "Create the server", ProvisionServer, CLOUD, true, cloud::create_server;
    WaitServer "wait_server", "Wait for the server", ProvisionServer, CLOUD, true, cloud::wait_server;
    Connect "connect", "Connect by SSH", ProvisionServer, CLOUD, false, cloud::connect;
    RotateHostKey "rotate_host_key", "Replace the one-time host key", ProvisionServer, OWN, true, cloud::rotate_host_key;
    WaitCloudInit "wait_cloud_init", "Wait for the first boot to end", InstallDependencies, CLOUD, true, system::wait_cloud_init;
    PrepareSystem "prepare_system", "Update and secure the system", InstallDependencies, DOWNLOAD, false, system::prepare;
    CreateUser "create_user", "Create the agent's user", InstallDependencies, OWN, false, system::create_user;
    InstallNode "install_node", "Install Node", InstallDependencies, DOWNLOAD, false, system::install_node;
    ResolveAgent "resolve_agent", "Look the agent's version up", DeployOpenclaw, DOWNLOAD, false, agent::resolve;
    InstallAgent "install_agent", "Install the agent", DeployOpenclaw, DOWNLOAD, false, agent::install;
    SelectAgent "select_agent", "Switch to the version", DeployOpenclaw, OWN, false, agent::select;
    Configure "configure", "Write the configuration", ConfigureBot, AGENT, false, agent::configure;
    StartAgent "start_agent", "Start the agent", StartBot, AGENT, false, agent::start;
    GateReady "gate_ready", "Wait until it is connected", StartBot, AGENT, false, gate::ready;
    GateAnswer "gate_answer", "Make it answer", StartBot, AGENT, false, gate::answer;
    StopAgent "stop_agent", "Stop the agent", DestroyServer, AGENT, false, teardown::stop_agent;
    RemoveWebhook "remove_webhook", "Remove the webhook", DestroyServer, OWN, false, teardown::remove_webhook;
    DeleteServer "delete_server", "Delete the server", DestroyServer, CLOUD, true, teardown::delete_server;
    DeleteAddresses "delete_addresses", "Delete left-over addresses", DestroyServer, CLOUD, true, teardown::delete_addresses;
    DeleteFirewall "delete_firewall", "Delete the firewall", DestroyServer, CLOUD, true, teardown::delete_firewall;
    DeleteSshKey "delete_ssh_key", "Delete the SSH key", DestroyServer, CLOUD, true, teardown::delete_ssh_key;
    CheckGone "check_gone", "Check that nothing is left", DestroyServer, CLOUD, true, teardown::check_gone;
}

impl Step {
    /// The steps of a job, in order.
    pub fn of(job: JobKind) -> &'static [Step] {
        let start = Step::ALL.iter().position(|s| s.job() == job).unwrap_or(0);
        let length = Step::ALL[start..].iter().take_while(|s| s.job() == job).count();
        &Step::ALL[start..start + length]
    }

    /// The step of a name.
    pub fn by_name(name: &str) -> Option<Step> {
        Step::ALL.iter().copied().find(|s| s.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_jobs_and_every_job_has_its_steps() {
        let joined: Vec<Step> = JobKind::ALL.iter().flat_map(|&j| Step::of(j).to_vec()).collect();
        assert_eq!(joined, Step::ALL);
        assert!(JobKind::ALL.iter().all(|&j| !Step::of(j).is_empty()));
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = Step::ALL.iter().map(|s| s.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Step::ALL.len());
    }
}
