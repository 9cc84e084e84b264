//! What is on disk about a server, and how to remove one by that alone.

use super::{Bridge, cgroup};
use crate::error::{Error, Kind, Result};
use crate::sandbox::shell::Shell;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long the kernel may take to let go of a disk.
const DISK_FREE: Duration = Duration::from_secs(30);
const RECORD: &str = "machine.json";

/// What tells, on disk, what a server is and what has to be removed with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// Its id; random, so that names made of it are nobody else's.
    pub id: String,
    /// Host name.
    pub hostname: String,
    /// Its address.
    pub ipv4: String,
    /// The image that it was made from.
    pub image: String,
    /// Memory limit in bytes.
    pub memory: u64,
    /// Its control groups.
    pub cgroups: Vec<PathBuf>,
}

impl Record {
    /// A record for a new server.
    ///
    /// # Errors
    /// `unsupported` without control groups.
    pub fn new(id: String, hostname: String, ipv4: String, image: String, memory: u64) -> Result<Self> {
        let cgroups = cgroup::folders(&id)?;
        Ok(Record {
            id,
            hostname,
            ipv4,
            image,
            memory,
            cgroups,
        })
    }

    /// Writes it into the server's folder.
    pub fn save(&self, folder: &Path) -> Result<()> {
        crate::sandbox::record::write(&folder.join(RECORD), self)
    }

    /// A script about its cable.
    pub fn cable(&self, name: &'static str, body: &'static str) -> Shell {
        Shell::new(name, body)
            .var("NETNS", self.netns())
            .var("VETH", format!("cw-{}", self.id))
    }

    /// The name of its network namespace.
    pub fn netns(&self) -> String {
        format!("clawdwako-{}", self.id)
    }
}

/// Removes a server that nobody manages (any more), by its record: processes, cable, folder.
///
/// # Errors
/// `io` or `timeout` if something stays; trying again goes on.
pub async fn purge(folder: &Path) -> Result<()> {
    if let Some(record) = crate::sandbox::record::read::<Record>(&folder.join(RECORD))? {
        cgroup::end(&record.cgroups).await?;
        record
            .cable("cable-out", include_str!("../../../assets/sandbox/cable-out.sh"))
            .run()
            .await?;
        disk_free(&folder.join("disk.img")).await?;
    }
    match std::fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::new(Kind::Io, format!("cannot remove {}", folder.display())).because(e))
        }
        _ => Ok(()),
    }
}

/// Gives a server its cable in a network.
pub async fn plug(record: &Record, network: &Bridge) -> Result<()> {
    record
        .cable("cable-in", include_str!("../../../assets/sandbox/cable-in.sh"))
        .var("BRIDGE", &network.bridge)
        .var("NET", &network.net)
        .var("IP", &record.ipv4)
        .run()
        .await
        .map(drop)
}

/// Waits until no loop device holds a disk: the kernel lets go a little after the last process.
///
/// # Errors
/// `timeout` if it does not.
pub async fn disk_free(disk: &Path) -> Result<()> {
    let start = Instant::now();
    while is_attached(disk) {
        if start.elapsed() > DISK_FREE {
            return Err(Error::new(
                Kind::Timeout,
                format!("the kernel does not let go of {}", disk.display()),
            ));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

fn is_attached(disk: &Path) -> bool {
    let devices = std::fs::read_dir("/sys/block").into_iter().flatten().flatten();
    devices
        .filter_map(|d| std::fs::read_to_string(d.path().join("loop/backing_file")).ok())
        .any(|f| Path::new(f.trim_end_matches('\n').trim_end_matches(" (deleted)")) == disk)
}
