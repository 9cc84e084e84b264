//! Servers that do not boot: each is played in this process, by an SSH server on an address of
//! its own that knows our scripts by their text and does to its state what they do to a disk.
//! Real servers are what the tests in `e2e` have; these are for what needs hundreds.

mod envelope;
mod relay;
mod scripts;
mod server;
mod sshd;
mod standing;

pub use server::Server;
pub use standing::Standing;

use clawdwako::error::{Error, Kind, Result};
use clawdwako::http::Endpoints;
use clawdwako::sandbox::hosts::{Host, HostSpec, Paper};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

/// A server, and the task that lets people in.
type Served = (Arc<Server>, tokio::task::JoinHandle<()>);
/// Says what happens to a script of that name.
type Fate = Box<dyn Fn(&str) -> Option<Mishap> + Send + Sync>;

/// All servers of a test.
#[derive(Default)]
pub struct Fleet {
    servers: Mutex<BTreeMap<String, Served>>,
    made: AtomicU32,
    shared: Arc<Shared>,
}

/// What the servers share: the outside world, and the chance that something goes wrong.
#[derive(Default)]
pub struct Shared {
    endpoints: OnceLock<Endpoints>,
    mishap: OnceLock<Fate>,
}

/// What can happen to a script, whose name is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// The connection breaks before it begins.
    CutBefore,
    /// It is done, and the connection breaks before its end is told.
    CutAfter,
    /// It ends with an error and has done nothing.
    Fails,
    /// It is done a little later.
    Late(Duration),
    /// The model does not answer, and the agent says this.
    Stumbles(&'static str),
    /// The package that npm brought is another one than the registry's, and the script takes it.
    OtherPackage,
    /// Text, provider and model of the model's answer are this.
    Says(&'static str),
    /// The agent's gateway speaks another version of its protocol.
    Stranger,
    /// The agent is not connected to Telegram, and its gateway tells very much unasked.
    Floods,
}

impl Fleet {
    /// Where the agents find Telegram and the models; before the first server.
    pub fn outside(&self, endpoints: Endpoints) {
        assert!(self.shared.endpoints.set(endpoints).is_ok(), "told twice");
    }

    /// Asked before each script.
    pub fn mishaps(&self, mishap: impl Fn(&str) -> Option<Mishap> + Send + Sync + 'static) {
        assert!(self.shared.mishap.set(Box::new(mishap)).is_ok(), "told twice");
    }

    /// How many servers were made, those that are gone included.
    pub fn made(&self) -> u32 {
        self.made.load(Ordering::SeqCst)
    }

    /// The servers that are there.
    pub fn servers(&self) -> Vec<Arc<Server>> {
        let servers = self.servers.lock().unwrap();
        servers.values().map(|(server, _)| Arc::clone(server)).collect()
    }
}

/// The fleet as the sandbox's clouds see it.
pub struct Played(pub Arc<Fleet>);

impl Paper for Played {
    fn create(&self, spec: &HostSpec) -> Result<Host> {
        let n = self.0.made.fetch_add(1, Ordering::SeqCst) + 1;
        let id = format!("p{n}");
        let address = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 18, 0, 0)) + n);
        let refused = |e: &dyn std::fmt::Display| Error::new(Kind::Io, format!("{address}: {e}"));
        let server = Arc::new(Server::boot(spec, Arc::clone(&self.0.shared))?);
        let listener = std::net::TcpListener::bind((address, 22)).map_err(|e| refused(&e))?;
        listener.set_nonblocking(true).map_err(|e| refused(&e))?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(|e| refused(&e))?;
        let task = tokio::spawn(sshd::serve(listener, Arc::clone(&server)));
        self.0.servers.lock().unwrap().insert(id.clone(), (server, task));
        let ipv4 = address.to_string();
        Ok(Host { id, ipv4 })
    }

    fn delete(&self, id: &str) {
        if let Some((server, task)) = self.0.servers.lock().unwrap().remove(id) {
            server.power_off();
            task.abort();
        }
    }
}
