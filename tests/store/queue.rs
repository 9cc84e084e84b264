//! Jobs and their leases.

use super::new_bot;
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::deploy::create;
use clawdwako::error::Kind;
use clawdwako::model::{Facts, JobKind, JobStatus};

on_both_engines! {
    a_worker_whose_job_was_taken_over_writes_nothing_more,
    a_failed_job_stops_the_ones_after_it,
}

async fn a_worker_whose_job_was_taken_over_writes_nothing_more(engine: Engine) {
    let p = engine.platform().await;
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

async fn a_failed_job_stops_the_ones_after_it(engine: Engine) {
    let p = engine.platform().await;
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
