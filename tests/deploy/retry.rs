//! What an operator does to jobs, where a destroy was begun.

use crate::store::new_bot;
use crate::support::engine::{Engine, on_both_engines, on_sqlite};
use clawdwako::deploy::{self, Platform, create};
use clawdwako::error::Kind;
use clawdwako::jobs;
use clawdwako::model::{BotStatus, DeploymentStatus, Job, JobKind, JobStatus};
use clawdwako::store::Lease;

on_both_engines! {
    what_is_put_back_is_never_a_destroy_unless_it_is_named,
}

on_sqlite! {
    nothing_but_the_destroy_is_tried_again_once_it_was_begun,
    a_cancel_of_what_is_done_reaches_nothing_behind_it,
}

async fn job(p: &Platform, deployment_id: &str, kind: JobKind) -> Job {
    let jobs = p.store.jobs(deployment_id).await.unwrap();
    jobs.into_iter().find(|j| j.kind == kind).unwrap()
}

/// A deployment that was cut off before its end, and then its destroy.
async fn leaving(p: &Platform) -> (String, String) {
    let (bot, d) = create(p, new_bot("demo", 1)).await.unwrap();
    deploy::begin_destroy(p, &bot, &d).await.unwrap();
    (bot.id, d.id)
}

async fn claim(p: &Platform, deployment_id: &str) -> Lease {
    let claimed = p.store.claim_job(deployment_id, "elsewhere/1/1", 60_000).await.unwrap();
    claimed.unwrap().1
}

async fn end(p: &Platform, lease: &Lease, status: JobStatus) {
    let mut tx = p.store.begin().await.unwrap();
    tx.end_job(lease, status, Some("no"), 0).await.unwrap();
    tx.commit().await.unwrap();
}

async fn nothing_but_the_destroy_is_tried_again_once_it_was_begun(engine: Engine) {
    let p = engine.platform().await;
    let (_, d) = leaving(&p).await;
    let first = job(&p, &d, JobKind::ProvisionServer).await;
    let refused = async |why: &str| {
        let before = p.store.jobs(&d).await.unwrap();
        let e = jobs::retry(&p.store, &first.id).await.unwrap_err();
        assert!(e.kind() == Kind::State && e.next_step().is_some(), "{why}: {e:?}");
        assert_eq!(
            format!("{:?}", p.store.jobs(&d).await.unwrap()),
            format!("{before:?}"),
            "{why}"
        );
    };
    refused("it waits").await;
    let lease = claim(&p, &d).await;
    refused("it runs").await;
    end(&p, &lease, JobStatus::Failed).await;
    refused("it failed").await;
    let destroy = job(&p, &d, JobKind::DestroyServer).await;
    let again = jobs::retry(&p.store, &destroy.id).await.unwrap();
    assert_eq!(again.status, JobStatus::Queued);
    assert_eq!(job(&p, &d, JobKind::ProvisionServer).await.status, JobStatus::Cancelled);
    end(&p, &claim(&p, &d).await, JobStatus::Done).await;
    refused("it is done").await;
}

async fn what_is_put_back_is_never_a_destroy_unless_it_is_named(engine: Engine) {
    let p = engine.platform().await;
    let (_, d) = leaving(&p).await;
    end(&p, &claim(&p, &d).await, JobStatus::Failed).await;
    let mut tx = p.store.begin().await.unwrap();
    let first = job(&p, &d, JobKind::InstallDependencies).await;
    assert_eq!(
        tx.requeue_jobs_from(&first).await.unwrap(),
        4,
        "it, and those behind it"
    );
    tx.commit().await.unwrap();
    let now: Vec<_> = p.store.jobs(&d).await.unwrap().iter().map(|j| j.status).collect();
    use JobStatus::{Cancelled, Failed, Queued};
    assert_eq!(now, [Cancelled, Queued, Queued, Queued, Queued, Failed]);
    let destroy = job(&p, &d, JobKind::DestroyServer).await;
    let mut tx = p.store.begin().await.unwrap();
    assert_eq!(tx.requeue_jobs_from(&destroy).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

async fn a_cancel_of_what_is_done_reaches_nothing_behind_it(engine: Engine) {
    let p = engine.platform().await;
    let (bot, d) = create(&p, new_bot("demo", 1)).await.unwrap();
    end(&p, &claim(&p, &d.id).await, JobStatus::Done).await;
    let first = job(&p, &d.id, JobKind::ProvisionServer).await;
    let e = jobs::cancel(&p.store, &first.id).await.unwrap_err();
    assert_eq!(e.kind(), Kind::State, "{e:?}");
    let now = p.store.jobs(&d.id).await.unwrap();
    assert!(now[1..].iter().all(|j| j.status == JobStatus::Queued), "{now:?}");
    let bot = p.store.bot_by_id(&bot.id).await.unwrap();
    let deployment = p.store.deployment(&d.id).await.unwrap();
    assert_eq!(
        (bot.status, deployment.status, bot.failure),
        (BotStatus::Pending, DeploymentStatus::Pending, None)
    );
}
