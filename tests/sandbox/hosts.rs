//! Servers that are real: what the clouds do to them, and what befalls them.

use super::bench::{Names, Ssh, cache, cache_with_the_base_alone, home, keygen, need_a_real_machine, say};
use clawdwako::error::Kind;
use clawdwako::sandbox::hosts::{HostSpec, Hosts, Network};
use std::path::Path;
use std::time::{Duration, Instant};

const BOOT: Duration = Duration::from_secs(60);
const BOOT_ID: &str = "cat /proc/sys/kernel/random/boot_id";

/// User data as a deployment gives it: our host key, our user key.
fn user_data(dir: &Path, host_key: &str, authorized: &str) -> String {
    let private = std::fs::read_to_string(dir.join("host_key")).unwrap();
    let private: String = private.lines().map(|l| format!("    {l}\n")).collect();
    format!(
        "#cloud-config\nssh_keys:\n  ed25519_private: |\n{private}  ed25519_public: {host_key}\n\
         users:\n  - name: root\n    ssh_authorized_keys: [\"{authorized}\"]\nruncmd:\n  - touch /root/ran\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_lives_through_what_befalls_servers() {
    need_a_real_machine().await;
    let dir = home("life");
    let start = Instant::now();
    let hosts = Hosts::real(&dir, &cache()).await.unwrap();
    say("hosts ready", start);
    let (authorized, host_key) = (keygen(&dir.join("id")), keygen(&dir.join("host_key")));

    let start = Instant::now();
    let user_data = Some(user_data(&dir, &host_key, &authorized));
    let host = hosts
        .create(&HostSpec {
            hostname: "one".into(),
            memory_mb: 512,
            user_data,
            ..HostSpec::default()
        })
        .await
        .unwrap();
    say("created", start);
    hosts.wait_ssh(&host.id, BOOT).await.unwrap();
    say("boot to SSH", start);
    let ssh = Ssh::new(&dir.join("id"), &host.ipv4, &host_key);
    assert_eq!(
        ssh.ok("hostname; cloud-init status --wait | tail -1; ls /root/ran"),
        "one\nstatus: done\n/root/ran"
    );
    say("cloud-init done", start);
    assert_eq!(
        ssh.ok("systemctl is-system-running --wait; cat /proc/1/comm"),
        "running\nsystemd"
    );
    assert!(
        !dir.join("hosts").join(&host.id).join("seed").exists(),
        "the host key stays on the server only"
    );

    let names = Names::of(&dir);
    assert!(
        names.left().len() > 6,
        "a running server can be found on the machine: {:?}",
        names.left()
    );

    // An orderly reboot keeps the disk and ends what runs in order.
    let before = ssh.ok(&format!("touch /root/kept; {BOOT_ID}"));
    let start = Instant::now();
    hosts.reboot(&host.id).await.unwrap();
    hosts.wait_ssh(&host.id, BOOT).await.unwrap();
    say("reboot to SSH", start);
    assert_ne!(ssh.ok(&format!("ls /root/kept > /dev/null; {BOOT_ID}")), before);
    assert!(
        ssh.ok("journalctl -b -1 -o cat | grep -i 'reboot' | head -3")
            .contains("eboot"),
        "in order"
    );

    // The server's own reboot and poweroff.
    let before = ssh.ok(BOOT_ID);
    ssh.run("reboot");
    until("it has rebooted by itself", || {
        let out = ssh.run(BOOT_ID);
        out.status.success() && String::from_utf8_lossy(&out.stdout).trim() != before
    });
    ssh.run("poweroff");
    let start = Instant::now();
    while hosts.running(&host.id).await {
        assert!(start.elapsed() < BOOT, "it does not switch itself off");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let e = hosts.fill_disk(&host.id, true).await.unwrap_err();
    assert_eq!(e.kind(), Kind::State);
    hosts.power(&host.id, true).await.unwrap();
    hosts.wait_ssh(&host.id, BOOT).await.unwrap();

    // A power cut: gone at once, the disk stays.
    ssh.ok("touch /root/kept2");
    let start = Instant::now();
    hosts.power(&host.id, false).await.unwrap();
    say("power cut", start);
    assert!(!hosts.running(&host.id).await);
    ssh.fails("true");
    hosts.power(&host.id, true).await.unwrap();
    hosts.wait_ssh(&host.id, BOOT).await.unwrap();
    ssh.ok("ls /root/kept2");

    // A full disk.
    hosts.fill_disk(&host.id, true).await.unwrap();
    assert!(
        ssh.fails("head -c 100000 /dev/zero > /root/more")
            .contains("No space left")
    );
    hosts.fill_disk(&host.id, false).await.unwrap();
    ssh.ok("head -c 100000 /dev/zero > /root/more");

    // Its network, cut in three ways.
    for (how, word) in [
        (Network::Blackhole, "timed out"),
        (Network::Reset, "refused"),
        (Network::Unplug, ""),
    ] {
        hosts.network(&host.id, how).await.unwrap();
        let said = ssh.fails("true");
        assert!(said.contains(word), "{how:?}: {said}");
        hosts.network(&host.id, Network::Restore).await.unwrap();
        hosts.wait_ssh(&host.id, BOOT).await.unwrap();
    }

    // So are the addresses that a unit may reach.
    let listener = tokio::net::TcpListener::bind((hosts.gateway().unwrap(), 0))
        .await
        .unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let reach = format!("timeout 3 bash -c 'exec 3<>/dev/tcp/{}/{}'", at.ip(), at.port());
    ssh.ok(&format!("systemd-run --quiet --wait {reach}"));
    ssh.fails(&format!(
        "systemd-run --quiet --wait -p IPAddressDeny={} {reach}",
        at.ip()
    ));
    ssh.ok(&format!(
        "systemd-run --quiet --wait -p IPAddressDeny=198.51.100.1 {reach}"
    ));

    // Memory is limited for real.
    ssh.fails("head -c 700M /dev/zero | tail > /dev/null; exit ${PIPESTATUS[1]}");

    let start = Instant::now();
    hosts.delete(&host.id).await.unwrap();
    say("deleted", start);
    hosts.delete(&host.id).await.unwrap();
    hosts.end().await.unwrap();
    names.assert_gone();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_golden_image_has_the_agent_and_no_bots_data() {
    need_a_real_machine().await;
    let dir = home("golden");
    let cache = cache_with_the_base_alone("cache-golden").await;
    let hosts = Hosts::real(&dir, &cache).await.unwrap();
    let key = keygen(&dir.join("id"));
    let spec = |image: &str| HostSpec {
        hostname: "g".into(),
        image: image.into(),
        authorized_keys: vec![key.clone()],
        ..HostSpec::default()
    };
    let first = hosts.create(&spec("")).await.unwrap();
    hosts.wait_ssh(&first.id, BOOT).await.unwrap();
    assert_eq!(hosts.list()[0].memory_mb, 2048, "when nothing is asked");
    let e = hosts.keep_golden(&first.id).await.unwrap_err();
    assert!(e.message().contains("deploy a bot to it first"), "{e}");
    let ssh = Ssh::new(&dir.join("id"), &first.ipv4, &hosts.host_key(&first.id).unwrap());
    ssh.ok("mkdir -p /opt/clawdwako/node/26 /opt/clawdwako/openclaw/v1 /opt/clawdwako/bots; \
        echo a > /opt/clawdwako/openclaw/v1/a; ln -s v1 /opt/clawdwako/openclaw/current; echo s > /opt/clawdwako/bots/secret");
    hosts.keep_golden(&first.id).await.unwrap();

    hosts.never_boot(1).unwrap();
    let dead = hosts.create(&spec("")).await.unwrap();
    let second = hosts.create(&spec("golden")).await.unwrap();
    hosts.wait_ssh(&second.id, BOOT).await.unwrap();
    let e = hosts.wait_ssh(&dead.id, Duration::from_millis(100)).await.unwrap_err();
    assert_eq!(e.kind(), Kind::Timeout, "{e}");
    assert!(
        hosts.running(&dead.id).await,
        "a server that never boots is switched on all the same"
    );
    let ssh = Ssh::new(&dir.join("id"), &second.ipv4, &hosts.host_key(&second.id).unwrap());
    assert_eq!(
        ssh.ok("cat /opt/clawdwako/openclaw/current/a; ls /opt/clawdwako"),
        "a\nnode\nopenclaw"
    );
    ssh.ok("rm -r /opt/clawdwako/openclaw");

    // Its disk is filled from the first moment on: it has an image all the same, and boots from it later.
    let early = hosts.create(&spec("")).await.unwrap();
    hosts.fill_disk(&early.id, true).await.unwrap();
    hosts.fill_disk(&early.id, false).await.unwrap();
    hosts.power(&early.id, false).await.unwrap();
    hosts.power(&early.id, true).await.unwrap();
    hosts.wait_ssh(&early.id, BOOT).await.unwrap();
    let names = Names::of(&dir);
    hosts.end().await.unwrap();
    names.assert_gone();
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < BOOT, "not within {} s: {what}", BOOT.as_secs());
        std::thread::sleep(Duration::from_millis(20));
    }
}
