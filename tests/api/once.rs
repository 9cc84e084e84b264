//! A request with a key that takes long, or that another control server has taken over meanwhile.

use super::rules;
use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, Told, at_google, open};
use crate::support::engine::{Engine, on_sqlite};
use crate::support::held::HeldTelegram;
use clawdwako::model::{BotStatus, DeploymentStatus, Role, now};
use clawdwako::store::Store;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

// What the store does with a claim is shown on both engines, in store::idempotency.
on_sqlite! {
    a_long_request_keeps_its_claim,
    what_was_answered_elsewhere_meanwhile_is_not_done,
}

/// How long anything may take that takes seconds at most.
const PATIENCE: Duration = Duration::from_secs(20);

async fn send(api: &Api, token: &str, path: &str, body: &Value) -> Told {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "key")];
    api.call("POST", path, &headers, body).await
}

async fn change(store: &Store, sql: &str) {
    let mut tx = store.begin().await.unwrap();
    tx.execute(sql, &[]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn claimed_at(store: &Store) -> i64 {
    let rows = store.query("SELECT created_at FROM idempotency", &[]).await.unwrap();
    rows[0].int(0).unwrap()
}

async fn a_long_request_keeps_its_claim(engine: Engine) {
    const PATH: &str = "/api/telegram/set-webhook";
    let google = StandIns::start().await;
    let telegram = HeldTelegram::start(PATIENCE, Duration::ZERO).await;
    let (endpoints, operator) = at_google(&google);
    let endpoints = telegram.in_place(endpoints);
    let one = Api::start_with(&engine, endpoints.clone(), operator.clone(), open()).await;
    let two = Api::start_with(&engine, endpoints, operator, open()).await;
    let (ada, token) = one.user("ada@example.org", Role::Member).await;
    let stopped = (BotStatus::Stopped, DeploymentStatus::Stopped);
    let (bot, _) = rules::bot(&one, &google, &ada, "demo", stopped).await;
    let body = json!({"bot_id": bot});

    let later = async {
        tokio::time::timeout(PATIENCE, telegram.asked.notified())
            .await
            .expect("it is under way");
        // It has taken so long that its claim is about to be lost.
        change(&one.store, "UPDATE idempotency SET created_at = created_at - 15000").await;
        let (aged, since) = (claimed_at(&one.store).await, Instant::now());
        while claimed_at(&one.store).await == aged {
            assert!(since.elapsed() < PATIENCE, "nobody says that it still runs");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Not at its very last moment.
        assert!(now() - aged < 25_000, "it would have been lost");
        send(&two, &token, PATH, &body).await.refused(409, "busy");
        telegram.go_on.send(()).unwrap();
    };
    let (first, ()) = tokio::join!(send(&one, &token, PATH, &body), later);
    assert_eq!((first.status, first.header("idempotency-replayed")), (200, ""));
    let again = send(&two, &token, PATH, &body).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (200, "true"));
    assert_eq!(again.body, first.body);
}

/// It counted as lost, another control server did it, and only then it goes on.
async fn what_was_answered_elsewhere_meanwhile_is_not_done(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    let (_, token) = api.user("ada@example.org", Role::Member).await;
    let body = json!({"name": "robot", "scope": "read"});
    let taken_over = "CREATE TRIGGER taken_over AFTER INSERT ON tokens WHEN NEW.name = 'robot'
                      BEGIN UPDATE idempotency SET status = 201, answer = x'00'; END";
    change(&api.store, taken_over).await;
    send(&api, &token, "/api/auth/tokens", &body).await.refused(409, "busy");
    let robots = "SELECT COUNT(*) FROM tokens WHERE name = 'robot'";
    assert_eq!(api.store.query(robots, &[]).await.unwrap()[0].int(0).unwrap(), 0);
    change(&api.store, "DROP TRIGGER taken_over").await;
    let done = send(&api, &token, "/api/auth/tokens", &body).await;
    assert_eq!(done.status, 201, "{done:?}");
    assert_eq!(api.store.query(robots, &[]).await.unwrap()[0].int(0).unwrap(), 1);
}
