//! The machines behind the sandbox's clouds: each boots systemd as process 1 with its own sshd,
//! disk and address.

mod cgroup;
mod machine;
mod real;
mod record;

use super::cache::Cache;
use super::net::Network as Bridge;
use crate::error::{Error, Kind, Result};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub use real::clear;

/// What a machine is made from.
#[derive(Debug, Clone, Default)]
pub struct HostSpec {
    /// Host name.
    pub hostname: String,
    /// Memory limit in MiB.
    pub memory_mb: i64,
    /// Disk size in GB.
    pub disk_gb: i64,
    /// cloud-init user data; without it cloud-init does not run.
    pub user_data: Option<String>,
    /// Public keys for root, when there is no user data.
    pub authorized_keys: Vec<String>,
    /// `golden` for the image with Node and the agent; anything else is the plain base.
    pub image: String,
}

/// A machine that was made.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Host {
    /// Short id (at most 10 lower-case letters and digits).
    pub id: String,
    /// Its address, reachable from this machine.
    pub ipv4: String,
}

/// A machine as it is now.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct HostStatus {
    /// Its id.
    pub id: String,
    /// Host name.
    pub hostname: String,
    /// Its address.
    pub ipv4: String,
    /// The image that it was made from.
    pub image: String,
    /// Memory limit in MiB.
    pub memory_mb: u64,
    /// Whether it is switched on.
    pub running: bool,
}

/// Ways to cut a machine off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// As it should be.
    Restore,
    /// Packets vanish.
    Blackhole,
    /// Connections are reset.
    Reset,
    /// The cable is out.
    Unplug,
}

impl Network {
    /// The word for it.
    fn word(self) -> &'static str {
        match self {
            Network::Restore => "restore",
            Network::Blackhole => "blackhole",
            Network::Reset => "reset",
            Network::Unplug => "unplug",
        }
    }
}

/// Who answers for hosts that do not boot.
pub trait Paper: Send + Sync {
    /// A machine is wanted; answers at once.
    ///
    /// # Errors
    /// What the cloud's action ends with.
    fn create(&self, spec: &HostSpec) -> Result<Host>;

    /// A machine is gone.
    fn delete(&self, id: &str);
}

/// Addresses of the range for benchmarks, one after the other.
struct Addresses(AtomicU32);

impl Paper for Addresses {
    fn create(&self, _spec: &HostSpec) -> Result<Host> {
        let n = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(Host {
            id: format!("p{n}"),
            ipv4: format!("198.18.{}.{}", n / 256, n % 256),
        })
    }

    fn delete(&self, _id: &str) {}
}

/// Makes and ends machines.
pub enum Hosts {
    /// No machines: for tests of the APIs alone, and for more servers than a machine can boot.
    Paper(Box<dyn Paper>),
    /// Real machines.
    Real(Box<real::Real>),
}

impl Hosts {
    /// Hosts that exist on paper only: addresses where nobody answers.
    pub fn paper() -> Self {
        Hosts::played(Addresses(AtomicU32::new(10)))
    }

    /// Hosts that somebody else plays.
    pub fn played(by: impl Paper + 'static) -> Self {
        Hosts::Paper(Box::new(by))
    }

    /// Real machines, in a network of their own. What a dead sandbox left in `dir` is removed
    /// first. The base image is built if it is not in the cache. Nobody else may use `dir`.
    ///
    /// # Errors
    /// `unavailable` if no range of addresses is free; `io` if the kernel or the builder refuses.
    pub async fn real(dir: &Path, cache: &Cache) -> Result<Self> {
        Ok(Hosts::Real(Box::new(real::Real::start(dir, cache).await?)))
    }

    /// Makes a machine and switches it on; answers as soon as it is starting.
    ///
    /// # Errors
    /// `usage` for a bad host name; `quota` without a free address; `not_found` without a golden image.
    pub async fn create(&self, spec: &HostSpec) -> Result<Host> {
        match self {
            Hosts::Real(real) => real.create(spec).await,
            Hosts::Paper(paper) => paper.create(spec),
        }
    }

    /// Switches it on, or cuts its power (`true` is on).
    ///
    /// # Errors
    /// `not_found`; `timeout` if it does not end.
    pub async fn power(&self, id: &str, on: bool) -> Result<()> {
        let Hosts::Real(real) = self else { return Ok(()) };
        let machine = real.machine(id)?;
        if on {
            machine.switch_on().await;
            return Ok(());
        }
        machine.switch_off().await
    }

    /// Reboots it the orderly way, by the power switch if it does not listen; answers once the
    /// old boot has ended.
    ///
    /// # Errors
    /// `not_found`; `wrong_state` if it is off.
    pub async fn reboot(&self, id: &str) -> Result<()> {
        match self {
            Hosts::Real(real) => real.machine(id)?.reboot().await,
            Hosts::Paper(_) => Ok(()),
        }
    }

    /// Removes it with its disk and address. Gone already is well.
    ///
    /// # Errors
    /// `io` or `timeout` if something of it stays; trying again goes on.
    pub async fn delete(&self, id: &str) -> Result<()> {
        match self {
            Hosts::Real(real) => real.delete(id).await,
            Hosts::Paper(paper) => {
                paper.delete(id);
                Ok(())
            }
        }
    }

    /// Cuts its network or restores it; a power cut does not change it.
    ///
    /// # Errors
    /// `not_found`; `io` if the kernel refuses.
    pub async fn network(&self, id: &str, how: Network) -> Result<()> {
        match self {
            Hosts::Real(real) => real.network(id, how).await,
            Hosts::Paper(_) => Ok(()),
        }
    }

    /// Whether it is switched on.
    pub async fn running(&self, id: &str) -> bool {
        match self {
            Hosts::Real(real) => real.machine(id).is_ok_and(|m| m.power() != machine::Power::Off),
            Hosts::Paper(_) => true,
        }
    }

    /// Fills its disk to the last block, or frees what was filled. The server sees no file of it.
    /// One that is only about to boot is waited for.
    ///
    /// # Errors
    /// `not_found`; `wrong_state` if it is off; `timeout` if it never boots.
    pub async fn fill_disk(&self, id: &str, full: bool) -> Result<()> {
        let machine = self.machines()?.machine(id)?;
        if full {
            return machine
                .at_disk("disk-fill", include_str!("../../../assets/sandbox/disk-fill.sh"))
                .await;
        }
        machine
            .at_disk("disk-free", "rm -f \"$DIR/fs/fill\" \"$DIR/fs/fill-rest\"")
            .await
    }

    /// Lets the next so many machines never boot: switched on, and nothing answers.
    ///
    /// # Errors
    /// `unsupported` on paper.
    pub fn never_boot(&self, times: u32) -> Result<()> {
        self.machines()?.never_boot.store(times, Ordering::SeqCst);
        Ok(())
    }

    /// Waits until its SSH answers.
    ///
    /// # Errors
    /// `wrong_state` if it is off; `timeout` with the last lines of its console.
    pub async fn wait_ssh(&self, id: &str, deadline: Duration) -> Result<()> {
        self.machines()?.wait_ssh(id, deadline).await
    }

    /// Its public host key, one OpenSSH line, if it was made without user data.
    ///
    /// # Errors
    /// `not_found` if it was made with user data.
    pub fn host_key(&self, id: &str) -> Result<String> {
        self.machines()?.host_key(id)
    }

    /// Keeps Node and the agent of a running machine for `HostSpec::image` `golden`; answers
    /// the folder.
    ///
    /// # Errors
    /// `not_found`; `wrong_state` if it is off; `io` if it has no agent.
    pub async fn keep_golden(&self, id: &str) -> Result<PathBuf> {
        self.machines()?.keep_golden(id).await
    }

    /// All machines.
    pub fn list(&self) -> Vec<HostStatus> {
        match self {
            Hosts::Real(real) => real.list(),
            Hosts::Paper(_) => Vec::new(),
        }
    }

    /// This machine's address as the machines reach it.
    ///
    /// # Errors
    /// `unsupported` on paper.
    pub fn gateway(&self) -> Result<std::net::Ipv4Addr> {
        self.machines()?.network.gateway()
    }

    /// Removes all machines and their network.
    ///
    /// # Errors
    /// `io` or `timeout` if something stays; [`clear`] goes on.
    pub async fn end(&self) -> Result<()> {
        match self {
            Hosts::Real(real) => real.end().await,
            Hosts::Paper(_) => Ok(()),
        }
    }

    fn machines(&self) -> Result<&real::Real> {
        match self {
            Hosts::Real(real) => Ok(real),
            Hosts::Paper(_) => Err(Error::new(Kind::Unsupported, "these servers are on paper only")),
        }
    }
}
