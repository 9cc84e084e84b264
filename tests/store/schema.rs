//! Opening a store: new, old, newer than we are.

use super::new_bot;
use crate::support::cli::repository;
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::deploy::create;
use clawdwako::error::Kind;
use clawdwako::model::{Audience, BotStatus, LOCAL_USER};
use clawdwako::store::{AuditEntry, BEGUN, BotFilter, Deed, Owner};

on_both_engines! {
    two_processes_open_a_new_store_at_once,
    a_store_of_a_newer_version_is_refused,
    an_audit_whose_entries_named_no_request_is_kept,
    host_keys_of_an_older_store_are_forgotten_where_the_server_has_them,
    who_a_bot_of_an_older_store_answers_is_kept,
}

/// Makes a store as the migrations up to that number do.
async fn of_version(engine: &Engine, last: usize) {
    let folder = repository().join("assets/migrations");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    for file in &files[..last] {
        engine.batch(&std::fs::read_to_string(file).unwrap()).await;
    }
    engine
        .batch(&format!(
            "CREATE TABLE migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL);
             INSERT INTO migrations VALUES ({last}, 'older', 1);"
        ))
        .await;
}

async fn two_processes_open_a_new_store_at_once(engine: Engine) {
    let (a, b) = tokio::join!(engine.try_open(), engine.try_open());
    assert!(a.is_ok() && b.is_ok());
}

async fn a_store_of_a_newer_version_is_refused(engine: Engine) {
    let store = engine.open().await;
    let mut tx = store.begin().await.unwrap();
    tx.execute(
        "INSERT INTO migrations (number, name, applied_at) VALUES (999, 'future', 0)",
        &[],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let e = engine.try_open().await.err().unwrap();
    assert!(e.kind() == Kind::Store && e.message().contains("999"), "{e}");
}

/// The first version knew SQLite only.
#[tokio::test]
async fn a_store_of_the_first_version_is_brought_up_to_date_and_keeps_everything() {
    let engine = Engine::sqlite();
    engine.batch(include_str!("fixtures/version-1.sql")).await;
    let p = engine.platform().await;
    let bots = p.store.bots(LOCAL_USER, BotFilter::default()).await.unwrap();
    let names: Vec<&str> = bots.iter().map(|(b, _)| b.name.as_str()).collect();
    assert_eq!(names, ["bot-1", "bot-2"]);
    let (bot, deployment) = p.store.bot(LOCAL_USER, "bot-1").await.unwrap();
    assert_eq!((bot.status, bot.audience), (BotStatus::Active, Audience::Owner(42)));
    assert_eq!(deployment.facts.size.as_deref(), Some("cx23"));
    assert_eq!(p.store.jobs(&deployment.id).await.unwrap().len(), 1);
    assert_eq!(p.store.events(&deployment.id, 0, None).await.unwrap().len(), 1);
    create(&p, new_bot("third", 9)).await.unwrap();
}

async fn an_audit_whose_entries_named_no_request_is_kept(engine: Engine) {
    of_version(&engine, 4).await;
    engine.batch("INSERT INTO audit VALUES ('00000000000070008000000000000001', 5, 'ada', 'bob', 'POST /api/deploy', 'demo', '192.0.2.1', 'ok');").await;
    let store = engine.open().await;
    let deed = Deed {
        actor: "ada",
        user_id: "bob",
        request_id: Some("0b"),
        result: BEGUN,
        ..Deed::default()
    };
    store.note(deed).await.unwrap();
    let told = store.audit(Some("bob"), None, 10).await.unwrap();
    let old = AuditEntry {
        id: "00000000000070008000000000000001".into(),
        at: 5,
        actor: "ada".into(),
        user_id: "bob".into(),
        action: "POST /api/deploy".into(),
        object: Some("demo".into()),
        address: Some("192.0.2.1".into()),
        result: "ok".into(),
        request_id: None,
    };
    assert_eq!((told.len(), &told[1]), (2, &old));
    assert_eq!(
        (told[0].request_id.as_deref(), told[0].result.as_str()),
        (Some("0b"), BEGUN)
    );
}

/// Steps by name, each with its status.
type Steps = &'static [(&'static str, &'static str)];

/// The version before this one kept both private host keys for as long as the bot lived.
async fn host_keys_of_an_older_store_are_forgotten_where_the_server_has_them(engine: Engine) {
    of_version(&engine, 7).await;
    // How far each bot's deployment had come, and which private host keys it still needs.
    let bots: [(&str, Steps, &[&str]); 5] = [
        ("active", &[("create_server", "done"), ("rotate_host_key", "done")], &[]),
        (
            "rotating",
            &[("create_server", "done"), ("rotate_host_key", "running")],
            &["host_key_next"],
        ),
        (
            "refused",
            &[("create_server", "done"), ("rotate_host_key", "failed")],
            &["host_key_next"],
        ),
        (
            "ordering",
            &[("make_keys", "done"), ("create_server", "running")],
            &["host_key_next", "host_key_once"],
        ),
        ("begun", &[("make_keys", "done")], &["host_key_next", "host_key_once"]),
    ];
    for (n, (bot, steps, _)) in bots.iter().enumerate() {
        let mut sql = format!(
            "INSERT INTO bots (id, name, telegram_id, model, status, created_at, updated_at)
                 VALUES ('{bot}', '{bot}', {n}, 'a/b', 'deploying', 1, 1);
             INSERT INTO deployments VALUES ('d-{bot}', '{bot}', 'hetzner', 'deploying', '{{}}', '{{}}', 1, 1);"
        );
        for (step, status) in *steps {
            sql.push_str(&format!(
                "INSERT INTO steps VALUES ('d-{bot}', '{step}', '{status}', 1, 1);"
            ));
        }
        for name in ["host_key_once", "host_key_next", "ssh_private_key"] {
            sql.push_str(&format!(
                "INSERT INTO secrets VALUES ('bot/{bot}', '{name}', 'sealed', 1);"
            ));
        }
        engine.batch(&sql).await;
    }
    let store = engine.open().await;
    for (bot, _, kept) in bots {
        let names = store.secret_names(&Owner::Bot(bot.into())).await.unwrap();
        let names: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
        let wanted = [kept, &["ssh_private_key"]].concat();
        assert_eq!(names, wanted, "{bot}");
    }
}

async fn who_a_bot_of_an_older_store_answers_is_kept(engine: Engine) {
    of_version(&engine, 9).await;
    engine
        .batch("INSERT INTO users VALUES ('ada', 'g-ada', 'ada@example.org', NULL, 'member', 0, 1, 1);")
        .await;
    for (id, owner) in [("one", "42"), ("all", "NULL")] {
        let kept = owner.to_lowercase();
        engine
            .batch(&format!(
                "INSERT INTO bots (id, name, telegram_id, model, owner, status, former, created_at, updated_at)
                     VALUES ('{id}', '{id}', {len}, 'a/b', {owner}, 'active', '{{\"model\":\"a/b\",\"owner\":{kept}}}', 1, 1);
                 INSERT INTO local_bots (user_id, id, origin, machine, record, updated_at, synced_at)
                     VALUES ('ada', '{id}', 'o', 'm', '{{\"owner\":{kept},\"failure\":\"\\\"owner\\\":7\"}}', 1, 1);",
                len = if owner == "42" { 1 } else { 2 },
            ))
            .await;
    }
    let store = engine.open().await;
    let records = store.local_bots("ada", "", 9).await.unwrap();
    for (id, audience) in [("one", Audience::Owner(42)), ("all", Audience::Everyone)] {
        assert_eq!(store.bot_by_id(id).await.unwrap().audience, audience);
        let former = store.begin().await.unwrap().former(id).await.unwrap();
        assert_eq!(former.unwrap().audience, audience, "{id}: before a change");
        let record = records.iter().find(|r| r.id == id).unwrap();
        let record: serde_json::Value = serde_json::from_str(&record.record).unwrap();
        let wanted = serde_json::json!({"audience": audience, "failure": "\"owner\":7"});
        assert_eq!(record, wanted, "{id}: told by another machine");
    }
}
