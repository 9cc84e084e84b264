//! A control server that somebody tries to wear down, as a process of its own on both engines:
//! connections that say nothing, heads that do not end, files that run out, and a life that
//! nobody may prolong.

use crate::support::engine::{Engine, on_both_engines};
use crate::support::ground::Ground;
use crate::support::people::{add_token, add_user};
use crate::support::replica::Replica;
use crate::support::wire::Wire;
use clawdwako::api::server::connections::files;
use clawdwako::model::{JobKind, Role, Scope, TokenKind};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

on_both_engines!(
    half_open_connections_keep_nobody_out,
    unfinished_heads_cost_little_memory,
    nobody_prolongs_its_life,
    an_unfinished_body_ends_with_the_drain_time,
    it_lives_on_without_a_file_left,
);

/// What it may use at most, in kB.
const MEMORY_KB: u64 = 150 * 1024;
/// What systemd gives to a service that asks for nothing.
const USUAL_FILES: u64 = 1024;
/// How long an answer may take while others try to keep it from being given.
const SOON: Duration = Duration::from_secs(5);
/// The drain time, unless the settings say otherwise.
const DRAIN: Duration = Duration::from_secs(30);

/// Asks several times, each on a connection of its own; answers the longest time, which the
/// caller looks at where others try to make it long.
async fn is_well(server: &Replica) -> Duration {
    let mut longest = Duration::ZERO;
    for _ in 0..20 {
        let since = Instant::now();
        assert!(Wire::open(server.api).await.is_well().await);
        longest = longest.max(since.elapsed());
    }
    longest
}

/// So many connections that send this, if they are let, and stay.
async fn many(address: SocketAddr, count: usize, text: &'static str) -> Vec<Wire> {
    let mut all = JoinSet::new();
    for _ in 0..count {
        all.spawn(async move {
            let mut wire = Wire::open(address).await;
            // It may be refused in the middle of it.
            let _ = wire.try_send(text.as_bytes()).await;
            wire
        });
    }
    all.join_all().await
}

fn tell(what: &str, engine: &Ground, told: &str) {
    let engine = if engine.shared { "PostgreSQL" } else { "SQLite" };
    eprintln!("{engine}: {what}: {told}");
}

async fn half_open_connections_keep_nobody_out(engine: Engine) {
    let ground = Ground::new(&engine).await;
    // This process holds them, too.
    let own = files::raise();
    assert!(own > 3_000, "{own} files are too few for this test");
    let proxy = "trusted_proxies = ['127.0.0.1']";
    for (hard, settings) in [(16_384, ""), (16_384, proxy), (USUAL_FILES, ""), (USUAL_FILES, proxy)] {
        let server = ground.serve_as(settings, Some((USUAL_FILES, hard)));
        let held = many(server.api, 1_100, "").await;
        let longest = is_well(&server).await;
        // The other listener is no way in either.
        let scrapers = many(server.metrics, 1_100, "").await;
        let mut scraper = Wire::open(server.metrics).await;
        let told = scraper.ask("GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert_eq!(told.status, 404);
        let memory = server.memory_kb("VmHWM");
        let what = format!("1,100 half-open, {USUAL_FILES}:{hard} files, {settings:?}");
        tell(&what, &ground, &format!("/healthz within {longest:?}, {memory} kB"));
        assert!(memory < MEMORY_KB, "{memory} kB");
        assert!(longest < SOON, "{longest:?}");
        drop((held, scrapers));
        server.stop();
    }
}

async fn unfinished_heads_cost_little_memory(engine: Engine) {
    let ground = Ground::new(&engine).await;
    files::raise();
    // All of them are let in: what each costs has to be little.
    let server = ground.serve_as("trusted_proxies = ['127.0.0.1']", Some((USUAL_FILES, 16_384)));
    // Too long for any head, and nearly as long as one may be.
    for lines in [4_000, 300] {
        let more = ("x: ".to_owned() + &"y".repeat(95) + "\r\n").repeat(lines);
        let head: &'static str = format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{more}").leak();
        let held = many(server.api, 1_000, head).await;
        let longest = is_well(&server).await;
        let memory = server.memory_kb("VmHWM");
        let what = format!("1,000 heads of {} kB", head.len() / 1_000);
        tell(&what, &ground, &format!("/healthz within {longest:?}, {memory} kB"));
        assert!(memory < MEMORY_KB, "{memory} kB");
        assert!(longest < SOON, "{longest:?}");
        drop(held);
    }
    server.stop();
}

/// A user, a token of theirs, and a bot with work that nobody does: its story goes on.
pub async fn followed(ground: &Ground) -> (String, String) {
    let ada = add_user(&ground.store, "ada@example.org", Role::Member).await;
    let (mut bot, deployment) = crate::support::bots::a_bot("demo", 7);
    bot.user_id = ada.id.clone();
    let mut tx = ground.store.begin().await.unwrap();
    tx.insert_bot(&bot).await.unwrap();
    tx.insert_deployment(&deployment).await.unwrap();
    tx.enqueue(&deployment.id, JobKind::ProvisionServer, 1).await.unwrap();
    let token = add_token(&mut tx, &ada, TokenKind::Api, Scope::Admin).await;
    tx.commit().await.unwrap();
    (bot.id, token)
}

/// Follows a bot's story.
pub async fn follow(address: SocketAddr, bot: &str, credential: &str) -> Wire {
    follow_by(Wire::open(address).await, bot, credential).await
}

/// Follows a bot's story over a connection.
pub async fn follow_by(mut wire: Wire, bot: &str, credential: &str) -> Wire {
    wire.send(&format!(
        "GET /api/deploy/{bot}/logs HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n{credential}\r\n\r\n"
    ))
    .await;
    let head = wire.until("\r\n\r\n").await.unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    wire
}

async fn nobody_prolongs_its_life(engine: Engine) {
    let ground = Ground::new(&engine).await;
    let (bot, token) = followed(&ground).await;
    let mut server = ground.serve();
    let mut half_open = Wire::open(server.api).await;
    let mut unfinished = Wire::open(server.api).await;
    unfinished.send("GET /healthz HTTP/1.1\r\nhost:").await;
    let mut idle = Wire::open(server.api).await;
    assert!(idle.is_well().await);
    let mut scraper = Wire::open(server.metrics).await;
    let mut log = follow(server.api, &bot, &format!("authorization: Bearer {token}")).await;
    // All of them are known by now: whoever connects later was let in.
    is_well(&server).await;
    server.terminate();
    let took = server.ended_within(DRAIN + Duration::from_secs(5));
    tell(
        "half-open, followed: ended after SIGTERM within",
        &ground,
        &format!("{took:?}"),
    );
    assert!(took < Duration::from_secs(5), "{took:?}");
    let told = log.until("\n\n").await.unwrap();
    assert!(told.contains("event: closing") && told.contains("shutdown"), "{told}");
    for wire in [&mut half_open, &mut unfinished, &mut idle, &mut scraper, &mut log] {
        wire.closed().await;
    }
}

async fn an_unfinished_body_ends_with_the_drain_time(engine: Engine) {
    let ground = Ground::new(&engine).await;
    let mut server = ground.serve_as("drain_s = 2", None);
    let mut wire = Wire::open(server.api).await;
    let head = "POST /api/auth/callback/google HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n";
    wire.send(&format!("{head}{{")).await;
    let mut finished = Wire::open(server.api).await;
    finished.send(&format!("{head}{{")).await;
    is_well(&server).await;
    server.terminate();
    // Nobody is let in any more, and who was let in may finish.
    while tokio::net::TcpStream::connect(server.api).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    finished.send("\"a\": 10}").await;
    let told = finished.answer().await;
    assert_eq!((told.status, told.closes()), (422, true), "{told:?}");
    let took = server.ended_within(DRAIN);
    tell(
        "unfinished body, drain_s = 2: ended after",
        &ground,
        &format!("{took:?}"),
    );
    assert!(
        (Duration::from_secs(1)..Duration::from_secs(8)).contains(&took),
        "{took:?}"
    );
    wire.closed().await;
}

/// Waits until a server holds so many connections: those that their clients have closed are
/// closed a little later.
async fn until_connected(server: &Replica, count: usize) {
    let port = format!(":{:04X}", server.api.port());
    let since = Instant::now();
    loop {
        let all = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let held = all.lines().skip(1).filter(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // 0A is a listener; a socket that nobody holds has no inode.
            fields[1].ends_with(&port) && fields[3] != "0A" && fields[9] != "0"
        });
        let held = held.count();
        if held == count {
            return;
        }
        assert!(since.elapsed() < SOON, "{held} connections, not {count}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Lets a process have no file more than it has; answers what held before.
fn no_file_more(server: &Replica) -> Rlimit {
    let pid = Pid::from_raw(i32::try_from(server.id()).unwrap());
    let open: Vec<u64> = std::fs::read_dir(format!("/proc/{}/fd", server.id()))
        .unwrap()
        .map(|f| f.unwrap().file_name().to_str().unwrap().parse().unwrap())
        .collect();
    let free = (0..).find(|n| !open.contains(n));
    let now = rustix::process::prlimit(
        pid,
        Resource::Nofile,
        Rlimit {
            current: free,
            maximum: Some(files::raise() as u64),
        },
    );
    now.unwrap()
}

/// Processor time that a process has used.
fn processor(server: &Replica) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    // Linux tells it in hundredths everywhere.
    Duration::from_millis(ticks * 10)
}

async fn it_lives_on_without_a_file_left(engine: Engine) {
    let ground = Ground::new(&engine).await;
    let server = ground.serve();
    is_well(&server).await;
    // So that its file has a lower number than any that is free after it.
    until_connected(&server, 0).await;
    let mut idle = Wire::open(server.api).await;
    assert!(idle.is_well().await);
    let before = no_file_more(&server);
    // Whoever waits makes room for whoever asks.
    let mut asks = Wire::open(server.api).await;
    assert!(asks.is_well().await);
    idle.closed().await;
    // Where nobody waits, whoever comes is let go, and the process has nothing to do.
    asks.send("POST /api/auth/callback/google HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n\r\n")
        .await;
    asks.until("100 Continue\r\n\r\n").await.unwrap();
    let used = processor(&server);
    let since = Instant::now();
    for _ in 0..20 {
        Wire::open(server.api).await.closed().await;
    }
    let mut waits: Vec<Wire> = many(server.api, 5, "").await;
    for wire in &mut waits {
        wire.closed().await;
    }
    let (used, took) = (processor(&server) - used, since.elapsed());
    tell("no file left: used, of", &ground, &format!("{used:?} {took:?}"));
    assert!(used < Duration::from_millis(200) + took / 4, "{used:?} of {took:?}");
    let pid = Pid::from_raw(i32::try_from(server.id()).unwrap());
    prlimit(pid, Resource::Nofile, before).unwrap();
    drop(asks);
    is_well(&server).await;
    server.stop();
}
