//! How a crew behaves: limits, leases, failures, its end.

use super::effects::{effect, effect_after, number, prepare, settings};
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::error::{Error, Kind, Result};
use clawdwako::jobs::{self, Crew, Run, Settings};
use clawdwako::model::{Audience, BotStatus, Former, Job, JobKind, JobStatus};
use clawdwako::store::{JobFilter, Lease, Limits, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

on_both_engines! {
    limits_hold_over_all_crews,
    the_number_of_workers_follows_the_queue,
    new_work_is_begun_without_waiting_for_the_next_look,
    what_can_pass_is_tried_again_until_the_attempts_are_used_up,
    what_a_dead_worker_left_behind_is_taken_over,
    a_job_that_kills_its_worker_each_time_is_given_up,
    a_job_that_was_lost_is_dropped_where_it_is,
    what_a_lost_job_still_writes_is_refused,
    at_its_end_a_crew_lets_jobs_finish,
    at_its_end_a_crew_hands_back_what_does_not_finish,
    a_cancelled_job_can_be_tried_again,
    why_work_came_to_nothing_is_kept_until_it_begins_anew,
    a_change_that_is_taken_back_leaves_its_reason,
}

/// How long a machine that is busy with other things may take for what takes a second.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A crew at work.
pub struct AtWork {
    stop: watch::Sender<bool>,
    crew: JoinHandle<()>,
}

impl AtWork {
    pub async fn end(self) {
        self.stop.send(true).unwrap();
        tokio::time::timeout(PATIENCE, self.crew).await.expect("ends").unwrap();
    }
}

pub fn begin(store: &Store, settings: Settings, run: Run) -> AtWork {
    let (stop, stopped) = watch::channel(false);
    let crew = tokio::spawn(Crew::new(store.clone(), settings, run).work(stopped));
    AtWork { stop, crew }
}

/// A run that is an async function of job and lease.
pub fn run<F: Future<Output = Result<()>> + Send + 'static>(
    f: impl Fn(Job, Lease) -> F + Send + Sync + 'static,
) -> Run {
    Arc::new(move |job, lease| Box::pin(f(job, lease)))
}

/// Waits until so many rows are what the condition says.
#[track_caller]
pub fn until<'a>(store: &'a Store, what: &'static str, wanted: i64) -> impl Future<Output = ()> + 'a {
    let sql = format!("SELECT COUNT(*) FROM {what}");
    async move {
        let since = Instant::now();
        loop {
            let found = number(store, &sql).await.unwrap();
            if found == wanted {
                return;
            }
            assert!(since.elapsed() < PATIENCE, "{what}: {found}, not {wanted}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn first_job(store: &Store) -> Job {
    let listed = store.find_jobs(JobFilter::default(), 1).await.unwrap();
    listed.into_iter().next().unwrap().job
}

async fn limits_hold_over_all_crews(engine: Engine) {
    let (one, other) = (engine.open().await, engine.open().await);
    prepare(&one, 8).await;
    let mut tx = one.begin().await.unwrap();
    let half =
        "UPDATE deployments SET provider = 'digitalocean' WHERE id IN (SELECT id FROM deployments ORDER BY id LIMIT 4)";
    tx.execute(half, &[]).await.unwrap();
    tx.commit().await.unwrap();
    let (at_hetzner, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counting = |store: &Store| {
        let (store, at_hetzner, most) = (store.clone(), at_hetzner.clone(), most.clone());
        run(move |job, _| {
            let (store, at_hetzner, most) = (store.clone(), at_hetzner.clone(), most.clone());
            async move {
                let rented = store.deployment(&job.deployment_id).await?.provider.as_str() == "hetzner";
                let now = at_hetzner.fetch_add(usize::from(rented), Ordering::SeqCst) + usize::from(rented);
                most.fetch_max(now, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
                at_hetzner.fetch_sub(usize::from(rented), Ordering::SeqCst);
                Ok(())
            }
        })
    };
    let settings = Settings {
        workers: 8..=8,
        limits: Limits {
            hetzner: 2,
            ..settings().limits
        },
        ..settings()
    };
    let crews = [
        begin(&one, settings.clone(), counting(&one)),
        begin(&other, settings, counting(&other)),
    ];
    until(&one, "jobs WHERE status = 'done'", 40).await;
    assert_eq!(most.load(Ordering::SeqCst), 2, "both places were used, never a third");
    for crew in crews {
        crew.end().await;
    }
}

async fn the_number_of_workers_follows_the_queue(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 3).await;
    let settings = Settings {
        workers: 1..=4,
        ..settings()
    };
    let hanging = run(|_, _| std::future::pending());
    let crew = begin(&store, settings, hanging);
    until(&store, "jobs WHERE status = 'running'", 2).await;
    let mut tx = store.begin().await.unwrap();
    for i in 0..20 {
        let (bot, deployment) = crate::support::bots::a_bot(&format!("more-{i}"), 1000 + i);
        tx.insert_bot(&bot).await.unwrap();
        tx.insert_deployment(&deployment).await.unwrap();
        tx.enqueue(&deployment.id, clawdwako::model::JobKind::StartBot, 3)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    until(&store, "jobs WHERE status = 'running'", 4).await;
    crew.end().await;
    until(&store, "jobs WHERE status = 'running'", 0).await;
}

async fn new_work_is_begun_without_waiting_for_the_next_look(engine: Engine) {
    let (here, elsewhere) = (engine.open().await, engine.open().await);
    prepare(&here, 0).await;
    let seldom = Settings {
        poll: PATIENCE * 2,
        ..settings()
    };
    let crew = begin(&here, seldom, effect(&here));
    // Only PostgreSQL tells other processes; a write of another process's SQLite waits for the look.
    let told_by = if here.is_shared() { &elsewhere } else { &here };
    // What was there at the beginning is found by looking; this has to be told. Until it listens,
    // a crew hears nothing, so one of several tries must do.
    let since = Instant::now();
    let mut made = 0;
    while number(&here, "SELECT COUNT(*) FROM effects").await.unwrap() == 0 {
        assert!(since.elapsed() < PATIENCE / 2, "nobody heard of the new work");
        let (bot, deployment) = crate::support::bots::a_bot(&format!("new-{made}"), made);
        let mut tx = told_by.begin().await.unwrap();
        tx.insert_bot(&bot).await.unwrap();
        tx.insert_deployment(&deployment).await.unwrap();
        tx.enqueue(&deployment.id, clawdwako::model::JobKind::StartBot, 3)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        made += 1;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    crew.end().await;
}

async fn what_can_pass_is_tried_again_until_the_attempts_are_used_up(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 1).await;
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = tries.clone();
    let failing = run(move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        std::future::ready(Err(Error::new(Kind::Network, "the cloud could not be reached")))
    });
    let crew = begin(&store, settings(), failing);
    until(&store, "jobs WHERE status = 'failed'", 1).await;
    assert_eq!(tries.load(Ordering::SeqCst), 3);
    let job = first_job(&store).await;
    assert_eq!((job.status, job.attempts), (JobStatus::Failed, 3));
    assert_eq!(job.failure.as_deref(), Some("the cloud could not be reached"));
    let deployment = store.deployment(&job.deployment_id).await.unwrap();
    let bot = store.bot_by_id(&deployment.bot_id).await.unwrap();
    assert_eq!(bot.status, BotStatus::Failed);
    let waits = store.events(&job.deployment_id, 0, None).await.unwrap();
    assert!(
        waits.iter().any(|(_, e)| e.text.starts_with("trying again in")),
        "{waits:?}"
    );
    crew.end().await;
    assert_eq!(tries.load(Ordering::SeqCst), 3, "the jobs behind it are not begun");

    // Before there is a crew that takes it at once.
    let again = jobs::retry(&store, &job.id).await.unwrap();
    assert_eq!((again.status, again.attempts), (JobStatus::Queued, 0));
    let crew = begin(&store, settings(), effect(&store));
    until(&store, "effects", 5).await;
    crew.end().await;
    assert_eq!(jobs::retry(&store, &job.id).await.unwrap_err().kind(), Kind::State);
}

async fn what_a_dead_worker_left_behind_is_taken_over(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 1).await;
    let since = Instant::now();
    let (job, left) = store
        .claim_next("elsewhere/1/1", 1500, &settings().limits)
        .await
        .unwrap()
        .unwrap();
    let crew = begin(&store, settings(), effect(&store));
    until(&store, "effects", 5).await;
    // But for what a millisecond hides.
    assert!(since.elapsed() >= Duration::from_millis(1490), "the lease was kept to");
    assert!(!store.renew_lease(&left, 1000).await.unwrap());
    assert_eq!(store.job(&job.id).await.unwrap().fence, left.fence + 1);
    crew.end().await;
}

async fn a_job_that_kills_its_worker_each_time_is_given_up(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 1).await;
    for _ in 0..13 {
        // Each of these workers is gone as soon as it has the job.
        let claimed = store.claim_next("elsewhere/1/1", 0, &settings().limits).await.unwrap();
        assert!(claimed.is_some());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let crew = begin(&store, settings(), effect(&store));
    until(&store, "jobs WHERE status = 'failed'", 1).await;
    let job = first_job(&store).await;
    assert!(job.failure.unwrap().contains("13 times"));
    assert_eq!(number(&store, "SELECT COUNT(*) FROM effects").await.unwrap(), 0);
    crew.end().await;
}

/// Counts when it is dropped.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

async fn a_job_that_was_lost_is_dropped_where_it_is(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 1).await;
    let dropped = Arc::new(AtomicUsize::new(0));
    let guard = dropped.clone();
    let hanging = run(move |_, _| {
        let guard = Dropped(guard.clone());
        async move {
            let _guard = guard;
            std::future::pending().await
        }
    });
    // Each renewal tells, long before the lease would have run out.
    let mut long = settings();
    long.terms.lease = PATIENCE;
    let crew = begin(&store, long, hanging);
    until(&store, "jobs WHERE status = 'running'", 1).await;
    let job = first_job(&store).await;
    jobs::cancel(&store, &job.id).await.unwrap();
    let since = Instant::now();
    while dropped.load(Ordering::SeqCst) == 0 {
        assert!(since.elapsed() < PATIENCE / 2, "it goes on with a lease that it lost");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(store.job(&job.id).await.unwrap().status, JobStatus::Cancelled);
    crew.end().await;
}

async fn what_a_lost_job_still_writes_is_refused(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 1).await;
    let go_on = Arc::new(Notify::new());
    let told = go_on.clone();
    let waiting = effect_after(&store, move || {
        let told = told.clone();
        async move { told.notified().await }
    });
    let late = begin(&store, settings(), waiting);
    // Claimed is not enough: a step that has not begun yet would be refused itself.
    until(&store, "steps WHERE status = 'running'", 1).await;
    // Taken over in one go, so that neither a renewal nor the same crew comes first.
    let mut tx = store.begin().await.unwrap();
    let take = "UPDATE jobs SET fence = fence + 1, worker = 'elsewhere/1/1', lease_until = $1, run_after = $1 WHERE status = 'running'";
    let until_then = clawdwako::model::now() + 60_000;
    tx.execute(take, &[until_then.into()]).await.unwrap();
    tx.commit().await.unwrap();
    let job = first_job(&store).await;
    let lease = Lease {
        job_id: job.id.clone(),
        deployment_id: job.deployment_id.clone(),
        fence: job.fence,
    };
    let swift = effect_after(&store, || std::future::ready(()));
    swift(job.clone(), lease.clone()).await.unwrap();
    go_on.notify_one();
    until(&store, "refused", 1).await;
    let effects = store.query("SELECT job_id, fence FROM effects", &[]).await.unwrap();
    assert_eq!(effects.len(), 1, "done once");
    assert_eq!(
        (effects[0].text(0).unwrap(), effects[0].int(1).unwrap()),
        (job.id, lease.fence)
    );
    late.end().await;
}

async fn at_its_end_a_crew_lets_jobs_finish(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 1).await;
    // It ends some time after the crew was told to.
    let told = Arc::new(Notify::new());
    let heard = told.clone();
    let slow = run(move |_, _| {
        let heard = heard.clone();
        async move {
            heard.notified().await;
            tokio::time::sleep(Duration::from_millis(100)).await;
            Ok(())
        }
    });
    let patient = Settings {
        grace: PATIENCE,
        ..settings()
    };
    let crew = begin(&store, patient, slow);
    until(&store, "jobs WHERE status = 'running'", 1).await;
    crew.stop.send(true).unwrap();
    told.notify_one();
    crew.end().await;
    let jobs = store.jobs(&first_job(&store).await.deployment_id).await.unwrap();
    assert_eq!(
        (jobs[0].status, jobs[1].status),
        (JobStatus::Done, JobStatus::Queued),
        "no more than the one that ran"
    );
}

async fn at_its_end_a_crew_hands_back_what_does_not_finish(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 1).await;
    let crew = begin(&store, settings(), run(|_, _| std::future::pending()));
    until(&store, "jobs WHERE status = 'running'", 1).await;
    let held = first_job(&store).await;
    crew.end().await;
    let job = store.job(&held.id).await.unwrap();
    assert_eq!(
        (job.status, job.attempts, job.fence),
        (JobStatus::Queued, 0, held.fence + 1),
        "free, not counted, and closed to whoever held it"
    );
    let claimed = store
        .claim_next("elsewhere/1/1", 1000, &settings().limits)
        .await
        .unwrap();
    assert_eq!(claimed.unwrap().0.id, held.id, "at once");
}

async fn a_cancelled_job_can_be_tried_again(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 1).await;
    let job = first_job(&store).await;
    jobs::cancel(&store, &job.id).await.unwrap();
    assert_eq!(jobs::cancel(&store, &job.id).await.unwrap_err().kind(), Kind::State);
    assert_eq!(
        jobs::cancel(&store, "no-such").await.unwrap_err().kind(),
        Kind::NotFound
    );
    let cancelled = JobFilter {
        status: Some(JobStatus::Cancelled),
        after: None,
    };
    let listed = store.find_jobs(cancelled, 100).await.unwrap();
    assert_eq!(listed.len(), 5, "those behind it as well");
    assert_eq!(listed[0].bot, "bot-0");
    let after = JobFilter {
        after: Some(&listed[3].job.id),
        ..cancelled
    };
    assert_eq!(store.find_jobs(after, 100).await.unwrap().len(), 1);
    let crew = begin(&store, settings(), effect(&store));
    jobs::retry(&store, &job.id).await.unwrap();
    until(&store, "effects", 5).await;
    crew.end().await;
}

#[tokio::test]
async fn a_crew_waits_for_a_postgres_that_is_away() {
    let Some(mut engine) = Engine::postgres("jobs::crew::a_crew_waits_for_a_postgres_that_is_away") else {
        return;
    };
    let store = engine.open().await;
    prepare(&store, 1).await;
    // Nothing to do yet.
    let mut tx = store.begin().await.unwrap();
    tx.execute("UPDATE jobs SET status = 'cancelled'", &[]).await.unwrap();
    tx.commit().await.unwrap();
    let crew = begin(&store, settings(), effect(&store));
    let postgres = engine.postgres.as_mut().unwrap();
    postgres.crash();
    // It looks every half second.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!crew.crew.is_finished());
    postgres.restart();
    let mut tx = store.begin().await.unwrap();
    tx.execute("UPDATE jobs SET status = 'queued'", &[]).await.unwrap();
    tx.commit().await.unwrap();
    until(&store, "effects", 5).await;
    crew.end().await;
}

async fn why_work_came_to_nothing_is_kept_until_it_begins_anew(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 1).await;
    let refused = run(|_, _| {
        let e = Error::new(Kind::Auth, "the key was refused").hint("set another key");
        std::future::ready(Err(e))
    });
    let crew = begin(&store, settings(), refused);
    until(&store, "jobs WHERE status = 'failed'", 1).await;
    crew.end().await;
    let job = first_job(&store).await;
    let bot_id = store.deployment(&job.deployment_id).await.unwrap().bot_id;
    let failure = store.last_failure(&bot_id).await.unwrap().unwrap();
    assert!(!failure.taken_back);
    let e = Error::from(failure);
    assert_eq!(
        (e.kind(), e.message().as_str(), e.next_step()),
        (Kind::Auth, "the key was refused", Some("set another key"))
    );
    jobs::retry(&store, &job.id).await.unwrap();
    assert_eq!(store.last_failure(&bot_id).await.unwrap(), None);
}

async fn a_change_that_is_taken_back_leaves_its_reason(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, 1).await;
    let job = first_job(&store).await;
    let bot_id = store.deployment(&job.deployment_id).await.unwrap().bot_id;
    let mut tx = store.begin().await.unwrap();
    let former = Former {
        model: "anthropic/claude-haiku-4-5".into(),
        audience: Audience::Owner(7),
    };
    tx.set_former(&bot_id, Some(&former)).await.unwrap();
    tx.commit().await.unwrap();
    // The gate stays shut once, and opens for what was there before.
    let tries = Arc::new(AtomicUsize::new(0));
    let gate = run(move |job, _| {
        let shut = job.kind == JobKind::StartBot && tries.fetch_add(1, Ordering::SeqCst) == 0;
        std::future::ready(match shut {
            true => Err(Error::new(Kind::Agent, "the model does not answer").hint("look at its log")),
            false => Ok(()),
        })
    });
    let crew = begin(&store, settings(), gate);
    until(&store, "jobs WHERE status = 'done'", 5).await;
    crew.end().await;
    let failure = store.last_failure(&bot_id).await.unwrap().unwrap();
    assert!(failure.taken_back);
    assert_eq!(
        (failure.code.as_str(), failure.message.as_str()),
        ("agent", "the model does not answer")
    );
    assert_eq!(store.bot_by_id(&bot_id).await.unwrap().model, former.model);
}
