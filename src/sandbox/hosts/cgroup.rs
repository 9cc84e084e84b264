//! Control groups: what makes a server's power cut certain and its memory limit real.
//!
//! Each server has a group of its own in every hierarchy that matters. With cgroup version 1
//! (or both) it lies beneath our own, so that limits set on us hold for it too; with version 2
//! alone a group that has processes cannot give limits to those below it, so it lies at the top.

use crate::error::{Error, Kind, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long processes have to be gone after SIGKILL.
const DEADLINE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(5);

/// Which hierarchies are mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Version 2 alone.
    Unified,
    /// Version 1, with version 2 at its side in `unified`.
    Hybrid,
    /// Version 1 alone.
    Legacy,
}

/// The folders of the groups for a server, one a hierarchy; none exists yet.
///
/// # Errors
/// `unsupported` if no cgroups are mounted.
pub fn folders(id: &str) -> Result<Vec<PathBuf>> {
    let root = Path::new("/sys/fs/cgroup");
    let layout = if root.join("cgroup.controllers").exists() {
        Layout::Unified
    } else if root.join("unified/cgroup.procs").exists() {
        Layout::Hybrid
    } else {
        Layout::Legacy
    };
    let folders = places(layout, &fs::read_to_string("/proc/self/cgroup")?, id);
    if folders.is_empty() {
        return Err(
            Error::new(Kind::Unsupported, "no control groups are mounted at /sys/fs/cgroup")
                .hint("mount them, as systemd does on every machine that it starts"),
        );
    }
    Ok(folders)
}

/// Where the groups go, by the text of `/proc/self/cgroup`.
fn places(layout: Layout, own: &str, id: &str) -> Vec<PathBuf> {
    if layout == Layout::Unified {
        return vec![PathBuf::from(format!("/sys/fs/cgroup/clawdwako/{id}"))];
    }
    let place = |line: &str| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next()?, parts.next()?);
        let mount = match controllers {
            "name=systemd" => "systemd",
            "" if layout == Layout::Hybrid => "unified",
            "memory" | "pids" | "cpu" | "cpuacct" | "cpu,cpuacct" => controllers,
            _ => return None,
        };
        let path = path.trim_end_matches('/');
        Some(PathBuf::from(format!("/sys/fs/cgroup/{mount}{path}/clawdwako-{id}")))
    };
    own.lines().filter_map(place).collect()
}

/// Makes the groups, empty ones, with a memory limit in bytes.
///
/// # Errors
/// `io` if a group cannot be made.
pub fn make(folders: &[PathBuf], memory: u64) -> Result<()> {
    for folder in folders {
        if let Some(parent) = folder.parent().filter(|p| p.ends_with("clawdwako")) {
            fs::create_dir_all(parent)?;
            // Not granted inside some containers: the server runs then, without a limit of its own.
            for above in [Path::new("/sys/fs/cgroup"), parent] {
                let _ = fs::write(above.join("cgroup.subtree_control"), "+memory +pids +cpu");
            }
        }
        fs::create_dir_all(folder).map_err(|e| {
            Error::new(Kind::Io, format!("cannot make the control group {}", folder.display())).because(e)
        })?;
        for limit in ["memory.limit_in_bytes", "memory.max"] {
            let file = folder.join(limit);
            if file.exists() {
                fs::write(&file, memory.to_string())
                    .map_err(|e| Error::new(Kind::Io, format!("cannot set {}", file.display())).because(e))?;
            }
        }
    }
    Ok(())
}

/// Kills everything in the groups at once, waits until it is gone, and removes them. Groups
/// that do not exist are well.
///
/// # Errors
/// `timeout` if something does not die.
pub async fn end(folders: &[PathBuf]) -> Result<()> {
    let start = Instant::now();
    loop {
        folders.iter().for_each(|f| kill(f));
        let left: Vec<&PathBuf> = folders.iter().filter(|f| !remove(f)).collect();
        let Some(first) = left.first() else { break };
        if start.elapsed() > DEADLINE {
            return Err(Error::new(
                Kind::Timeout,
                format!(
                    "processes in {} do not die, {} s after SIGKILL",
                    first.display(),
                    DEADLINE.as_secs()
                ),
            ));
        }
        tokio::time::sleep(PAUSE).await;
    }
    for parent in folders
        .iter()
        .filter_map(|f| f.parent())
        .filter(|p| p.ends_with("clawdwako"))
    {
        let _ = fs::remove_dir(parent); // stays while another server is in it
    }
    Ok(())
}

fn kill(folder: &Path) {
    if fs::write(folder.join("cgroup.kill"), "1").is_ok() {
        return;
    }
    for group in tree(folder) {
        let text = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
        for pid in text
            .lines()
            .filter_map(|l| rustix::process::Pid::from_raw(l.parse().ok()?))
        {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

/// Removes a group with those beneath it; answers whether it is gone.
fn remove(folder: &Path) -> bool {
    for group in tree(folder) {
        let _ = fs::remove_dir(group);
    }
    !folder.exists()
}

/// The group and all beneath it, the deepest first.
fn tree(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            found.extend(tree(&entry.path()));
        }
    }
    found.push(folder.to_owned());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_lie_beneath_our_own() {
        let own = "9:name=systemd:/\n8:pids:/a\n7:blkio:/\n4:memory:/a/b:c\n2:cpu,cpuacct:/\n0::/\n";
        let text = |layout| {
            places(layout, own, "h1")
                .iter()
                .map(|p| p.display().to_string())
                .collect::<Vec<_>>()
        };
        let legacy = [
            "/sys/fs/cgroup/systemd/clawdwako-h1",
            "/sys/fs/cgroup/pids/a/clawdwako-h1",
            "/sys/fs/cgroup/memory/a/b:c/clawdwako-h1",
            "/sys/fs/cgroup/cpu,cpuacct/clawdwako-h1",
        ];
        assert_eq!(text(Layout::Legacy), legacy);
        assert_eq!(
            text(Layout::Hybrid).last().unwrap(),
            "/sys/fs/cgroup/unified/clawdwako-h1"
        );
        assert_eq!(text(Layout::Unified), ["/sys/fs/cgroup/clawdwako/h1"]);
    }

    #[tokio::test]
    async fn ending_what_does_not_exist_is_well() {
        end(&[PathBuf::from("/sys/fs/cgroup/unified/clawdwako-none")])
            .await
            .unwrap();
    }
}
