//! The servers' network, of several sandboxes that come and go at once.

use crate::support::alone::alone;
use clawdwako::sandbox::net::Network;
use std::path::Path;
use std::process::Command;

/// How often one goes while another one comes.
const ROUNDS: usize = 6;
/// A way out, as far as the kernel can tell.
const UPLINK: &str = "ip link add up0 type bridge && ip addr add 192.0.2.9/24 dev up0 && ip link set up0 up \
    && ip route add default via 192.0.2.1 && echo 0 > /proc/sys/net/ipv4/conf/up0/forwarding";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_one_switches_the_forwarding_off_and_no_one_else() {
    if !alone("sandbox::net::the_last_one_switches_the_forwarding_off_and_no_one_else") {
        return;
    }
    let made = Command::new("sh").args(["-c", UPLINK]).status().unwrap();
    assert!(made.success());
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [a, b] = [dirs[0].path(), dirs[1].path()];

    up(a).await;
    for round in 0..ROUNDS {
        let (goes, comes) = if round % 2 == 0 { (a, b) } else { (b, a) };
        tokio::join!(down(goes), up(comes));
        assert!(forwards(), "round {round}: one is there, and its servers reach nobody");
    }
    up(b).await;
    down(a).await;
    assert!(forwards());
    down(b).await;
    assert!(!forwards(), "nobody is there");
    // Whoever forwards already goes on with that.
    std::fs::write(FORWARDING, "1").unwrap();
    up(a).await;
    down(a).await;
    assert!(forwards());
}

const FORWARDING: &str = "/proc/sys/net/ipv4/conf/up0/forwarding";

fn forwards() -> bool {
    std::fs::read_to_string(FORWARDING).unwrap().trim() == "1"
}

async fn up(dir: &Path) {
    Network::up(dir).await.unwrap();
}

async fn down(dir: &Path) {
    Network::down(dir).await.unwrap();
}
