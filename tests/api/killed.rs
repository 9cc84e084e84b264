//! A control server that is killed in the middle of a change: what is left of it, and that the
//! same request, sent again, finds what was done.

use crate::api::rules;
use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, open};
use crate::support::cli::Home;
use crate::support::engine::{Engine, on_both_engines};
use crate::support::people::{add_token, add_user};
use crate::support::replica::Replica;
use clawdwako::model::{BotStatus, DeploymentStatus, JobKind, JobStatus, Role, Scope, TokenKind};
use clawdwako::secrets::{Secret, master};
use clawdwako::store::{BEGUN, Owner, Store};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

on_both_engines!(
    a_killed_server_leaves_what_it_began_and_the_same_request_finds_what_was_done,
    a_change_whose_answer_cannot_be_kept_is_not_made,
    a_start_that_is_under_way_is_not_begun_again,
);

/// The key of the store, where several machines share it.
const KEY: &str = "5555555555555555555555555555555555555555555555555555555555555555";
/// How long a change may take that takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is about to be written: the event, the table, and which rows.
type At = (&'static str, &'static str, &'static str);
/// That a change has ended.
const END: At = ("INSERT", "audit", "NEW.result = 'ok' AND NEW.action LIKE 'POST %'");
/// The answer to a request with a key.
const ANSWER: At = ("UPDATE", "idempotency", "NEW.status IS NOT NULL");

/// Where control servers live one after the other.
struct Ground {
    world: StandIns,
    home: Home,
    store: Store,
    shared: bool,
}

impl Ground {
    async fn new(engine: &Engine) -> Ground {
        let world = StandIns::start().await;
        let home = Home::new().env("CLAWDWAKO_TELEGRAM_URL", &world.url("/telegram/"));
        let (home, store) = match &engine.postgres {
            None => {
                let store = home.server_store().await;
                (home, store)
            }
            Some(postgres) => {
                let sealer = master::load(engine.path(), Some(&Secret::new(KEY))).unwrap();
                let store = Store::connect(&Secret::new(postgres.url()), sealer).await.unwrap();
                let home = home.env("DATABASE_URL", &postgres.url());
                (home.env("CLAWDWAKO_MASTER_KEY", KEY), store)
            }
        };
        Ground {
            world,
            home,
            store,
            shared: engine.postgres.is_some(),
        }
    }

    fn serve(&self) -> Replica {
        let config = self.home.write("server.toml", "[server]\n");
        Replica::start(self.home.command(&[]), &config, &["--no-workers"])
    }

    /// Has a control server stand still where it is about to write that.
    async fn hold(&self, at: &At) {
        let (event, table, when) = at;
        if self.shared {
            let sleep = "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql
                         AS $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$";
            let trigger = format!(
                "CREATE TRIGGER hold BEFORE {event} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION hold()"
            );
            change(&self.store, &[sleep, &trigger]).await;
        } else {
            // SQLite cannot sleep: it counts for longer than anybody waits.
            let rows = "INSERT INTO many WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                        SELECT i FROM n";
            let trigger = format!(
                "CREATE TRIGGER hold BEFORE {event} ON {table} WHEN {when}
                 BEGIN SELECT COUNT(*) FROM many a, many b, many c, many d, many e; END"
            );
            change(&self.store, &["CREATE TABLE many (n BIGINT)", rows, &trigger]).await;
        }
    }

    /// Whether it stands still there. In SQLite nobody sees that, and nothing waits for it there.
    async fn is_held(&self) -> bool {
        let asleep = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
        !self.shared || count(&self.store, asleep).await == 1
    }

    async fn release(&self, (_, table, _): &At) {
        if self.shared {
            // It does not notice that its control server is gone until it has slept.
            let end = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
            assert_eq!(count(&self.store, end).await, 1);
            let trigger = format!("DROP TRIGGER hold ON {table}");
            change(&self.store, &[&trigger, "DROP FUNCTION hold()"]).await;
        } else {
            change(&self.store, &["DROP TRIGGER hold", "DROP TABLE many"]).await;
        }
    }

    /// How what was asked of a path ended, newest first.
    async fn told(&self, path: &str) -> Vec<String> {
        let all = self.store.audit(None, None, 100).await.unwrap();
        let action = format!("POST {path}");
        all.into_iter()
            .filter(|e| e.action == action)
            .map(|e| e.result)
            .collect()
    }
}

async fn change(store: &Store, statements: &[&str]) {
    let mut tx = store.begin().await.unwrap();
    for sql in statements {
        tx.execute(sql, &[]).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn count(store: &Store, sql: &str) -> i64 {
    store.query(sql, &[]).await.unwrap()[0].int(0).unwrap()
}

/// What was answered.
struct Answer {
    status: u16,
    replayed: bool,
    body: Value,
}

/// Sends a request with its path as Idempotency-Key.
async fn send(server: &Replica, token: &str, path: &str, body: &Value) -> reqwest::Result<Answer> {
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let request = client.post(format!("http://{}{path}", server.api)).bearer_auth(token);
    let response = request.header("idempotency-key", path).json(body).send().await?;
    Ok(Answer {
        status: response.status().as_u16(),
        replayed: response.headers().contains_key("idempotency-replayed"),
        body: response.json().await?,
    })
}

async fn a_killed_server_leaves_what_it_began_and_the_same_request_finds_what_was_done(engine: Engine) {
    let ground = Ground::new(&engine).await;
    let ada = add_user(&ground.store, "ada@example.org", Role::Member).await;
    let mut tx = ground.store.begin().await.unwrap();
    let token = add_token(&mut tx, &ada, TokenKind::Api, Scope::Admin).await;
    tx.put_secret(&Owner::User(ada.id.clone()), "hetzner", &Secret::new("x"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let bot = json!({
        "name": "demo", "token": ground.world.bot().await.0, "model": "claude-opus", "model_key": "sk-x", "audience": 42,
    });
    let mut server = ground.serve();
    let mut bot_id = Value::Null;
    for (path, body, made, wanted, kept) in [
        (
            "/api/auth/tokens",
            json!({"name": "robot", "scope": "read"}),
            "SELECT COUNT(*) FROM tokens WHERE name = 'robot'",
            1,
            Some(201),
        ),
        ("/api/bots/create", bot, "SELECT COUNT(*) FROM bots", 1, Some(201)),
        // Not kept with its change: asked again, it finds the jobs that it queued.
        ("/api/deploy", json!({}), "SELECT COUNT(*) FROM jobs", 5, None),
    ] {
        let body = match path {
            "/api/deploy" => json!({"bot_id": bot_id}),
            _ => body,
        };
        let at = if kept.is_some() { END } else { ANSWER };
        ground.hold(&at).await;
        let cut_off = async {
            let since = Instant::now();
            while count(&ground.store, made).await != wanted || !ground.is_held().await {
                assert!(since.elapsed() < PATIENCE, "{path}: nothing was made, or it went on");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            answer = send(&server, &token, path, &body) => panic!("{path}: {:?}", answer.map(|a| a.body)),
            () = cut_off => {}
        }
        drop(server);
        ground.release(&at).await;
        assert_eq!(ground.told(path).await, [BEGUN], "{path}");

        if kept.is_none() {
            // Else it counts as still running, for as long as another server may be at it.
            change(
                &ground.store,
                &["UPDATE idempotency SET created_at = created_at - 20000 WHERE status IS NULL"],
            )
            .await;
        }
        server = ground.serve();
        let answer = send(&server, &token, path, &body).await.unwrap();
        assert_eq!(
            (answer.status, answer.replayed),
            (kept.unwrap_or(202), kept.is_some()),
            "{path}: {}",
            answer.body
        );
        assert_eq!(count(&ground.store, made).await, wanted, "{path}: made once");
        assert_eq!(ground.told(path).await, ["ok", BEGUN, BEGUN], "{path}");
        if path == "/api/bots/create" {
            bot_id = answer.body["id"].clone();
        }
        if let Some(robot) = answer.body["token"].as_str() {
            let found = ground.store.find_token(robot, clawdwako::model::now()).await.unwrap();
            assert_eq!(found.unwrap().0.scope, Scope::Read, "it is the one that was made");
        }
    }
}

/// What is written together is kept together, wherever a server is killed: so it is enough that
/// the one fails.
async fn a_change_whose_answer_cannot_be_kept_is_not_made(engine: Engine) {
    let world = StandIns::start().await;
    let api = Api::start(&engine, &world, open()).await;
    let (_, token) = api.user("ada@example.org", Role::Member).await;
    let fail: &[&str] = match engine.postgres {
        Some(_) => &[
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$",
            "CREATE TRIGGER fail BEFORE UPDATE ON idempotency FOR EACH ROW WHEN (NEW.status = 201) EXECUTE FUNCTION fail()",
        ],
        None => &["CREATE TRIGGER fail BEFORE UPDATE ON idempotency WHEN NEW.status = 201
                   BEGIN SELECT RAISE(ABORT, 'no'); END"],
    };
    let heal = match engine.postgres {
        Some(_) => "DROP TRIGGER fail ON idempotency",
        None => "DROP TRIGGER fail",
    };
    change(&api.store, fail).await;
    let robot = json!({"name": "robot", "scope": "read"});
    let bot = json!({
        "name": "demo", "token": world.bot().await.0, "model": "claude-opus", "model_key": "sk-x", "audience": 42,
    });
    let all = [
        (
            "/api/auth/tokens",
            robot,
            "SELECT COUNT(*) FROM tokens WHERE name = 'robot'",
        ),
        ("/api/bots/create", bot, "SELECT COUNT(*) FROM bots"),
    ];
    let bearer = format!("Bearer {token}");
    for (wanted, status) in [(0, 500), (1, 201), (1, 201)] {
        for (path, body, made) in &all {
            let headers = [("authorization", bearer.as_str()), ("idempotency-key", path)];
            let told = api.call("POST", path, &headers, body).await;
            assert_eq!(told.status, status, "{path}: {told:?}");
            assert_eq!(count(&api.store, made).await, wanted, "{path}");
        }
        if wanted == 0 {
            change(&api.store, &[heal]).await;
        }
    }
}

async fn a_start_that_is_under_way_is_not_begun_again(engine: Engine) {
    let world = StandIns::start().await;
    let api = Api::start(&engine, &world, open()).await;
    let (ada, token) = api.user("ada@example.org", Role::Member).await;
    let stopped = (BotStatus::Stopped, DeploymentStatus::Stopped);
    let (bot, deployment) = rules::bot(&api, &world, &ada, "demo", stopped).await;
    let mut tx = api.store.begin().await.unwrap();
    tx.enqueue(&deployment, JobKind::DeployOpenclaw, 1).await.unwrap();
    tx.execute("UPDATE jobs SET status = 'done'", &[]).await.unwrap();
    tx.commit().await.unwrap();
    for verb in ["start", "start", "restart"] {
        let told = api
            .with(&token, "POST", &format!("/api/deploy/{bot}/{verb}"), json!({}))
            .await;
        assert_eq!(told.status, 202, "{verb}: {told:?}");
    }
    let jobs = api.store.jobs(&deployment).await.unwrap();
    let starts: Vec<_> = jobs.iter().filter(|j| j.kind == JobKind::StartBot).collect();
    assert_eq!((starts.len(), starts[0].status), (1, JobStatus::Queued));
}
