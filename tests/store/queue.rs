//! Jobs and their leases.

use super::new_bot;
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::deploy::create;
use clawdwako::error::Kind;
use clawdwako::model::{Facts, JobKind, JobStatus, now};
use clawdwako::store::{Lease, Limits, Store};

on_both_engines! {
    a_worker_whose_job_was_taken_over_writes_nothing_more,
    a_failed_job_stops_the_ones_after_it,
    a_lease_lasts_as_long_as_it_was_renewed_for,
    what_is_handed_back_is_that_job_alone,
    a_worker_that_is_gone_holds_no_place,
    what_waits_is_what_could_be_claimed,
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

async fn a_lease_lasts_as_long_as_it_was_renewed_for(engine: Engine) {
    let p = engine.platform().await;
    let (_, d) = create(&p, new_bot("demo", 1)).await.unwrap();
    let (_, lease) = p.store.claim_job(&d.id, "a/1/1", 60_000).await.unwrap().unwrap();
    let begun = now();
    assert!(p.store.renew_lease(&lease, 600_000).await.unwrap());
    let (worker, until) = p.store.job_holder(&d.id).await.unwrap().unwrap();
    assert_eq!(worker, "a/1/1");
    assert!((begun + 600_000..=now() + 600_000).contains(&until), "{until}");
}

async fn a_worker_that_is_gone_holds_no_place(engine: Engine) {
    let p = engine.platform().await;
    let (_, d) = create(&p, new_bot("demo", 1)).await.unwrap();
    let limits = Limits {
        hetzner: 1,
        digitalocean: 0,
        existing: 0,
    };
    let claim = async |lease_ms| {
        let claimed = p.store.claim_next("a/1/1", lease_ms, &limits).await.unwrap();
        claimed.map(|(job, _)| (job.deployment_id, job.attempts))
    };
    assert_eq!(claim(-1).await, Some((d.id.clone(), 1)));
    assert_eq!(
        claim(60_000).await,
        Some((d.id.clone(), 2)),
        "its lease was over at once"
    );
    create(&p, new_bot("more", 2)).await.unwrap();
    assert_eq!(claim(60_000).await, None, "the one place is taken");
}

async fn what_waits_is_what_could_be_claimed(engine: Engine) {
    let p = engine.platform().await;
    let (_, d) = create(&p, new_bot("demo", 1)).await.unwrap();
    let waiting = async || p.store.jobs_waiting(9).await.unwrap();
    let end = async |store: &Store, lease: &Lease, status, run_after| {
        let mut tx = store.begin().await.unwrap();
        tx.end_job(lease, status, None, run_after).await.unwrap();
        tx.commit().await.unwrap();
    };
    let claim = async || p.store.claim_job(&d.id, "a/1/1", 60_000).await.unwrap().unwrap().1;
    assert_eq!(waiting().await, 1, "the first of five");
    create(&p, new_bot("more", 2)).await.unwrap();
    assert_eq!((waiting().await, p.store.jobs_waiting(1).await.unwrap()), (2, 1));
    let lease = claim().await;
    assert_eq!(waiting().await, 1, "one is held");
    end(&p.store, &lease, JobStatus::Done, 0).await;
    assert_eq!(waiting().await, 2, "the second of five");
    let lease = claim().await;
    end(&p.store, &lease, JobStatus::Queued, now() + 60_000).await;
    assert_eq!(waiting().await, 1, "not yet");
    let mut tx = p.store.begin().await.unwrap();
    tx.delay_job(&d.id, JobKind::InstallDependencies, 0).await.unwrap();
    tx.commit().await.unwrap();
    let lease = claim().await;
    end(&p.store, &lease, JobStatus::Failed, 0).await;
    assert_eq!(waiting().await, 1, "what failed waits for nobody");
}

async fn what_is_handed_back_is_that_job_alone(engine: Engine) {
    let p = engine.platform().await;
    let mut leases = Vec::new();
    for (i, name) in ["before", "demo", "after"].into_iter().enumerate() {
        let (_, d) = create(&p, new_bot(name, i as i64)).await.unwrap();
        let (_, lease) = p.store.claim_job(&d.id, "a/1/1", 60_000).await.unwrap().unwrap();
        assert_eq!(lease.fence, 1, "alike in all but their job");
        leases.push(lease);
    }
    assert!(p.store.hand_back(&leases[1]).await.unwrap());
    assert!(!p.store.hand_back(&leases[1]).await.unwrap(), "it is held no more");
    let mut tx = p.store.begin().await.unwrap();
    let lost = tx.step_started(&leases[1], "connect").await.unwrap_err();
    assert_eq!(lost.kind(), Kind::Busy, "whatever is held by the same number");
    drop(tx);
    for (i, lease) in leases.iter().enumerate() {
        let held = p.store.job_holder(&lease.deployment_id).await.unwrap().is_some();
        assert_eq!(held, i != 1, "{i}");
    }
}
