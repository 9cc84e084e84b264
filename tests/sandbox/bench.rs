//! What the tests about real servers share. They need root and the sandbox's packages; without
//! them they fail, and say so.

use clawdwako::sandbox::cache::Cache;
use clawdwako::sandbox::image;
use clawdwako::sandbox::prerequisites;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

/// Where images are kept between runs; the first run builds them (about a minute).
pub fn cache_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache/clawdwako/sandbox")
}

/// The same, opened.
pub fn cache() -> Cache {
    std::fs::create_dir_all(cache_dir()).unwrap();
    Cache::open(&cache_dir()).unwrap()
}

/// A cache of a test's own, with the base image of the shared one: for what puts an image there that
/// is no use to others.
pub async fn cache_with_the_base_alone(name: &str) -> Cache {
    let base = image::base(&cache(), &mut |_| {}).await.unwrap().path;
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    std::os::unix::fs::symlink(&base, dir.join(base.file_name().unwrap())).unwrap();
    Cache::open(&dir).unwrap()
}

/// A sandbox's folder; always the same one, so that what a failed run left is removed by the next.
pub fn home(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sandbox-{name}"));
    std::fs::create_dir_all(&dir).unwrap();
    dir.canonicalize().unwrap()
}

/// Fails with what is missing.
pub async fn need_a_real_machine() {
    let checked = prerequisites::ensure(false, &mut |_| {}).await;
    checked.unwrap_or_else(|e| panic!("{e}: {}", e.next_step().unwrap_or_default()));
}

/// Makes a new key pair; answers the public half.
pub fn keygen(path: &Path) -> String {
    for old in [path.to_owned(), path.with_extension("pub")] {
        let _ = std::fs::remove_file(old);
    }
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"])
        .arg(path)
        .status();
    assert!(made.unwrap().success());
    std::fs::read_to_string(path.with_extension("pub"))
        .unwrap()
        .trim()
        .to_owned()
}

/// OpenSSH, strict about the host key.
pub struct Ssh {
    identity: PathBuf,
    known: PathBuf,
    ipv4: String,
}

impl Ssh {
    pub fn new(identity: &Path, ipv4: &str, host_key: &str) -> Self {
        let known = identity.with_extension(format!("known-{ipv4}"));
        std::fs::write(&known, format!("{ipv4} {host_key}\n")).unwrap();
        Ssh {
            identity: identity.to_owned(),
            known,
            ipv4: ipv4.to_owned(),
        }
    }

    pub fn run(&self, command: &str) -> Output {
        Command::new("timeout")
            .args([
                "60",
                "ssh",
                "-n",
                "-o",
                "BatchMode=yes",
                "-o",
                "ConnectTimeout=2",
                "-o",
                "LogLevel=ERROR",
            ])
            .args([
                "-o",
                "StrictHostKeyChecking=yes",
                "-o",
                "GlobalKnownHostsFile=/dev/null",
                "-o",
            ])
            .arg(format!("UserKnownHostsFile={}", self.known.display()))
            .arg("-i")
            .arg(&self.identity)
            .args([&format!("root@{}", self.ipv4), command])
            .output()
            .unwrap()
    }

    pub fn ok(&self, command: &str) -> String {
        let out = self.run(command);
        let text = String::from_utf8_lossy(&out.stdout).trim().to_owned();
        assert!(
            out.status.success(),
            "{command}: {text} {}",
            String::from_utf8_lossy(&out.stderr)
        );
        text
    }

    pub fn fails(&self, command: &str) -> String {
        let out = self.run(command);
        assert!(!out.status.success(), "{command} worked");
        String::from_utf8_lossy(&out.stderr).into_owned()
    }
}

/// Says how long something took.
#[allow(clippy::print_stderr, reason = "a test has no other printer")]
pub fn say(what: &str, since: Instant) {
    eprintln!("{what}: {} ms", since.elapsed().as_millis());
}

/// Names that a sandbox has on the machine: to look for them when it is gone.
#[derive(Default)]
pub struct Names(Vec<String>);

impl Names {
    /// Reads them from its records.
    pub fn of(dir: &Path) -> Names {
        let mut names = vec![dir.join("hosts").display().to_string()];
        let text = std::fs::read_to_string(dir.join("network.json")).unwrap();
        let network: serde_json::Value = serde_json::from_str(&text).unwrap();
        for key in ["bridge", "table"] {
            names.push(network[key].as_str().unwrap().to_owned());
        }
        names.push(format!("{}.0/24", network["net"].as_str().unwrap()));
        for entry in std::fs::read_dir(dir.join("hosts")).unwrap() {
            names.push(entry.unwrap().file_name().into_string().unwrap());
        }
        Names(names)
    }

    /// Where they can still be found: mounts, loop devices, links, namespaces, routes, filters,
    /// control groups, processes, files.
    pub fn left(&self) -> Vec<String> {
        let look = "cat /proc/mounts; losetup -a; ip -o link; ip netns; ip route show table all; nft list ruleset; \
            find /sys/fs/cgroup -type d; ls /run/systemd/nspawn/* /var/lock 2>/dev/null; ps -eo args | grep -v '[g]rep'";
        let out = Command::new("bash").args(["-c", look]).output().unwrap();
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(text.contains("/sys/fs/cgroup/"), "the look around works");
        let named = |line: &&str| self.0.iter().any(|n| line.contains(n.as_str()));
        text.lines().filter(named).map(str::to_owned).collect()
    }

    pub fn assert_gone(&self) {
        assert!(self.0.len() >= 4);
        let left = self.left();
        assert!(left.is_empty(), "left on the machine: {left:#?}");
    }
}
