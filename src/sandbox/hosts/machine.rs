//! One server: the loop that boots it, again when it reboots, until the power
//! is cut or it switches itself off.

use super::cgroup;
use super::record::{Record, disk_free};
use crate::error::{Error, Kind, Result};
use crate::sandbox::shell::Shell;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::process::Command;
use tokio::sync::{Mutex, watch};

/// systemd-nspawn's exit code when the server inside reboots.
const REBOOTED: i32 = 133;
/// A server that reboots so many times within a second each is broken: it stays off.
const QUICK_REBOOTS: u32 = 5;
/// How long a power cut may take.
const POWER_CUT: Duration = Duration::from_secs(30);
/// How long an orderly end may take before the power is cut: longer than systemd gives a unit.
const ORDERLY: Duration = Duration::from_secs(100);
/// How long a boot may take until the server's image is laid out on its disk.
const LAID_OUT: Duration = Duration::from_secs(20);

/// Whether a server is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// Off.
    Off,
    /// Between off and on.
    Starting,
    /// On; the number of the process that holds it.
    On(i32),
}

/// A server that this process manages.
pub struct Machine {
    /// What is on disk about it.
    pub record: Record,
    /// Its folder.
    pub folder: PathBuf,
    /// Image folders for overlayfs.
    lower: String,
    /// `false` is the fault: its power is on, and nothing more happens.
    boots: bool,
    wanted: AtomicBool,
    power: watch::Sender<Power>,
    /// One switch at a time.
    switch: Mutex<()>,
}

impl Machine {
    /// A server that is off.
    pub fn new(record: Record, folder: PathBuf, lower: String, boots: bool) -> Arc<Self> {
        let (wanted, power, switch) = (AtomicBool::new(false), watch::Sender::new(Power::Off), Mutex::new(()));
        Arc::new(Machine {
            record,
            folder,
            lower,
            boots,
            wanted,
            power,
            switch,
        })
    }

    /// Whether it is on.
    pub fn power(&self) -> Power {
        *self.power.borrow()
    }

    /// Switches it on; answers as soon as it is starting. On already is well.
    pub async fn switch_on(self: &Arc<Self>) {
        let _one = self.switch.lock().await;
        if self.power() == Power::Off {
            self.wanted.store(true, Ordering::SeqCst);
            self.power.send_replace(Power::Starting);
            tokio::spawn(Arc::clone(self).keep_booted());
        }
    }

    /// Cuts the power; off already is well.
    ///
    /// # Errors
    /// `timeout` if its processes do not die.
    pub async fn switch_off(&self) -> Result<()> {
        let _one = self.switch.lock().await;
        self.wanted.store(false, Ordering::SeqCst);
        let mut power = self.power.subscribe();
        let start = Instant::now();
        while self.power() != Power::Off {
            cgroup::end(&self.record.cgroups).await?;
            // A boot that was just beginning enters its groups a moment later: then once more.
            let _ = tokio::time::timeout(Duration::from_millis(20), power.wait_for(|p| *p == Power::Off)).await;
            if start.elapsed() > POWER_CUT {
                return Err(Error::new(
                    Kind::Timeout,
                    format!("server {} does not switch off", self.record.id),
                ));
            }
        }
        Ok(())
    }

    /// Reboots it the orderly way, or by the power switch if it does not listen; answers once
    /// the old boot has ended and the new one is starting.
    ///
    /// # Errors
    /// `wrong_state` if it is off.
    pub async fn reboot(self: &Arc<Self>) -> Result<()> {
        let Power::On(pid) = self.power() else {
            return Err(self.off());
        };
        let mut power = self.power.subscribe();
        let asked = match child_of(pid) {
            Some(leader) => Shell::new("reboot", "kill -s RTMIN+5 $LEADER")
                .var("LEADER", leader.to_string())
                .run()
                .await
                .is_ok(),
            None => false,
        };
        let gone = power.wait_for(|p| *p != Power::On(pid));
        if !asked || tokio::time::timeout(ORDERLY, gone).await.is_err() {
            self.switch_off().await?;
        }
        self.switch_on().await;
        Ok(())
    }

    /// Runs a script in the mount namespace where its disk can be seen, once the image is laid out
    /// on it: before that the script would meet this machine's own disk, or spoil the image.
    ///
    /// # Errors
    /// `wrong_state` if it is off; `timeout` if its disk does not come; `io` if the script fails.
    pub async fn at_disk(&self, name: &'static str, body: &'static str) -> Result<()> {
        let pid = self.laid_out().await?.to_string();
        let script = Shell::wrapped(name, &["nsenter", "--mount", "--target", &pid, "--"], body);
        script.var("DIR", &self.folder).run().await.map(drop)
    }

    /// The process whose mounts show the disk, with the image laid out on it.
    async fn laid_out(&self) -> Result<i32> {
        let start = Instant::now();
        // What is in its disk when the image is on it, and what is to be seen once it is mounted.
        let marks = ["fs/prepared", "root/etc"].map(|name| self.folder.join(name));
        loop {
            // Through the eyes of that process: its root is this machine's, its mounts are its own.
            if let Power::On(pid) = self.power()
                && marks
                    .iter()
                    .all(|mark| Path::new(&format!("/proc/{pid}/root{}", mark.display())).exists())
            {
                return Ok(pid);
            }
            if self.power() == Power::Off {
                return Err(self.off());
            }
            if start.elapsed() > LAID_OUT {
                let what = format!("server {} has no disk after {} s", self.record.id, LAID_OUT.as_secs());
                return Err(Error::new(Kind::Timeout, what).hint("is it a server that never boots?"));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The process whose mounts show the disk.
    pub fn holder(&self) -> Result<i32> {
        match self.power() {
            Power::On(pid) => Ok(pid),
            _ => Err(self.off()),
        }
    }

    fn off(&self) -> Error {
        Error::new(Kind::State, format!("server {} is off", self.record.id)).hint("switch it on first")
    }

    /// The last lines that it wrote to its console.
    pub fn console_tail(&self) -> String {
        let text = std::fs::read(self.folder.join("console.log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(5)..].join("\n")
    }

    async fn keep_booted(self: Arc<Self>) {
        let mut quick = 0;
        while self.wanted.load(Ordering::SeqCst) {
            let start = Instant::now();
            let ended = self.boot_once().await;
            quick = if start.elapsed() < Duration::from_secs(1) {
                quick + 1
            } else {
                0
            };
            match ended {
                Ok(Some(REBOOTED)) if quick < QUICK_REBOOTS => {}
                Ok(_) => break,
                Err(e) => {
                    if let Ok(mut console) = self.console() {
                        let _ = writeln!(console, "the server could not be booted: {e}");
                    }
                    break;
                }
            }
        }
        self.power.send_replace(Power::Off);
    }

    /// Boots it and waits for its end; answers nspawn's exit code.
    async fn boot_once(&self) -> Result<Option<i32>> {
        let record = &self.record;
        // A new systemd may trip over the groups of the last boot.
        cgroup::end(&record.cgroups).await?;
        // Two mounts of one disk would destroy it.
        disk_free(&self.folder.join("disk.img")).await?;
        if !self.wanted.load(Ordering::SeqCst) {
            return Ok(None);
        }
        cgroup::make(&record.cgroups, record.memory)?;
        let console = self.console()?;
        let body = if self.boots {
            include_str!("../../../assets/sandbox/boot.sh")
        } else {
            "exec sleep infinity"
        };
        let mut child = Command::new("bash")
            .args([
                "-euo",
                "pipefail",
                "-c",
                include_str!("../../../assets/sandbox/enter.sh"),
                "enter",
            ])
            .args(&record.cgroups)
            .env("BODY", body)
            .env("DIR", &self.folder)
            .env("ID", &record.id)
            .env("NAME", &record.hostname)
            .env("LOWER", &self.lower)
            .env("NETNS", record.netns())
            .stdin(Stdio::null())
            .stdout(console.try_clone()?)
            .stderr(console)
            .process_group(0) // a Ctrl-C on our terminal is not the server's
            .spawn()?;
        if let Some(pid) = child.id().and_then(|p| i32::try_from(p).ok()) {
            self.power.send_replace(Power::On(pid));
        }
        let status = child.wait().await?;
        cgroup::end(&record.cgroups).await?;
        Ok(status.code())
    }

    fn console(&self) -> Result<File> {
        Ok(OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.join("console.log"))?)
    }
}

/// The process that another one started: systemd, for nspawn.
fn child_of(parent: i32) -> Option<i32> {
    let numbers = std::fs::read_dir("/proc")
        .ok()?
        .flatten()
        .filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok());
    let parent = parent.to_string();
    let mut children = numbers.filter(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(')')
            .and_then(|(_, rest)| rest.split_whitespace().nth(1))
            == Some(parent.as_str())
    });
    children.next()
}
