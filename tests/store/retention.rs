//! What is forgotten because it is old, and what never is.

use crate::support::bots::a_bot;
use crate::support::engine::{Engine, on_both_engines};
use crate::support::people::add_user;
use clawdwako::health::{Settings, forget_old};
use clawdwako::model::{
    Bot, BotStatus, Deployment, DeploymentStatus, Event, EventKind, JobKind, JobStatus, Millis, Role, now,
};
use clawdwako::secrets::Secret;
use clawdwako::store::{Deed, Owner, Store};
use std::collections::BTreeSet;
use std::time::Duration;

on_both_engines!(
    only_what_is_destroyed_and_old_is_forgotten,
    what_was_seen_at_a_provider_is_kept,
    the_audit_is_forgotten_in_parts_and_read_out_in_pages,
    for_ever_is_for_ever,
);

const DAY: Millis = 24 * 3600 * 1000;

fn days(n: u32) -> Duration {
    Duration::from_secs(24 * 3600) * n
}

async fn change(store: &Store, sql: &str) -> u64 {
    let mut tx = store.begin().await.unwrap();
    let changed = tx.execute(sql, &[]).await.unwrap();
    tx.commit().await.unwrap();
    changed
}

async fn count(store: &Store, table: &str) -> i64 {
    let rows = store
        .query(&format!("SELECT COUNT(*) FROM {table}"), &[])
        .await
        .unwrap();
    rows[0].int(0).unwrap()
}

/// A bot in some state that last changed so many days ago, with all that is kept of one.
async fn put(store: &Store, name: &str, telegram_id: i64, status: (BotStatus, DeploymentStatus), age: i64) {
    let (mut bot, mut deployment): (Bot, Deployment) = a_bot(name, telegram_id);
    (bot.status, deployment.status) = status;
    bot.updated_at = now() - age * DAY;
    deployment.updated_at = bot.updated_at;
    let event = Event {
        at: bot.updated_at,
        kind: EventKind::Result,
        job: None,
        step: None,
        text: "told".into(),
        duration_ms: None,
    };
    let mut tx = store.begin().await.unwrap();
    tx.insert_bot(&bot).await.unwrap();
    tx.insert_deployment(&deployment).await.unwrap();
    tx.enqueue(&deployment.id, JobKind::DestroyServer, 1).await.unwrap();
    let end = if name == "at-work" {
        JobStatus::Running
    } else {
        JobStatus::Done
    };
    let values = [deployment.id.clone().into(), end.as_str().into()];
    let ended = "UPDATE jobs SET status = $2 WHERE deployment_id = $1";
    tx.execute(ended, &values).await.unwrap();
    let step = "INSERT INTO steps (deployment_id, name, status, started_at) VALUES ($1, 'check_gone', 'done', 1)";
    tx.execute(step, &values[..1]).await.unwrap();
    let sample = "INSERT INTO samples (bot_id, at, reading) VALUES ($1, 1, '{}')";
    tx.execute(sample, &[bot.id.clone().into()]).await.unwrap();
    tx.insert_event(&deployment.id, &event).await.unwrap();
    let owner = Owner::Bot(bot.id);
    tx.put_secret(&owner, "telegram", &Secret::new("t")).await.unwrap();
    tx.commit().await.unwrap();
}

async fn names(store: &Store) -> BTreeSet<String> {
    let rows = store.query("SELECT name FROM bots", &[]).await.unwrap();
    rows.iter().map(|r| r.text(0).unwrap()).collect()
}

fn keep_destroyed(n: u32) -> Settings {
    Settings {
        keep_destroyed: Some(days(n)),
        ..Settings::default()
    }
}

async fn only_what_is_destroyed_and_old_is_forgotten(engine: Engine) {
    use BotStatus as B;
    use DeploymentStatus as D;
    let store = engine.open().await;
    let gone = (B::Destroyed, D::Destroyed);
    // All that may cost money, in each state that a bot can be in, however old.
    let mut kept = BTreeSet::new();
    let states = [
        (B::Pending, D::Pending),
        (B::Deploying, D::Deploying),
        (B::Active, D::Active),
        (B::Stopped, D::Stopped),
        (B::Failed, D::Failed),
        (B::Failed, D::Stuck),
        (B::Deploying, D::Destroying),
        // No table of changes leads here; a record that was mended by hand might say so.
        (B::Destroyed, D::Active),
        (B::Destroyed, D::Stuck),
        (B::Destroyed, D::Destroying),
        (B::Active, D::Destroyed),
    ];
    for (n, status) in states.into_iter().enumerate() {
        let name = format!("costs-{n}");
        put(&store, &name, n as i64, status, 5_000).await;
        kept.insert(name);
    }
    put(&store, "at-work", 100, gone, 5_000).await;
    put(&store, "young", 101, gone, 89).await;
    kept.extend(["at-work", "young"].map(str::to_owned));
    // More than go at once.
    for n in 0..45 {
        put(&store, &format!("old-{n}"), 200 + n, gone, 91 + n).await;
    }
    forget_old(&store, &keep_destroyed(90)).await.unwrap();
    assert_eq!(names(&store).await, kept);
    let left = kept.len() as i64;
    for table in ["deployments", "jobs", "steps", "events", "samples", "secrets"] {
        assert_eq!(count(&store, table).await, left, "{table}");
    }
    // Each is in the audit, by its id.
    let told = store.audit(None, None, 1_000).await.unwrap();
    let told: BTreeSet<_> = told.iter().map(|e| (e.action.as_str(), e.object.clone())).collect();
    assert!(
        told.len() == 45 && told.iter().all(|(action, _)| *action == "forget bot"),
        "{told:?}"
    );
    forget_old(&store, &keep_destroyed(90)).await.unwrap();
    assert_eq!(names(&store).await, kept, "and nothing more the next time");
}

async fn what_was_seen_at_a_provider_is_kept(engine: Engine) {
    let store = engine.open().await;
    let gone = (BotStatus::Destroyed, DeploymentStatus::Destroyed);
    for (n, name) in ["seen", "not-seen"].into_iter().enumerate() {
        put(&store, name, n as i64, gone, 400).await;
    }
    put(&store, "stands", 7, (BotStatus::Active, DeploymentStatus::Active), 400).await;
    let before = store
        .query("SELECT updated_at FROM deployments ORDER BY id", &[])
        .await
        .unwrap();
    for row in store
        .query(
            "SELECT d.id FROM deployments d JOIN bots b ON b.id = d.bot_id WHERE b.name <> 'not-seen'",
            &[],
        )
        .await
        .unwrap()
    {
        store.keep_destroyed(&row.text(0).unwrap()).await.unwrap();
    }
    let after = store
        .query("SELECT updated_at FROM deployments ORDER BY id", &[])
        .await
        .unwrap();
    let moved = before
        .iter()
        .zip(&after)
        .filter(|(b, a)| b.int(0).unwrap() != a.int(0).unwrap());
    assert_eq!(moved.count(), 1, "that of one that stands is nobody's to move");
    forget_old(&store, &keep_destroyed(90)).await.unwrap();
    let kept = ["seen", "stands"].map(str::to_owned);
    assert_eq!(names(&store).await, kept.into());
}

/// Entries of so many ages in days, many of each in the same millisecond.
async fn entries(store: &Store, ages: &[i64], of_each: usize) -> Millis {
    let at = now();
    for &age in ages {
        let mut tx = store.begin().await.unwrap();
        for _ in 0..of_each {
            let deed = Deed {
                actor: "ada",
                user_id: "ada",
                action: "POST /api/deploy",
                result: "ok",
                ..Deed::default()
            };
            tx.note(deed).await.unwrap();
        }
        let moved = "UPDATE audit SET at = $1 WHERE at >= $2";
        tx.execute(moved, &[(at - age * DAY).into(), at.into()]).await.unwrap();
        tx.commit().await.unwrap();
    }
    at
}

async fn the_audit_is_forgotten_in_parts_and_read_out_in_pages(engine: Engine) {
    let store = engine.open().await;
    add_user(&store, "ada@example.org", Role::Member).await;
    // More than go at once, and two on either side of the border.
    let at = entries(&store, &[900, 401, 399, 1], 700).await;
    let read = async |since: Millis, until: Millis, page: i64| {
        let mut all = Vec::new();
        loop {
            let after = all.last().map(|e: &clawdwako::store::AuditEntry| (e.at, e.id.clone()));
            let after = after.as_ref().map(|(at, id)| (*at, id.as_str()));
            let more = store.audit_between(since, until, after, page).await.unwrap();
            if more.is_empty() {
                return all;
            }
            all.extend(more);
        }
    };
    // Whatever the pages, each entry comes once, oldest first, and only those of the time.
    for (since, until, wanted) in [
        (0, at + 1, 2_800),
        (at - 401 * DAY, at - DAY, 1_400),
        (at - 401 * DAY + 1, at - DAY + 1, 1_400),
        (at, at + 1, 0),
    ] {
        for page in [97, 5_000] {
            let all = read(since, until, page).await;
            let ids: BTreeSet<&str> = all.iter().map(|e| e.id.as_str()).collect();
            assert_eq!((all.len(), ids.len()), (wanted, wanted), "{since} {until} {page}");
            assert!(all.is_sorted_by_key(|e| e.at));
        }
    }
    let settings = Settings {
        keep_audit: Some(days(400)),
        ..Settings::default()
    };
    forget_old(&store, &settings).await.unwrap();
    let left = read(0, Millis::MAX, 5_000).await;
    let (told, left): (Vec<_>, Vec<_>) = left.into_iter().partition(|e| e.action == "forget audit");
    assert_eq!(left.len(), 1_400);
    assert!(left.iter().all(|e| e.at >= at - 400 * DAY));
    assert_eq!(told[0].object.as_deref(), Some("1400 entries"), "that is told, too");
    forget_old(&store, &settings).await.unwrap();
    assert_eq!(count(&store, "audit").await, 1_401);
}

async fn for_ever_is_for_ever(engine: Engine) {
    let store = engine.open().await;
    entries(&store, &[9_000], 10).await;
    put(
        &store,
        "old",
        1,
        (BotStatus::Destroyed, DeploymentStatus::Destroyed),
        9_000,
    )
    .await;
    forget_old(&store, &Settings::default()).await.unwrap();
    assert_eq!((count(&store, "audit").await, count(&store, "bots").await), (10, 1));
    // A deployment is told to be old by its own time, too.
    assert_eq!(
        change(&store, &format!("UPDATE deployments SET updated_at = {}", now())).await,
        1
    );
    forget_old(&store, &keep_destroyed(90)).await.unwrap();
    assert_eq!(count(&store, "bots").await, 1);
}
