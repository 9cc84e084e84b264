//! How fast the control server answers: 10,000 bots in the embedded store, 500 requests a second.
//!
//! `CLAWDWAKO_BENCH_BINARY=target/quick/clawdwako tests/run -E 'test(bench::)'` measures what
//! install.sh builds and holds it to the promise of 10 ms. Without it the debug build gets a tenth
//! of the load, and its time is only told: it is several times slower.

mod load;

use crate::support::bots::a_bot;
use crate::support::cli::{Home, binary};
use crate::support::people::{a_user, add_token};
use crate::support::replica::Replica;
use clawdwako::model::{Role, Scope, TokenKind};
use load::{Plan, run};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const USERS: i64 = 100;
const BOTS_EACH: i64 = 100;

/// What is measured, at how many requests a second, and how long 99 of 100 answers may take, if
/// that is promised.
fn measured() -> (PathBuf, u32, Option<Duration>) {
    match std::env::var_os("CLAWDWAKO_BENCH_BINARY") {
        Some(path) => (std::path::absolute(path).unwrap(), 500, Some(Duration::from_millis(10))),
        None => (binary(), 50, None),
    }
}

/// Who may ask: for each user a token, and one of the user's bots.
struct Asker {
    token: String,
    bot: String,
}

async fn fill(home: &Home) -> Vec<Asker> {
    let store = home.server_store().await;
    let mut askers = Vec::new();
    for u in 0..USERS {
        let mut tx = store.begin().await.unwrap();
        let user = a_user(&format!("user-{u}@example.com"), Role::Member);
        tx.insert_user(&user).await.unwrap();
        let token = add_token(&mut tx, &user, TokenKind::Api, Scope::Read).await;
        let mut last = String::new();
        for b in 0..BOTS_EACH {
            let (mut bot, deployment) = a_bot(&format!("bot-{b}"), 1_000 + u * BOTS_EACH + b);
            bot.user_id = user.id.clone();
            tx.insert_bot(&bot).await.unwrap();
            tx.insert_deployment(&deployment).await.unwrap();
            for kind in clawdwako::deploy::DEPLOYING {
                tx.enqueue(&deployment.id, kind, 3).await.unwrap();
            }
            last = bot.id;
        }
        tx.commit().await.unwrap();
        askers.push(Asker { token, bot: last });
    }
    askers
}

/// Starts the control server that is measured.
fn serve(home: &Home, binary: &PathBuf) -> Replica {
    let config = home.write("bench.toml", "[server]\nrequests_per_minute = 1000000000\n");
    let mut command = Command::new(binary);
    command.env_clear();
    for (name, value) in home.command(&[]).get_envs() {
        command.envs(value.map(|v| (name, v)));
    }
    Replica::start(command, &config, &["--no-workers"])
}

/// The most memory that a process ever had, in MiB.
fn memory_mb(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_bots_under_load() {
    let (binary, rate, promise) = measured();
    let home = Home::new();
    let askers = fill(&home).await;
    let server = serve(&home, &binary);
    let paths: Vec<(String, String)> = askers
        .iter()
        .flat_map(|a| {
            let list = ("/api/bots".to_owned(), a.token.clone());
            [list, (format!("/api/deploy/{}/status", a.bot), a.token.clone())]
        })
        .collect();
    let plan = |seconds| Plan {
        address: server.api.to_string(),
        requests: paths.clone(),
        rate,
        seconds,
        connections: 16,
    };
    // Its caches are filled first, as in a server that has run for a while.
    run(&plan(2));
    let told = run(&plan(15));
    let memory = memory_mb(server.id());
    for (what, part) in [("GET /api/bots", 0), ("GET /api/deploy/:botId/status", 1)] {
        let t = told.of(part, 2);
        println!(
            "FIGURE {what}: {} requests at {rate}/s, p50 {:?}, p99 {:?}, longest {:?}, {memory} MiB ({})",
            t.len(),
            t.at(0.50),
            t.at(0.99),
            t.at(1.0),
            binary.display()
        );
        assert!(promise.is_none_or(|p| t.at(0.99) < p), "{what}: p99 {:?}", t.at(0.99));
    }
    assert_eq!(told.failed, 0, "every request is answered with 200");
    assert!(memory < 150, "{memory} MiB");
}
