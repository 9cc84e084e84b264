//! What this machine needs before it can be a sandbox, and how to get it.

use super::shell::Shell;
use crate::error::{Error, Kind, Result};
use std::collections::BTreeSet;
use std::time::Duration;

/// Command, and the Debian package that has it. What util-linux and coreutils have is everywhere.
const COMMANDS: &[(&str, &str)] = &[
    ("mmdebstrap", "mmdebstrap"),
    ("systemd-nspawn", "systemd-container"),
    ("nft", "nftables"),
    ("ip", "iproute2"),
    ("mkfs.ext4", "e2fsprogs"),
    ("ssh-keygen", "openssh-client"),
    ("xz", "xz-utils"),
    ("npm", "npm"),
];
/// CAP_NET_ADMIN and CAP_SYS_ADMIN, by number.
const CAPABILITIES: [u32; 2] = [12, 21];

/// Sees to it that the sandbox can run here; with `yes` installs the packages that are missing.
///
/// # Errors
/// `unsupported` with everything that is missing and the one line that installs the packages.
pub async fn ensure(yes: bool, on_progress: &mut (dyn FnMut(&str) + Send)) -> Result<()> {
    machine()?;
    let missing = packages(&missing_commands().await?);
    if missing.is_empty() {
        return Ok(());
    }
    if yes {
        return install(&missing, on_progress).await;
    }
    let what = format!("the sandbox needs packages that are not here: {}", missing.join(", "));
    Err(Error::new(Kind::Unsupported, what)
        .hint(format!("run `{}`, or give --yes to have it done", apt_line(&missing))))
}

/// Checks what no package can change: Linux, root, the right to mount and to make networks.
fn machine() -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Err(
            Error::new(Kind::Unsupported, "the sandbox needs Linux: its servers are real ones")
                .hint("run it on a Linux machine or in a virtual one, or deploy to a real provider"),
        );
    }
    if !rustix::process::geteuid().is_root() {
        return Err(Error::new(
            Kind::Unsupported,
            "the sandbox needs root: it mounts disks and boots servers",
        )
        .hint("run the same command with sudo, or deploy to a real provider"));
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if !capable(&status) || !std::path::Path::new("/dev/loop-control").exists() {
        return Err(Error::new(
            Kind::Unsupported,
            "the sandbox needs a machine, or a privileged container: this one may not mount disks or make networks",
        )
        .hint("run it on a machine or virtual machine of your own, or in a container started with --privileged"));
    }
    Ok(())
}

/// Installs the packages that are missing, waiting for other package managers to end.
///
/// # Errors
/// `io` with apt's last lines.
async fn install(missing: &[&str], on_progress: &mut (dyn FnMut(&str) + Send)) -> Result<()> {
    on_progress(&format!("installing {}", missing.join(", ")));
    Shell::new(
        "install-packages",
        "export DEBIAN_FRONTEND=noninteractive; apt-get -qq -o DPkg::Lock::Timeout=300 update; \
         apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $PACKAGES >/dev/null",
    )
    .var("PACKAGES", missing.join(" "))
    .within(Duration::from_secs(900))
    .run()
    .await
    .map(drop)
    .map_err(|e| e.hint(format!("run `{}` yourself", apt_line(missing))))
}

/// The commands that are not on the path.
async fn missing_commands() -> Result<Vec<&'static str>> {
    let names: Vec<&str> = COMMANDS.iter().map(|(c, _)| *c).collect();
    let text = Shell::new(
        "find-commands",
        "PATH=$PATH:/usr/sbin:/sbin; for c in $COMMANDS; do command -v $c >/dev/null || echo $c; done",
    )
    .var("COMMANDS", names.join(" "))
    .run()
    .await?;
    Ok(names.into_iter().filter(|n| text.lines().any(|l| l == *n)).collect())
}

fn packages(commands: &[&str]) -> Vec<&'static str> {
    let wanted = COMMANDS.iter().filter(|(c, _)| commands.contains(c)).map(|(_, p)| *p);
    wanted.collect::<BTreeSet<_>>().into_iter().collect()
}

fn apt_line(packages: &[&str]) -> String {
    format!("apt-get install -y --no-install-recommends {}", packages.join(" "))
}

fn capable(status: &str) -> bool {
    let line = status.lines().find_map(|l| l.strip_prefix("CapEff:"));
    let set = line.and_then(|l| u64::from_str_radix(l.trim(), 16).ok()).unwrap_or(0);
    CAPABILITIES.iter().all(|bit| set >> bit & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_named_once_and_in_one_line() {
        assert_eq!(packages(&["nft", "ip"]), ["iproute2", "nftables"]);
        assert_eq!(
            apt_line(&packages(&["npm"])),
            "apt-get install -y --no-install-recommends npm"
        );
        assert!(packages(&[]).is_empty());
    }

    #[test]
    fn capabilities_are_read_from_the_kernel() {
        assert!(capable("Name:\tx\nCapEff:\t000001ffffffffff\n"));
        assert!(!capable("CapEff:\t00000000a80425fb\n"), "an ordinary container");
        assert!(!capable(""));
    }
}
