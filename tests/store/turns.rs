//! Whose turn it is: jobs that are put back, delayed or cancelled, and bots that are looked at.

use super::new_bot;
use crate::support::bots::a_bot;
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::deploy::{DEPLOYING, create, enqueue};
use clawdwako::model::{BotStatus, JobKind, JobStatus, now};
use clawdwako::store::{Lease, Store};

on_both_engines! {
    only_what_failed_is_put_back,
    only_what_waits_is_delayed,
    only_what_is_not_done_is_cancelled,
    what_is_queued_already_is_not_queued_anew,
    work_is_what_a_worker_could_go_on_with,
    the_bot_that_waits_longest_is_looked_at_by_one_alone,
}

async fn claim(store: &Store, d: &str) -> Option<Lease> {
    let claimed = store.claim_job(d, "elsewhere/1/1", 600_000).await.unwrap();
    claimed.map(|(_, lease)| lease)
}

async fn end(store: &Store, d: &str, status: JobStatus, run_after: i64) {
    let lease = claim(store, d).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.end_job(&lease, status, Some("why"), run_after).await.unwrap();
    tx.commit().await.unwrap();
}

async fn statuses(store: &Store, d: &str) -> Vec<JobStatus> {
    store.jobs(d).await.unwrap().iter().map(|j| j.status).collect()
}

use JobStatus::{Cancelled, Done, Failed, Queued, Running};

async fn only_what_failed_is_put_back(engine: Engine) {
    let p = engine.platform().await;
    let (_, d) = create(&p, new_bot("demo", 1)).await.unwrap();
    let (_, other) = create(&p, new_bot("other", 2)).await.unwrap();
    end(&p.store, &d.id, Done, 0).await;
    end(&p.store, &d.id, Failed, 0).await;
    end(&p.store, &other.id, Failed, 0).await;
    let mut tx = p.store.begin().await.unwrap();
    assert!(tx.has_failed_job(&d.id, JobKind::InstallDependencies).await.unwrap());
    assert!(!tx.has_failed_job(&d.id, JobKind::ProvisionServer).await.unwrap());
    tx.requeue_failed(&d.id).await.unwrap();
    assert!(!tx.has_failed_job(&d.id, JobKind::InstallDependencies).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(statuses(&p.store, &d.id).await, [Done, Queued, Queued, Queued, Queued]);
    assert_eq!(statuses(&p.store, &other.id).await[0], Failed);
    let jobs = p.store.jobs(&d.id).await.unwrap();
    assert_eq!((jobs[1].attempts, jobs[1].failure.as_deref()), (0, None));
    assert_eq!(jobs[0].attempts, 1, "history");
}

async fn only_what_waits_is_delayed(engine: Engine) {
    let p = engine.platform().await;
    let (_, d) = create(&p, new_bot("demo", 1)).await.unwrap();
    let (_, other) = create(&p, new_bot("other", 2)).await.unwrap();
    // Later than any lease here ends.
    let later = now() + 6_000_000;
    let first = JobKind::ProvisionServer;
    let delay = async |kind| {
        let mut tx = p.store.begin().await.unwrap();
        tx.delay_job(&d.id, kind, later).await.unwrap();
        tx.commit().await.unwrap();
    };
    let lease = claim(&p.store, &d.id).await.unwrap();
    let (_, until) = p.store.job_holder(&d.id).await.unwrap().unwrap();
    delay(first).await;
    assert_eq!(p.store.job(&lease.job_id).await.unwrap().run_after, until, "it runs");
    assert!(p.store.hand_back(&lease).await.unwrap());
    delay(JobKind::InstallDependencies).await;
    assert!(
        p.store.job(&lease.job_id).await.unwrap().run_after <= now(),
        "another's"
    );
    delay(first).await;
    assert!(claim(&p.store, &d.id).await.is_none(), "not yet");
    assert!(claim(&p.store, &other.id).await.is_some());
    // A job that is to be tried again later is not had before.
    let (_, third) = create(&p, new_bot("third", 3)).await.unwrap();
    end(&p.store, &third.id, Queued, later).await;
    assert!(claim(&p.store, &third.id).await.is_none());
    assert!(p.store.has_work(&third.id).await.unwrap());
}

async fn only_what_is_not_done_is_cancelled(engine: Engine) {
    let p = engine.platform().await;
    let (_, d) = create(&p, new_bot("demo", 1)).await.unwrap();
    let (_, other) = create(&p, new_bot("other", 2)).await.unwrap();
    end(&p.store, &d.id, Done, 0).await;
    let held = claim(&p.store, &d.id).await.unwrap();
    let mut tx = p.store.begin().await.unwrap();
    tx.cancel_jobs_except(&d.id, JobKind::StartBot).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        statuses(&p.store, &d.id).await,
        [Done, Cancelled, Cancelled, Cancelled, Queued]
    );
    assert!(!p.store.renew_lease(&held, 1000).await.unwrap());
    let held = claim(&p.store, &d.id).await.unwrap();
    let mut tx = p.store.begin().await.unwrap();
    tx.cancel_jobs(&d.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        statuses(&p.store, &d.id).await,
        [Done, Cancelled, Cancelled, Cancelled, Cancelled]
    );
    assert!(!p.store.renew_lease(&held, 1000).await.unwrap());
    assert_eq!(statuses(&p.store, &other.id).await, [Queued; 5]);
}

async fn what_is_queued_already_is_not_queued_anew(engine: Engine) {
    let p = engine.platform().await;
    let (_, d) = create(&p, new_bot("demo", 1)).await.unwrap();
    end(&p.store, &d.id, Done, 0).await;
    claim(&p.store, &d.id).await.unwrap();
    let mut tx = p.store.begin().await.unwrap();
    enqueue(&mut tx, &d.id, &DEPLOYING).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(statuses(&p.store, &d.id).await, [Done, Running, Queued, Queued, Queued]);
}

async fn work_is_what_a_worker_could_go_on_with(engine: Engine) {
    let p = engine.platform().await;
    let (_, d) = create(&p, new_bot("demo", 1)).await.unwrap();
    let has_work = async || p.store.has_work(&d.id).await.unwrap();
    assert!(has_work().await);
    end(&p.store, &d.id, Done, 0).await;
    let lease = claim(&p.store, &d.id).await.unwrap();
    assert!(has_work().await);
    let mut tx = p.store.begin().await.unwrap();
    tx.end_job(&lease, Failed, None, 0).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!has_work().await, "the others wait for somebody who mends it");
    let mut tx = p.store.begin().await.unwrap();
    tx.cancel_jobs(&d.id).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!has_work().await);
}

async fn the_bot_that_waits_longest_is_looked_at_by_one_alone(engine: Engine) {
    let (one, two) = (engine.open().await, engine.open().await);
    let at = now();
    let mut tx = one.begin().await.unwrap();
    for (i, (status, check_after)) in [
        (BotStatus::Active, at - 10),
        (BotStatus::Active, at - 30),
        (BotStatus::Active, at + 600_000),
        (BotStatus::Stopped, at - 50),
        (BotStatus::Failed, at - 50),
        (BotStatus::Deploying, at - 50),
        (BotStatus::Destroyed, at - 50),
    ]
    .into_iter()
    .enumerate()
    {
        let (mut bot, deployment) = a_bot(&format!("bot-{i}"), i as i64);
        bot.status = status;
        tx.insert_bot(&bot).await.unwrap();
        tx.insert_deployment(&deployment).await.unwrap();
        tx.next_check(&bot.id, check_after).await.unwrap();
    }
    tx.commit().await.unwrap();
    let claim = async |store: &Store| store.claim_check(600_000).await.unwrap().map(|b| b.name);
    assert_eq!(claim(&one).await.as_deref(), Some("bot-1"));
    assert_eq!(claim(&two).await.as_deref(), Some("bot-0"));
    assert_eq!((claim(&one).await, claim(&two).await), (None, None));
}
