//! How fast the control server answers: 10,000 bots in the embedded store, 500 requests a second.
//!
//! `CLAWDWAKO_BENCH_BINARY=target/quick/clawdwako tests/run -E 'test(bench::)'` measures what
//! install.sh builds and holds it to the promise of 10 ms. Without it the debug build gets a tenth
//! of the load, and its time is only told: it is several times slower.

mod load;

use crate::support::bots::a_bot;
use crate::support::cli::{Home, binary};
use clawdwako::model::{Role, Scope, Token, TokenKind, User, new_id, now};
use clawdwako::secrets::{bearer, master};
use clawdwako::store::Store;
use load::{Plan, run};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
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
    let dir = home.path().join("clawdwako/state/profiles/default/server");
    std::fs::create_dir_all(&dir).unwrap();
    let sealer = master::load(&dir, None).unwrap();
    let store = Store::open(&dir.join("store.db"), sealer).await.unwrap();
    let mut askers = Vec::new();
    for u in 0..USERS {
        let mut tx = store.begin().await.unwrap();
        let user = User {
            id: new_id(),
            google_sub: format!("sub-{u}"),
            email: format!("user-{u}@example.com"),
            name: None,
            role: Role::Member,
            disabled: false,
            created_at: now(),
            updated_at: now(),
        };
        tx.insert_user(&user).await.unwrap();
        let given = bearer::mint("cwk_").unwrap();
        let token = Token {
            id: new_id(),
            user_id: user.id.clone(),
            kind: TokenKind::Api,
            name: "bench".into(),
            scope: Scope::Read,
            created_at: now(),
            used_at: now(),
            expires_at: now() + 3_600_000,
        };
        tx.insert_token(&token, given.expose()).await.unwrap();
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
        askers.push(Asker {
            token: given.expose().to_owned(),
            bot: last,
        });
    }
    askers
}

/// A control server that runs until it is dropped.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(home: &Home, binary: &PathBuf) -> Served {
        let config = "[server]\nrequests_per_minute = 1000000000\n";
        let file = home.write("bench.toml", config);
        let model = home.command(&[]);
        let mut command = Command::new(binary);
        command.env_clear();
        for (name, value) in model.get_envs() {
            command.envs(value.map(|v| (name, v)));
        }
        let mut child = command
            .args(["server", "run", "--no-workers", "--json", "--listen", "127.0.0.1:0"])
            .args(["--metrics-listen", "127.0.0.1:0", "--config"])
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let told: serde_json::Value = serde_json::from_str(&line).unwrap();
        let address = told["listening"]["api"].as_str().unwrap().to_owned();
        Served { child, address }
    }

    /// The most memory that it ever had, in MiB.
    fn memory_mb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
        let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kib / 1024
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_bots_under_load() {
    let (binary, rate, promise) = measured();
    let home = Home::new();
    let askers = fill(&home).await;
    let server = Served::start(&home, &binary);
    let paths: Vec<(String, String)> = askers
        .iter()
        .flat_map(|a| {
            let list = ("/api/bots".to_owned(), a.token.clone());
            [list, (format!("/api/deploy/{}/status", a.bot), a.token.clone())]
        })
        .collect();
    let plan = |seconds| Plan {
        address: server.address.clone(),
        requests: paths.clone(),
        rate,
        seconds,
        connections: 16,
    };
    // Its caches are filled first, as in a server that has run for a while.
    run(&plan(2));
    let told = run(&plan(15));
    let memory = server.memory_mb();
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
