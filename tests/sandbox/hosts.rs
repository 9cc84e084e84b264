//! Servers that are real. Needs root and the sandbox's packages; without them it fails, and says so.

use clawdwako::sandbox::cache::Cache;
use clawdwako::sandbox::hosts::{Host, HostSpec, Hosts, Network};
use clawdwako::sandbox::prerequisites;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// Where images are kept between runs; a first run builds them (about a minute).
fn cache() -> Cache {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sandbox-cache");
    std::fs::create_dir_all(&dir).unwrap();
    Cache::open(&dir).unwrap()
}

/// A sandbox's folder; always the same one, so that what a failed run left is removed by the next.
fn home(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sandbox-{name}"));
    std::fs::create_dir_all(&dir).unwrap();
    for file in ["id", "id.pub", "host_key", "host_key.pub"] {
        let _ = std::fs::remove_file(dir.join(file));
    }
    dir
}

fn keygen(path: &Path) -> String {
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

/// OpenSSH with a pinned host key.
struct Ssh {
    dir: PathBuf,
}

impl Ssh {
    fn pin(&self, host: &Host, key: &str) {
        std::fs::write(
            self.dir.join(format!("known-{}", host.ipv4)),
            format!("{} {key}\n", host.ipv4),
        )
        .unwrap();
    }

    fn run(&self, host: &Host, command: &str) -> Output {
        Command::new("timeout")
            .args([
                "60",
                "ssh",
                "-n",
                "-o",
                "BatchMode=yes",
                "-o",
                "ConnectTimeout=3",
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
            .arg(format!(
                "UserKnownHostsFile={}",
                self.dir.join(format!("known-{}", host.ipv4)).display()
            ))
            .arg("-i")
            .arg(self.dir.join("id"))
            .args([&format!("root@{}", host.ipv4), command])
            .output()
            .unwrap()
    }

    fn ok(&self, host: &Host, command: &str) -> String {
        let out = self.run(host, command);
        let text = String::from_utf8_lossy(&out.stdout).trim().to_owned();
        assert!(
            out.status.success(),
            "{command}: {text} {}",
            String::from_utf8_lossy(&out.stderr)
        );
        text
    }
}

fn say(what: &str, since: Instant) {
    eprintln!("{what}: {} ms", since.elapsed().as_millis());
}

#[tokio::test(flavor = "multi_thread")]
async fn real_servers() {
    prerequisites::ensure(false, &mut |_| {}).await.unwrap();
    let (cache, dir) = (cache(), home("one"));
    let start = Instant::now();
    let hosts = Hosts::real(dir.as_path(), &cache).await.unwrap();
    say("hosts ready", start);
    let ssh = Ssh { dir: dir.clone() };
    let authorized = keygen(&dir.join("id"));
    let host_key = keygen(&dir.join("host_key"));
    let private = std::fs::read_to_string(dir.join("host_key")).unwrap();
    let indented: String = private.lines().map(|l| format!("    {l}\n")).collect();
    let user_data = format!(
        "#cloud-config\nssh_keys:\n  ed25519_private: |\n{indented}  ed25519_public: {host_key}\n\
         users:\n  - name: root\n    ssh_authorized_keys: [\"{authorized}\"]\nruncmd:\n  - touch /root/ran\n"
    );
    let start = Instant::now();
    let spec = HostSpec {
        hostname: "one".into(),
        user_data: Some(user_data),
        ..HostSpec::default()
    };
    let a = hosts.create(&spec).await.unwrap();
    say("created", start);
    ssh.pin(&a, &host_key);
    hosts.wait_ssh(&a.id, Duration::from_secs(30)).await.unwrap();
    say("boot to SSH", start);
    assert_eq!(
        ssh.ok(&a, "hostname; cloud-init status --wait | tail -1; ls /root/ran"),
        "one\nstatus: done\n/root/ran"
    );
    say("cloud-init done", start);
    for _ in 0..2 {
        let before = ssh.ok(&a, "cat /proc/sys/kernel/random/boot_id; touch /root/kept");
        let start = Instant::now();
        hosts.reboot(&a.id).await.unwrap();
        say("old boot ended", start);
        hosts.wait_ssh(&a.id, Duration::from_secs(30)).await.unwrap();
        say("reboot to SSH", start);
        assert_ne!(
            ssh.ok(&a, "ls /root/kept >/dev/null; cat /proc/sys/kernel/random/boot_id"),
            before
        );
    }
    let start = Instant::now();
    hosts.power(&a.id, false).await.unwrap();
    say("power cut", start);
    let start = Instant::now();
    hosts.fill_disk(&a.id, true).await.unwrap_err();
    hosts.power(&a.id, true).await.unwrap();
    hosts.wait_ssh(&a.id, Duration::from_secs(30)).await.unwrap();
    say("power on to SSH", start);
    let start = Instant::now();
    hosts.fill_disk(&a.id, true).await.unwrap();
    say("filled", start);
    assert!(!ssh.run(&a, "head -c 100000 /dev/zero > /root/more").status.success());
    hosts.fill_disk(&a.id, false).await.unwrap();
    ssh.ok(&a, "head -c 100000 /dev/zero > /root/more");
    for how in [Network::Blackhole, Network::Reset, Network::Unplug] {
        hosts.network(&a.id, how).await.unwrap();
        assert!(!ssh.run(&a, "true").status.success());
        hosts.network(&a.id, Network::Restore).await.unwrap();
        hosts.wait_ssh(&a.id, Duration::from_secs(10)).await.unwrap();
    }
    let start = Instant::now();
    hosts.delete(&a.id).await.unwrap();
    say("deleted", start);
    let start = Instant::now();
    hosts.end().await.unwrap();
    say("ended", start);
}
