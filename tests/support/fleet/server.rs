//! What a played server is, and what is true of it.

use super::scripts;
use super::{Mishap, Shared};
use clawdwako::error::{Error, Kind, Result};
use clawdwako::openclaw::catalog::AGENT_VERSION;
use clawdwako::sandbox::hosts::HostSpec;
use russh::keys::{PrivateKey, PublicKey};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// A server with its disk and its agents.
pub struct Server {
    pub(super) shared: Arc<Shared>,
    authorized: PublicKey,
    host_key: Mutex<PrivateKey>,
    disk: Mutex<Disk>,
}

/// What scripts find and leave.
#[derive(Default)]
pub(super) struct Disk {
    pub prepared: bool,
    pub node: BTreeSet<String>,
    pub agents: BTreeSet<String>,
    pub bots: BTreeMap<String, Bot>,
}

/// One bot on a server.
#[derive(Default, Clone)]
pub(super) struct Bot {
    pub port: u16,
    pub version: Option<String>,
    pub files: Option<(serde_json::Value, serde_json::Value)>,
    pub unit: bool,
    /// The files that the running agent has read.
    pub running: Option<(serde_json::Value, serde_json::Value)>,
    pub starts: u32,
    /// Whether it ended by itself.
    pub crashed: bool,
}

impl Server {
    /// Reads the user data as cloud-init does.
    pub(super) fn boot(spec: &HostSpec, shared: Arc<Shared>) -> Result<Server> {
        let bad = || Error::new(Kind::Io, "the user data cannot be read");
        let text = spec.user_data.as_deref().ok_or_else(bad)?;
        let json = text.strip_prefix("#cloud-config\n").ok_or_else(bad)?;
        let data: serde_json::Value = serde_json::from_str(json).map_err(|_| bad())?;
        let host_key = data["ssh_keys"]["ed25519_private"].as_str().ok_or_else(bad)?;
        let authorized = data["users"][0]["ssh_authorized_keys"][0].as_str().ok_or_else(bad)?;
        Ok(Server {
            shared,
            authorized: PublicKey::from_openssh(authorized).map_err(|_| bad())?,
            host_key: Mutex::new(PrivateKey::from_openssh(host_key).map_err(|_| bad())?),
            disk: Mutex::default(),
        })
    }

    /// One whose only agent runs, with these files.
    pub(super) fn with_agent(
        authorized: PublicKey,
        host_key: PrivateKey,
        shared: Arc<Shared>,
        user: String,
        files: (serde_json::Value, serde_json::Value),
    ) -> Server {
        let bot = Bot {
            port: 18_789,
            version: Some(AGENT_VERSION.into()),
            files: Some(files.clone()),
            unit: true,
            running: Some(files),
            starts: 1,
            crashed: false,
        };
        let disk = Disk {
            prepared: true,
            bots: BTreeMap::from([(user, bot)]),
            ..Disk::default()
        };
        Server {
            shared,
            authorized,
            host_key: Mutex::new(host_key),
            disk: Mutex::new(disk),
        }
    }

    pub(super) fn knows(&self, key: &PublicKey) -> bool {
        key.key_data() == self.authorized.key_data()
    }

    pub(super) fn host_key(&self) -> PrivateKey {
        self.host_key.lock().unwrap().clone()
    }

    pub(super) fn set_host_key(&self, key: PrivateKey) {
        *self.host_key.lock().unwrap() = key;
    }

    pub(super) fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap()
    }

    /// Its agents end, and are not started again.
    pub fn crash(&self) {
        for bot in self.disk().bots.values_mut() {
            bot.running = None;
            bot.crashed = true;
        }
    }

    pub(super) fn power_off(&self) {
        self.disk().bots.clear();
    }

    pub(super) fn mishap(&self, text: &str) -> Option<Mishap> {
        self.mishap_at(scripts::name(text)?)
    }

    /// The same for what is no script: `model_turn`, when the agent is asked for one.
    pub(super) fn mishap_at(&self, name: &str) -> Option<Mishap> {
        self.shared.mishap.get().and_then(|ask| ask(name))
    }

    /// Does what a script does: its facts, or why it failed.
    pub(super) async fn run(&self, text: &str) -> std::result::Result<String, String> {
        scripts::run(self, text).await
    }

    /// The models of the agents that run here, by their Telegram tokens.
    pub fn running(&self) -> BTreeMap<String, String> {
        let disk = self.disk();
        let running = disk.bots.values().filter_map(|bot| bot.running.as_ref());
        running
            .map(|(config, secrets)| {
                let model = config["agents"]["defaults"]["model"]["primary"].as_str();
                let token = secrets["telegram"].as_str();
                (token.unwrap().to_owned(), model.unwrap().to_owned())
            })
            .collect()
    }
}
