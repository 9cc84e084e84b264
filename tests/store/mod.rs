//! The store and the queue on a real SQLite file.

use clawdwako::deploy::{NewBot, Platform, Wish, create};
use clawdwako::error::Kind;
use clawdwako::model::{BotStatus, DeploymentStatus, Facts, JobKind, JobStatus, LOCAL_USER, ProviderKind};
use clawdwako::secrets::{Secret, master};
use clawdwako::store::{BotFilter, Owner, Store};
use std::path::Path;

async fn platform(dir: &Path) -> Platform {
    let store = Store::open(&dir.join("clawdwako.db"), master::load(dir, None).unwrap())
        .await
        .unwrap();
    Platform {
        store,
        http: clawdwako::http::Http::new().unwrap(),
        endpoints: Default::default(),
        tokens: Default::default(),
    }
}

fn new_bot(name: &str, telegram_id: i64) -> NewBot {
    NewBot {
        user_id: LOCAL_USER.into(),
        name: name.into(),
        token: Secret::new(format!("{telegram_id}:canary-telegram-token-canary-canary")),
        telegram_id,
        model: "anthropic/claude-opus-5".into(),
        model_key: Secret::new("canary-model-key"),
        owner: Some(42),
        provider: ProviderKind::Hetzner,
        wish: Wish::default(),
        ssh_key: None,
    }
}

#[tokio::test]
async fn a_bot_is_written_whole_and_its_secrets_are_sealed() {
    let dir = tempfile::tempdir().unwrap();
    let p = platform(dir.path()).await;
    let (bot, deployment) = create(&p, new_bot("demo", 1)).await.unwrap();
    let (found, same) = p.store.bot(LOCAL_USER, "demo").await.unwrap();
    assert_eq!(
        (found.id.as_str(), same.id.as_str()),
        (bot.id.as_str(), deployment.id.as_str())
    );
    assert_eq!(
        p.store.jobs(&deployment.id).await.unwrap().len(),
        5,
        "all jobs but destroy"
    );
    let secret = p.store.secret(&Owner::Bot(bot.id.clone()), "telegram").await.unwrap();
    assert!(secret.expose().contains("canary-telegram"));
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(
            !bytes.windows(6).any(|w| w == b"canary"),
            "a secret is in a file of the store"
        );
    }
}

#[tokio::test]
async fn a_name_and_a_token_serve_one_bot_only_until_it_is_destroyed() {
    let dir = tempfile::tempdir().unwrap();
    let p = platform(dir.path()).await;
    let (bot, deployment) = create(&p, new_bot("demo", 1)).await.unwrap();
    assert_eq!(create(&p, new_bot("demo", 2)).await.unwrap_err().kind(), Kind::Exists);
    let e = create(&p, new_bot("other", 1)).await.unwrap_err();
    assert!(e.kind() == Kind::Exists && e.message().contains("\"demo\""), "{e}");
    let mut tx = p.store.begin().await.unwrap();
    for s in [DeploymentStatus::Destroying, DeploymentStatus::Destroyed] {
        tx.set_deployment_status(&deployment.id, s).await.unwrap();
    }
    for s in [BotStatus::Deploying, BotStatus::Destroyed] {
        tx.set_bot_status(&bot.id, s, None).await.unwrap();
    }
    tx.commit().await.unwrap();
    create(&p, new_bot("demo", 1)).await.unwrap();
    assert_eq!(
        p.store
            .bots(LOCAL_USER, BotFilter { destroyed: true })
            .await
            .unwrap()
            .len(),
        2
    );
    assert_eq!(p.store.bots(LOCAL_USER, BotFilter::default()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let p = platform(dir.path()).await;
    let (bot, _) = create(&p, new_bot("demo", 1)).await.unwrap();
    let mut tx = p.store.begin().await.unwrap();
    tx.set_bot_status(&bot.id, BotStatus::Failed, Some("no")).await.unwrap();
    drop(tx);
    assert_eq!(
        p.store.bot(LOCAL_USER, "demo").await.unwrap().0.status,
        BotStatus::Pending
    );
}

#[tokio::test]
async fn a_worker_whose_job_was_taken_over_writes_nothing_more() {
    let dir = tempfile::tempdir().unwrap();
    let p = platform(dir.path()).await;
    let (_, d) = create(&p, new_bot("demo", 1)).await.unwrap();
    let (job, first) = p.store.claim_job(&d.id, "a/1/1", 60_000).await.unwrap().unwrap();
    assert_eq!((job.kind, job.attempts), (JobKind::ProvisionServer, 1));
    assert!(
        p.store.claim_job(&d.id, "b/2/2", 60_000).await.unwrap().is_none(),
        "the lease holds"
    );
    p.store.end_leases_of("a/1/1").await.unwrap();
    let (_, second) = p.store.claim_job(&d.id, "b/2/2", 60_000).await.unwrap().unwrap();
    assert!(!p.store.renew_lease(&first, 1).await.unwrap());
    let mut tx = p.store.begin().await.unwrap();
    assert_eq!(
        tx.save_facts(&first, &Facts::default()).await.unwrap_err().kind(),
        Kind::Busy
    );
    assert_eq!(tx.step_started(&first, "connect").await.unwrap_err().kind(), Kind::Busy);
    assert_eq!(
        tx.end_job(&first, JobStatus::Done, None, 0).await.unwrap_err().kind(),
        Kind::Busy
    );
    tx.save_facts(
        &second,
        &Facts {
            ipv4: Some("198.18.0.1".into()),
            ..Facts::default()
        },
    )
    .await
    .unwrap();
    tx.end_job(&second, JobStatus::Done, None, 0).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        p.store.deployment(&d.id).await.unwrap().facts.ipv4.as_deref(),
        Some("198.18.0.1")
    );
    let (next, _) = p.store.claim_job(&d.id, "b/2/2", 60_000).await.unwrap().unwrap();
    assert_eq!(next.kind, JobKind::InstallDependencies, "jobs go in order");
}

#[tokio::test]
async fn a_failed_job_stops_the_ones_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let p = platform(dir.path()).await;
    let (_, d) = create(&p, new_bot("demo", 1)).await.unwrap();
    let (_, lease) = p.store.claim_job(&d.id, "a/1/1", 60_000).await.unwrap().unwrap();
    let mut tx = p.store.begin().await.unwrap();
    tx.end_job(&lease, JobStatus::Failed, Some("no"), 0).await.unwrap();
    tx.commit().await.unwrap();
    assert!(p.store.claim_job(&d.id, "a/1/1", 60_000).await.unwrap().is_none());
    let mut tx = p.store.begin().await.unwrap();
    tx.requeue_failed(&d.id).await.unwrap();
    tx.commit().await.unwrap();
    assert!(p.store.claim_job(&d.id, "a/1/1", 60_000).await.unwrap().is_some());
}

#[tokio::test]
async fn two_processes_open_a_new_store_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let open = || async {
        Store::open(
            &dir.path().join("clawdwako.db"),
            master::load(dir.path(), None).unwrap(),
        )
        .await
    };
    let (a, b) = tokio::join!(open(), open());
    assert!(a.is_ok() && b.is_ok());
}

#[tokio::test]
async fn a_store_of_a_newer_version_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("clawdwako.db");
    drop(platform(dir.path()).await);
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute(
        "INSERT INTO migrations (number, name, applied_at) VALUES (999, 'future', 0)",
        [],
    )
    .unwrap();
    drop(raw);
    let e = Store::open(&path, master::load(dir.path(), None).unwrap())
        .await
        .err()
        .unwrap();
    assert!(e.kind() == Kind::Store && e.message().contains("999"), "{e}");
}

#[tokio::test]
async fn a_store_of_the_first_version_is_brought_up_to_date_and_keeps_everything() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("clawdwako.db");
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch(include_str!("fixtures/version-1.sql"))
        .unwrap();
    let p = platform(dir.path()).await;
    let bots = p.store.bots(LOCAL_USER, BotFilter::default()).await.unwrap();
    let names: Vec<&str> = bots.iter().map(|(b, _)| b.name.as_str()).collect();
    assert_eq!(names, ["bot-1", "bot-2"]);
    let (bot, deployment) = p.store.bot(LOCAL_USER, "bot-1").await.unwrap();
    assert_eq!((bot.status, bot.owner), (BotStatus::Active, Some(42)));
    assert_eq!(deployment.facts.size.as_deref(), Some("cx23"));
    assert_eq!(p.store.jobs(&deployment.id).await.unwrap().len(), 1);
    assert_eq!(p.store.events(&deployment.id, 0, None).await.unwrap().len(), 1);
    create(&p, new_bot("third", 9)).await.unwrap();
}
