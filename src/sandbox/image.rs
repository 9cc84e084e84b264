//! What servers are made from: a base image, built once, and a golden layer on top of it.

use super::cache::{Cache, Lock};
use super::shell::Shell;
use crate::error::{Error, Kind, Result};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::time::Duration;

const SUITE: &str = "bookworm";
/// What cloud providers' Debian images have, as far as it matters here.
const PACKAGES: &str = "systemd,systemd-sysv,dbus,libpam-systemd,openssh-server,ca-certificates,curl,iproute2,\
    iputils-ping,procps,xz-utils,gnupg,sudo,nftables,python3-minimal,cloud-init";
const SCRIPT: &str = include_str!("../../assets/sandbox/base-image.sh");
/// Name of the link to the newest golden layer.
const GOLDEN: &str = "golden";

/// An image folder, held against removal.
#[derive(Debug)]
pub struct Layer {
    /// The folder; read-only for everybody.
    pub path: PathBuf,
    _lease: Lock,
}

/// Whether the base image is there, so that nothing has to be built.
pub fn has_base(cache: &Cache) -> bool {
    cache.path(&base_name()).is_dir()
}

/// Answers the base image, building it first if need be (a minute, once; other sandboxes of
/// the same cache wait for it).
///
/// # Errors
/// `io` with the builder's last lines; `timeout` after 15 minutes.
pub async fn base(cache: &Cache, on_progress: &mut (dyn FnMut(&str) + Send)) -> Result<Layer> {
    let name = base_name();
    let path = cache.path(&name);
    for _ in 0..2 {
        let lease = cache.shared(&name).await?;
        if path.is_dir() {
            return Ok(Layer { path, _lease: lease });
        }
        drop(lease);
        let _maker = cache.exclusive(&name).await?;
        if path.is_dir() {
            continue;
        }
        on_progress("building the servers' base image (once, about a minute)");
        let part = cache.path(&format!("{name}.part"));
        Shell::wrapped(
            "base-image",
            &["unshare", "--mount", "--propagation", "slave", "--"],
            SCRIPT,
        )
        .var("OUT", &part)
        .var("SUITE", SUITE)
        .var("PACKAGES", PACKAGES)
        .within(Duration::from_secs(900))
        .run()
        .await
        .map_err(|e| {
            e.hint("the network to Debian's archive is needed once; `apt-get update` tells whether it works")
        })?;
        std::fs::rename(&part, &path)?;
        prune(cache, "base-", &name)?;
    }
    Err(Error::new(
        Kind::Busy,
        "the base image was removed as soon as it was built",
    ))
}

/// Answers the golden layer.
///
/// # Errors
/// `not_found` if none was kept.
pub async fn golden(cache: &Cache) -> Result<Layer> {
    let none = || {
        Error::new(Kind::NotFound, "there is no golden image yet")
            .hint("deploy a bot in the sandbox, then run `clawdwako sandbox image HOST_ID`")
    };
    let link = cache.path(GOLDEN);
    let target = std::fs::read_link(&link).map_err(|_| none())?;
    let name = target.file_name().and_then(|n| n.to_str()).ok_or_else(none)?;
    let lease = cache.shared(name).await?;
    let path = cache.path(name);
    if path.is_dir() {
        Ok(Layer { path, _lease: lease })
    } else {
        Err(none())
    }
}

/// Keeps Node and the agent of a running server (its folder, and the process whose mounts show
/// its disk) as the golden layer; answers the layer's folder.
///
/// # Errors
/// `io` if the server has no agent yet.
pub async fn keep_golden(cache: &Cache, server: &Path, pid: i32) -> Result<PathBuf> {
    let _maker = cache.exclusive(GOLDEN).await?;
    let name = format!("{GOLDEN}-{}", crate::model::new_id());
    let part = cache.path(&format!("{name}.part"));
    let pid = pid.to_string();
    let script = include_str!("../../assets/sandbox/golden-image.sh");
    let kept = Shell::wrapped("golden-image", &["nsenter", "--mount", "--target", &pid, "--"], script)
        .var("DIR", server)
        .var("OUT", &part)
        .within(Duration::from_secs(300))
        .run()
        .await;
    if let Err(e) = kept {
        let _ = std::fs::remove_dir_all(&part);
        return Err(e);
    }
    let path = cache.path(&name);
    std::fs::rename(&part, &path)?;
    let link = cache.path(&format!("{GOLDEN}.part"));
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(&name, &link)?;
    std::fs::rename(&link, cache.path(GOLDEN))?;
    prune(cache, "golden-", &name)?;
    Ok(path)
}

/// Removes images of other names that nobody uses.
fn prune(cache: &Cache, prefix: &str, keep: &str) -> Result<()> {
    for name in cache.names(prefix) {
        let image = name.split('.').next().unwrap_or(&name);
        if image != keep && cache.try_exclusive(image)?.is_some() {
            std::fs::remove_dir_all(cache.path(&name))?;
        }
    }
    Ok(())
}

/// The base image's name: another text for every change of what goes into it.
fn base_name() -> String {
    let mut hash = Sha256::new();
    hash.update(SCRIPT);
    hash.update(PACKAGES);
    for (folder, ending) in [
        ("/usr/local/share/ca-certificates", ".crt"),
        ("/etc/apt/sources.list.d", "debian.sources"),
        ("/etc/apt", "sources.list"),
        ("/etc/apt/apt.conf.d", ""),
    ] {
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|e| e.path())
            .collect();
        files.sort();
        for file in files.iter().filter(|f| f.to_string_lossy().ends_with(ending)) {
            if let Ok(bytes) = std::fs::read(file) {
                hash.update(file.to_string_lossy().as_bytes());
                hash.update(bytes);
            }
        }
    }
    let key: String = hash.finalize().iter().take(6).map(|b| format!("{b:02x}")).collect();
    format!("base-{SUITE}-{key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn images_in_use_are_not_pruned() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path()).unwrap();
        for name in ["golden-a", "golden-b", "golden-c.part", "golden-d"] {
            std::fs::create_dir(cache.path(name)).unwrap();
        }
        std::os::unix::fs::symlink("golden-a", cache.path(GOLDEN)).unwrap();
        let used = golden(&cache).await.unwrap();
        prune(&cache, "golden-", "golden-d").unwrap();
        let mut left = cache.names("golden-");
        left.sort();
        assert_eq!(left, ["golden-a", "golden-d"]);
        drop(used);
        prune(&cache, "golden-", "golden-d").unwrap();
        assert_eq!(cache.names("golden-"), ["golden-d"]);
        assert_eq!(
            golden(&cache).await.unwrap_err().kind(),
            Kind::NotFound,
            "a link to nothing"
        );
    }

    #[test]
    fn the_name_is_stable() {
        assert_eq!(base_name(), base_name());
        assert_eq!(base_name().len(), "base-bookworm-".len() + 12);
    }
}
