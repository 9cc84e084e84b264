//! The sandbox's process: found, asked, ended, killed.

use super::bench::{Names, Ssh, cache_dir, home, need_a_real_machine, say};
use clawdwako::sandbox::client::{self, HostAction, Launch, Running};
use clawdwako::sandbox::keys;
use std::path::Path;
use std::time::{Duration, Instant};

async fn up(dir: &Path) -> Running {
    let args = [
        "sandbox".into(),
        "serve".into(),
        "--dir".into(),
        dir.into(),
        "--cache".into(),
        cache_dir().into(),
    ];
    let launch = Launch {
        program: crate::support::cli::binary(),
        args: args.into(),
    };
    client::up_with(&launch, dir, &cache_dir(), false, &mut |_| {})
        .await
        .unwrap()
}

async fn existing(running: &Running, dir: &Path) -> (String, Ssh) {
    let key = keys::key_pair(dir, "me").await.unwrap();
    let made = running.boot_existing("existing", &[key.public], 0, "").await.unwrap();
    (made.id, Ssh::new(&key.private_path, &made.ipv4, &made.host_key))
}

/// Kills a sandbox's process as a crash would, and waits until it is gone.
async fn kill(dir: &Path) {
    let text = std::fs::read_to_string(dir.join("world.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
    let pid = rustix::process::Pid::from_raw(record["process"]["pid"].as_i64().unwrap() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let start = Instant::now();
    while client::find(dir).await.unwrap().is_some() {
        assert!(start.elapsed() < Duration::from_secs(60), "it outlives its death");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sandboxes_side_by_side_and_both_killed() {
    need_a_real_machine().await;
    let (a, b) = (home("a"), home("b"));
    for dir in [&a, &b] {
        client::down(dir).await.unwrap(); // what a failed run left
    }
    clawdwako::sandbox::image::base(&super::bench::cache(), &mut |_| {})
        .await
        .unwrap();
    let start = Instant::now();
    let (first, second) = tokio::join!(up(&a), up(&b));
    say("two sandboxes up", start);
    let start = Instant::now();
    assert_eq!(
        up(&a).await.endpoints().unwrap().hetzner,
        first.endpoints().unwrap().hetzner,
        "the same one"
    );
    say("found", start);
    let start = Instant::now();
    let ((id, ssh), (_, other)) = tokio::join!(existing(&first, &a), existing(&second, &b));
    say("a server in each, with SSH", start);

    // From a server: the stand-ins at the bridge, but no control routes; and the world's packages.
    let bridge = first.endpoints().unwrap().node_mirror;
    let at = format!("{}:{}", bridge.host_str().unwrap(), bridge.port().unwrap());
    assert_eq!(
        ssh.ok(&format!(
            "curl -s -o /dev/null -w '%{{http_code}}' http://{at}/_control/status"
        )),
        "404"
    );
    assert_eq!(
        ssh.ok(&format!(
            "curl -s -o /dev/null -w '%{{http_code}}' http://{at}/node/v0.0.1/x"
        )),
        "404"
    );
    let start = Instant::now();
    ssh.ok("apt-get -qq update && apt-get -qq install --print-uris git | head -1 | grep -q http");
    say("apt-get update", start);
    let status = first.status().await.unwrap();
    assert_eq!((status.servers.len(), status.servers[0].running), (1, true));

    // The control routes want the token.
    let port = first.endpoints().unwrap().hetzner.port().unwrap();
    let answer = reqwest::get(format!("http://127.0.0.1:{port}/_control/env"))
        .await
        .unwrap();
    assert_eq!(answer.status(), 401);
    assert!(!answer.text().await.unwrap().contains(&first.credentials().hetzner));

    first.host_action(&id, HostAction::PowerOff).await.unwrap();
    assert!(!first.status().await.unwrap().servers[0].running);
    assert!(first.host_action("h0", HostAction::Reboot).await.is_err());
    first.host_action(&id, HostAction::PowerOn).await.unwrap();
    let (_, ssh) = existing(&first, &a).await;

    // Killed: the servers run on until the next `up` or `down` removes them.
    let (names_a, names_b) = (Names::of(&a), Names::of(&b));
    kill(&a).await;
    ssh.ok("true");
    let start = Instant::now();
    let again = up(&a).await;
    say("up after a kill", start);
    ssh.fails("true");
    names_a.assert_gone();
    assert!(again.status().await.unwrap().servers.is_empty());
    other.ok("true");
    kill(&b).await;
    assert!(!client::down(&b).await.unwrap(), "it did not run");
    names_b.assert_gone();

    let (_, ssh) = existing(&again, &a).await;
    ssh.ok("true");
    let names = Names::of(&a);
    let start = Instant::now();
    assert!(client::down(&a).await.unwrap());
    say("down", start);
    names.assert_gone();
    assert!(!a.join("world.json").exists() && !a.join("network.json").exists());
}
