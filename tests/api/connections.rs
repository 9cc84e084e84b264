//! How long connections are kept, how many there may be, and what those are told for whom there
//! is no room.

use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, open};
use crate::support::engine::{Engine, on_both_engines};
use crate::support::wire::Wire;
use clawdwako::config::ServerSettings;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

on_both_engines!(
    whoever_finds_no_room_is_told_so,
    an_address_has_its_share_and_a_proxy_all_there_is,
    heads_and_idle_connections_have_deadlines,
);

/// A request that waits for the rest of its body.
const BUSY: &str = "POST /api/auth/callback/google HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{";
const WELL: &str = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";

fn address(api: &Api) -> SocketAddr {
    api.base.strip_prefix("http://").unwrap().parse().unwrap()
}

/// So many connections that are answered at once.
async fn busy(at: SocketAddr, count: usize) -> Vec<Wire> {
    let mut all = Vec::new();
    for _ in 0..count {
        let mut wire = Wire::open(at).await;
        // It is let in, and known to be busy after that.
        assert!(wire.is_well().await);
        wire.send(BUSY).await;
        all.push(wire);
    }
    all
}

/// Asks until the answer is this one; the server sees when a request begins a little later.
async fn until(at: SocketAddr, status: u16) -> crate::support::wire::Answer {
    let since = Instant::now();
    loop {
        let told = Wire::open(at).await.ask(WELL).await;
        if told.status == status {
            return told;
        }
        assert!(since.elapsed() < Duration::from_secs(10), "{told:?}");
    }
}

async fn whoever_finds_no_room_is_told_so(engine: Engine) {
    let google = StandIns::start().await;
    let settings = ServerSettings {
        max_connections: 16,
        ..open()
    };
    let api = Api::start(&engine, &google, settings).await;
    let at = address(&api);
    let mut all = busy(at, 16).await;
    let told = until(at, 503).await;
    assert_eq!(told.body["error"]["code"], "busy");
    assert!(told.closes() && told.header("retry-after").is_some(), "{told:?}");
    assert_eq!(told.body["error"]["request_id"].as_str(), told.header("x-request-id"));
    assert_eq!(told.header("x-content-type-options"), Some("nosniff"));
    // They are answered all the same, and make room.
    for wire in &mut all {
        let told = wire.ask("\"a\": 10}").await;
        assert_eq!(told.status, 422, "{told:?}");
    }
    until(at, 200).await;
    // Somebody had to go for that, and the others stay.
    let mut open = 0;
    for wire in &mut all {
        open += usize::from(wire.is_open() && wire.is_well().await);
    }
    assert!((10..16).contains(&open), "{open}");
}

async fn an_address_has_its_share_and_a_proxy_all_there_is(engine: Engine) {
    let google = StandIns::start().await;
    let few = |proxies: &[&str]| ServerSettings {
        max_connections_per_address: 2,
        trusted_proxies: proxies.iter().map(|a| a.parse().unwrap()).collect(),
        ..open()
    };
    let api = Api::start(&engine, &google, few(&[])).await;
    let all = busy(address(&api), 2).await;
    let told = until(address(&api), 429).await;
    assert_eq!(told.body["error"]["code"], "rate_limited");
    assert!(told.closes() && told.header("retry-after").is_some(), "{told:?}");
    drop(all);
    until(address(&api), 200).await;

    let api = Api::start(&engine, &google, few(&["127.0.0.1"])).await;
    let _all = busy(address(&api), 5).await;
    assert!(Wire::open(address(&api)).await.is_well().await);
}

async fn heads_and_idle_connections_have_deadlines(engine: Engine) {
    let google = StandIns::start().await;
    let settings = ServerSettings {
        head_timeout_s: 1,
        idle_timeout_s: 3,
        ..open()
    };
    let api = Api::start(&engine, &google, settings).await;
    let at = address(&api);
    let lasts = async |mut wire: Wire, begun: Instant, pieces: bool| {
        while pieces && begun.elapsed() < Duration::from_secs(8) {
            // It may be closed at any moment.
            if wire.try_send(b"x: y\r\n").await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        wire.closed().await;
        begun.elapsed().as_secs_f64()
    };
    let silent = async { lasts(Wire::open(at).await, Instant::now(), false).await };
    let slow = async {
        let mut wire = Wire::open(at).await;
        wire.send("GET /healthz HTTP/1.1\r\n").await;
        lasts(wire, Instant::now(), true).await
    };
    let idle = async {
        let mut wire = Wire::open(at).await;
        assert!(wire.is_well().await);
        lasts(wire, Instant::now(), false).await
    };
    let slow_again = async {
        let mut wire = Wire::open(at).await;
        assert!(wire.is_well().await);
        wire.send("GET /healthz HTTP/1.1\r\n").await;
        lasts(wire, Instant::now(), true).await
    };
    let (silent, slow, idle, slow_again) = tokio::join!(silent, slow, idle, slow_again);
    for (what, took, from) in [
        ("silent", silent, 0.9),
        ("slow", slow, 0.9),
        ("idle", idle, 2.9),
        ("slow again", slow_again, 0.9),
    ] {
        assert!((from..from + 1.9).contains(&took), "{what}: {took} s");
    }
}
