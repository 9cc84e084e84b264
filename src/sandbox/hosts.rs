//! The machines behind the sandbox's clouds: each boots systemd as process 1 with its own sshd,
//! disk and address.

use crate::error::{Error, Kind, Result};

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

/// Ways to cut a machine off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Makes and ends machines.
pub enum Hosts {
    /// Only addresses, no machines: for tests of the APIs alone.
    Paper(std::sync::Mutex<u32>),
}

impl Hosts {
    /// Hosts that exist on paper only.
    pub fn paper() -> Self {
        Hosts::Paper(std::sync::Mutex::new(10))
    }

    /// Makes a machine and switches it on; answers as soon as it is starting.
    pub async fn create(&self, _spec: &HostSpec) -> Result<Host> {
        match self {
            Hosts::Paper(next) => {
                let mut next = next
                    .lock()
                    .map_err(|_| Error::new(Kind::Internal, "a lock is poisoned"))?;
                *next += 1;
                Ok(Host {
                    id: format!("p{next}"),
                    ipv4: format!("198.18.0.{next}"),
                })
            }
        }
    }

    /// Cuts the power (`true` is on).
    pub async fn power(&self, _id: &str, _on: bool) -> Result<()> {
        Ok(())
    }

    /// Reboots it the orderly way.
    pub async fn reboot(&self, _id: &str) -> Result<()> {
        Ok(())
    }

    /// Removes it with its disk and address.
    pub async fn delete(&self, _id: &str) -> Result<()> {
        Ok(())
    }

    /// Cuts its network or restores it.
    pub async fn network(&self, _id: &str, _how: Network) -> Result<()> {
        Ok(())
    }

    /// Whether it is switched on.
    pub async fn running(&self, _id: &str) -> bool {
        true
    }
}
