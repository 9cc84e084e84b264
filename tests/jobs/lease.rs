//! A job is its holder's as long as the lease holds, and nobody else's.

use super::crew::{PATIENCE, begin, run, until};
use super::effects::{KINDS, effect, number, prepare, settings};
use crate::support::engine::{Engine, on_both_engines};
use crate::support::workers::{ELSEWHERE, gone, here};
use clawdwako::error::Kind;
use clawdwako::jobs::{Settings, Terms};
use clawdwako::model::{Job, JobStatus};
use clawdwako::store::{Lease, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

on_both_engines! {
    work_stops_when_its_lease_is_over_while_the_store_hangs,
    work_stops_when_its_lease_is_over_and_the_store_only_fails,
    work_goes_on_over_a_short_failure_of_the_store,
    a_crew_that_begins_frees_only_what_the_dead_held,
    the_leases_of_one_worker_end_and_no_others,
    with_an_old_fence_nothing_is_given_back_or_kept,
    a_lease_ends_at_its_moment_and_not_before,
    a_job_that_is_claimed_counts_anew_against_the_old_holder,
}

const LEASE: Duration = Duration::from_millis(1000);
const RENEW: Duration = Duration::from_millis(150);

fn short() -> Settings {
    Settings {
        terms: Terms {
            lease: LEASE,
            renew: RENEW,
            ..settings().terms
        },
        ..settings()
    }
}

/// Work that goes on until it is told to end, or is dropped; how often that was, and the word.
struct Hanging {
    dropped: Arc<AtomicUsize>,
    end: Arc<Notify>,
}

struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Hanging {
    fn new() -> (Hanging, clawdwako::jobs::Run) {
        let (dropped, end) = (Arc::<AtomicUsize>::default(), Arc::<Notify>::default());
        let (guard, told) = (Arc::clone(&dropped), Arc::clone(&end));
        let work = run(move |_, _| {
            let (guard, told) = (Dropped(Arc::clone(&guard)), Arc::clone(&told));
            async move {
                let _guard = guard;
                told.notified().await;
                Ok(())
            }
        });
        (Hanging { dropped, end }, work)
    }

    fn is_over(&self) -> bool {
        self.dropped.load(Ordering::SeqCst) > 0
    }

    /// Waits until the work was dropped; answers how long it went on.
    async fn over(&self) -> Duration {
        let since = Instant::now();
        while !self.is_over() {
            assert!(since.elapsed() < PATIENCE / 2, "it goes on with a lease that is over");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        since.elapsed()
    }
}

/// The last renewal may have been just before the store was taken away, or a renewal before that.
fn at_its_end(took: Duration) {
    let earliest = LEASE - RENEW * 3;
    assert!(took >= earliest, "given up after {took:?}, while the lease held");
    // A busy machine may be late; whoever does not look at the lease is later.
    assert!(took < LEASE * 8, "given up after {took:?} only");
}

async fn work_stops_when_its_lease_is_over_while_the_store_hangs(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 1).await;
    let (hanging, work) = Hanging::new();
    let crew = begin(&store, short(), work);
    until(&store, "jobs WHERE status = 'running'", 1).await;
    // Whoever wants to write waits for this one.
    let mut tx = store.begin().await.unwrap();
    tx.execute("UPDATE jobs SET updated_at = updated_at", &[])
        .await
        .unwrap();
    at_its_end(hanging.over().await);
    drop(tx);
    crew.end().await;
}

async fn work_stops_when_its_lease_is_over_and_the_store_only_fails(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 1).await;
    let (hanging, work) = Hanging::new();
    let crew = begin(&store, short(), work);
    until(&store, "jobs WHERE status = 'running'", 1).await;
    engine.batch("ALTER TABLE jobs RENAME TO jobs_away").await;
    at_its_end(hanging.over().await);
    engine.batch("ALTER TABLE jobs_away RENAME TO jobs").await;
    crew.end().await;
}

async fn work_goes_on_over_a_short_failure_of_the_store(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 1).await;
    let (hanging, work) = Hanging::new();
    // A lease that the failure is short against, on a busy machine too.
    let mut terms = short();
    terms.terms.lease = PATIENCE;
    let crew = begin(&store, terms, work);
    until(&store, "jobs WHERE status = 'running'", 1).await;
    engine.batch("ALTER TABLE jobs RENAME TO jobs_away").await;
    // Some renewals fail.
    tokio::time::sleep(RENEW * 4).await;
    engine.batch("ALTER TABLE jobs_away RENAME TO jobs").await;
    assert!(!hanging.is_over(), "its lease holds");
    hanging.end.notify_one();
    until(&store, "jobs WHERE status = 'done' AND attempts = 1", 1).await;
    crew.end().await;
}

/// The first job of each deployment, in the order of their bots.
async fn firsts(store: &Store) -> Vec<Job> {
    let mut firsts = Vec::new();
    let sql = "SELECT d.id FROM deployments AS d JOIN bots AS b ON b.id = d.bot_id ORDER BY b.name";
    for row in store.query(sql, &[]).await.unwrap() {
        let jobs = store.jobs(&row.text(0).unwrap()).await.unwrap();
        firsts.extend(jobs.into_iter().next());
    }
    firsts
}

async fn claim(store: &Store, job: &Job, worker: &str, lease_ms: i64) -> Lease {
    let claimed = store.claim_job(&job.deployment_id, worker, lease_ms).await.unwrap();
    claimed.unwrap().1
}

/// What is written down of the first jobs.
async fn written(store: &Store) -> Vec<String> {
    let sql = "SELECT status, attempts, fence, COALESCE(worker, ''), COALESCE(lease_until, -1), run_after, updated_at
               FROM jobs ORDER BY id";
    let rows = store.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| format!("{row:?}")).collect()
}

async fn a_crew_that_begins_frees_only_what_the_dead_held(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 4).await;
    let jobs = firsts(&store).await;
    let (alive, dead) = (here(), gone());
    let held = [
        claim(&store, &jobs[0], ELSEWHERE, 600_000).await,
        claim(&store, &jobs[1], &alive, 600_000).await,
    ];
    claim(&store, &jobs[2], &dead, 600_000).await;
    let crew = begin(&store, settings(), effect(&store));
    // The one that nobody held, and the one whose holder is gone, long before its lease is over.
    until(&store, "effects", 2 * KINDS as i64).await;
    crew.end().await;
    for lease in &held {
        let job = store.job(&lease.job_id).await.unwrap();
        assert_eq!((job.status, job.fence), (JobStatus::Running, lease.fence));
        let sql = "SELECT COUNT(*) FROM effects WHERE deployment_id = $1";
        let done = store.query(sql, &[(&lease.deployment_id).into()]).await.unwrap();
        assert_eq!(done[0].int(0).unwrap(), 0, "somebody else was at work on it");
        assert!(store.renew_lease(lease, 1000).await.unwrap());
    }
}

async fn the_leases_of_one_worker_end_and_no_others(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 3).await;
    let jobs = firsts(&store).await;
    let ours = claim(&store, &jobs[0], "one/1/1", 600_000).await;
    claim(&store, &jobs[1], "two/1/1", 600_000).await;
    let mut names = store.job_holders().await.unwrap();
    names.sort();
    assert_eq!(names, ["one/1/1", "two/1/1"]);
    store.end_leases_of("two/1/1").await.unwrap();
    let next = async |job: &Job| store.claim_job(&job.deployment_id, "next/1/1", 1000).await.unwrap();
    assert!(next(&jobs[0]).await.is_none(), "the lease of another holds");
    assert!(store.renew_lease(&ours, 600_000).await.unwrap());
    assert!(next(&jobs[1]).await.is_some());
    // What a worker has done is none of its leases.
    let mut tx = store.begin().await.unwrap();
    tx.end_job(&ours, JobStatus::Failed, Some("no"), 0).await.unwrap();
    tx.commit().await.unwrap();
    let before = written(&store).await;
    store.end_leases_of("one/1/1").await.unwrap();
    assert_eq!(written(&store).await, before);
}

async fn with_an_old_fence_nothing_is_given_back_or_kept(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 1).await;
    let job = &firsts(&store).await[0];
    let old = claim(&store, job, "one/1/1", -1).await;
    let new = claim(&store, job, "two/1/1", 600_000).await;
    assert!(new.fence > old.fence);
    let before = written(&store).await;
    assert!(!store.hand_back(&old).await.unwrap());
    assert!(!store.renew_lease(&old, 600_000).await.unwrap());
    for status in [JobStatus::Done, JobStatus::Queued, JobStatus::Failed] {
        let mut tx = store.begin().await.unwrap();
        let e = tx.end_job(&old, status, None, 0).await.unwrap_err();
        assert_eq!(e.kind(), Kind::Busy);
    }
    assert_eq!(written(&store).await, before);
    // One that ended is nobody's.
    let mut tx = store.begin().await.unwrap();
    tx.end_job(&new, JobStatus::Done, None, 0).await.unwrap();
    tx.commit().await.unwrap();
    let before = written(&store).await;
    assert!(!store.hand_back(&new).await.unwrap() && !store.renew_lease(&new, 1000).await.unwrap());
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.step_started(&new, "connect").await.unwrap_err().kind(), Kind::Busy);
    drop(tx);
    assert_eq!(written(&store).await, before);
}

async fn a_lease_ends_at_its_moment_and_not_before(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 1).await;
    let job = &firsts(&store).await[0];
    let lease = claim(&store, job, ELSEWHERE, 600_000).await;
    let limits = settings().limits;
    // A job that waits for its turn is not to be had, its lease or not.
    for (lease_until, run_after, free) in [(true, false, false), (false, true, false), (false, false, true)] {
        let now = clawdwako::model::now();
        let mut tx = store.begin().await.unwrap();
        let sql = "UPDATE jobs SET lease_until = $1, run_after = $2 WHERE id = $3";
        let at = |later: bool| if later { now + 600_000 } else { now };
        let values = [at(lease_until).into(), at(run_after).into(), (&lease.job_id).into()];
        tx.execute(sql, &values).await.unwrap();
        tx.commit().await.unwrap();
        let claimed = store.claim_next("next/1/1", 1000, &limits).await.unwrap();
        assert_eq!(claimed.is_some(), free, "{lease_until} {run_after}");
    }
}

async fn a_job_that_is_claimed_counts_anew_against_the_old_holder(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 1).await;
    let job = &firsts(&store).await[0];
    let first = claim(&store, job, "one/1/1", 600_000).await;
    assert!(store.hand_back(&first).await.unwrap());
    let attempts = "SELECT attempts FROM jobs ORDER BY position LIMIT 1";
    assert_eq!(number(&store, attempts).await.unwrap(), 0, "no failure of its own");
    let second = claim(&store, job, "one/1/1", 600_000).await;
    assert!(!store.hand_back(&first).await.unwrap(), "by the same worker as well");
    assert_eq!(
        store.job_holder(&job.deployment_id).await.unwrap().unwrap().0,
        "one/1/1"
    );
    // Queued again by a user, it is closed to whoever held it.
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(&job.deployment_id, job.kind, 3).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!store.renew_lease(&second, 1000).await.unwrap());
    assert!(store.job_holder(&job.deployment_id).await.unwrap().is_none());
}
