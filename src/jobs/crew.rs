//! Works the jobs of all deployments off, beside other crews on the same store.
//!
//! One loop claims, each claimed job is a task of its own. How many there may be follows how many
//! wait. News from the store wakes the loop at once; without any it looks every other second.

use super::news::{jobs_told, relay};
use super::work::{Ended, Terms, work};
use crate::deploy::Silent;
use crate::error::{Kind, Result, log_as};
use crate::model::Job;
use crate::store::{Lease, Limits, Store, Worker};
use std::future::Future;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How a job is run: the pipeline, or whatever a test gives.
pub type Run = Arc<dyn Fn(Job, Lease) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> + Send + Sync>;

/// For every so many jobs that wait or run there is one worker more.
const JOBS_A_WORKER: usize = 2;
/// The first pause after the store could not be reached; doubles up to [`LONGEST_PAUSE`].
pub(super) const PAUSE: Duration = Duration::from_millis(500);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// How long handing the jobs back at the end may take.
const HAND_BACK: Duration = Duration::from_secs(10);

/// How a crew works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The fewest and the most jobs that it works on at once.
    pub workers: RangeInclusive<usize>,
    /// How many jobs may run at once, over all crews.
    pub limits: Limits,
    /// For how long jobs are held, and when they are tried again.
    pub terms: Terms,
    /// How often it looks for jobs if nobody tells of any.
    pub poll: Duration,
    /// How long running jobs may go on once it is told to end.
    pub grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            workers: 2..=16,
            limits: Limits {
                hetzner: 20,
                digitalocean: 20,
                existing: 20,
            },
            terms: Terms::default(),
            poll: Duration::from_secs(2),
            grace: Duration::from_secs(30),
        }
    }
}

/// Works jobs off until it is told to end.
pub struct Crew {
    store: Store,
    name: Worker,
    settings: Settings,
    run: Run,
}

impl Crew {
    /// A crew of this process.
    pub fn new(store: Store, settings: Settings, run: Run) -> Crew {
        Crew {
            store,
            name: Worker::this(),
            settings,
            run,
        }
    }

    /// The same crew under another name.
    #[must_use]
    pub fn called(mut self, name: Worker) -> Crew {
        self.name = name;
        self
    }

    /// Works until `stop` says so (or its sender is gone): then it claims no more, lets what runs
    /// finish for the grace time, and hands the rest back, so that another crew goes on at once.
    /// A store that is away is waited for.
    pub async fn work(self, mut stop: watch::Receiver<bool>) {
        let relay = tokio::spawn(relay(self.store.clone()));
        self.clear_up_after_the_dead().await;
        let (give_up, giving_up) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let mut news = self.store.waker().listen();
        let mut pause = Duration::ZERO;
        while !*stop.borrow() {
            // Told before we look is told once.
            while !matches!(news.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
            pause = match self.fill(&mut tasks, &giving_up).await {
                Ok(()) => Duration::ZERO,
                Err(e) => {
                    let longer = (pause * 2).clamp(PAUSE, LONGEST_PAUSE);
                    tracing::warn!(
                        error = e.to_string(),
                        pause_ms = longer.as_millis() as u64,
                        "no jobs can be claimed"
                    );
                    longer
                }
            };
            // Until the store is back, news and ended jobs are no reason to ask it again.
            let patience = if pause.is_zero() { self.settings.poll } else { pause };
            let wait = tokio::time::sleep(patience + patience.mul_f64(chance() / 4.0));
            tokio::pin!(wait);
            tokio::select! {
                () = &mut wait => {}
                told = stop.changed() => if told.is_err() { break },
                () = jobs_told(&mut news), if pause.is_zero() => {}
                Some(_) = tasks.join_next(), if pause.is_zero() && !tasks.is_empty() => {}
            }
        }
        drop(news);
        self.end(tasks, &give_up).await;
        relay.abort();
    }

    /// Claims jobs for as long as there are some and there is room.
    async fn fill(&self, tasks: &mut JoinSet<()>, giving_up: &watch::Receiver<bool>) -> Result<()> {
        let (least, most) = (*self.settings.workers.start(), *self.settings.workers.end());
        let mut room = least.max(1);
        loop {
            while tasks.try_join_next().is_some() {}
            if tasks.len() >= most {
                return Ok(());
            }
            if tasks.len() >= room {
                // Only a full crew needs to know how many wait.
                let waiting = self.store.jobs_waiting(most as i64 * JOBS_A_WORKER as i64).await?;
                room = (tasks.len() + waiting as usize)
                    .div_ceil(JOBS_A_WORKER)
                    .clamp(room, most.max(room));
                metrics::gauge!("clawdwako_workers").set(room as f64);
                if tasks.len() >= room {
                    return Ok(());
                }
            }
            let terms = &self.settings.terms;
            let claimed = self
                .store
                .claim_next(self.name.name(), terms.lease_ms(), &self.settings.limits)
                .await?;
            let Some((job, lease)) = claimed else {
                return Ok(());
            };
            tasks.spawn(one(
                self.store.clone(),
                *terms,
                self.run.clone(),
                job,
                lease,
                giving_up.clone(),
            ));
        }
    }

    /// Jobs of a process of this machine that is no more need not wait for their leases.
    async fn clear_up_after_the_dead(&self) {
        let cleared = async {
            for name in self.store.job_holders().await? {
                if Worker::is_gone(&name) {
                    self.store.end_leases_of(&name).await?;
                }
            }
            Ok::<_, crate::error::Error>(())
        };
        if let Err(e) = cleared.await {
            tracing::warn!(
                error = e.to_string(),
                "leases of workers that are gone were left to run out"
            );
        }
    }

    async fn end(&self, mut tasks: JoinSet<()>, give_up: &watch::Sender<bool>) {
        if !tasks.is_empty() {
            tracing::info!(
                running = tasks.len() as u64,
                grace_ms = self.settings.grace.as_millis() as u64,
                "no more jobs are claimed; those that run may finish"
            );
        }
        let finished = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(self.settings.grace, finished).await.is_ok() {
            return;
        }
        give_up.send_replace(true);
        let handed_back = async { while tasks.join_next().await.is_some() {} };
        // Past that, the leases run out by themselves.
        let _ = tokio::time::timeout(HAND_BACK, handed_back).await;
    }
}

/// One claimed job, to its end or until it has to be handed back.
async fn one(store: Store, terms: Terms, run: Run, job: Job, lease: Lease, mut giving_up: watch::Receiver<bool>) {
    metrics::gauge!("clawdwako_jobs_running").increment(1.0);
    let ended = tokio::select! {
        ended = work(&store, &terms, &job, &lease, &Silent, run(job.clone(), lease.clone())) => Some(ended),
        _ = giving_up.wait_for(|&now| now) => None,
    };
    let (kind, deployment) = (job.kind.as_str(), job.deployment_id.as_str());
    let result = match ended {
        Some(Ok(Ended::Done)) => {
            tracing::info!(kind, deployment, "a job is done");
            "done"
        }
        Some(Ok(Ended::Again(why))) => {
            tracing::warn!(kind, deployment, error = why.to_string(), "a job will be tried again");
            "again"
        }
        Some(Ok(Ended::TakenBack(why))) => {
            tracing::warn!(
                kind,
                deployment,
                error = why.to_string(),
                "a job failed, and the bot's change is taken back"
            );
            "taken_back"
        }
        Some(Ok(Ended::Failed(why))) => {
            log_as!(
                why.kind(),
                kind,
                deployment,
                code = why.kind().code(),
                error = why.to_string(),
                "a job failed for good"
            );
            "failed"
        }
        Some(Err(why)) if why.kind() == Kind::Busy => {
            tracing::warn!(kind, deployment, "a job was taken over by another worker");
            "lost"
        }
        Some(Err(why)) => {
            tracing::warn!(
                kind,
                deployment,
                error = why.to_string(),
                "how a job ended could not be written down"
            );
            "lost"
        }
        None => {
            match store.hand_back(&lease).await {
                Ok(_) => tracing::info!(kind, deployment, "a job is handed back"),
                Err(e) => tracing::warn!(
                    kind,
                    deployment,
                    error = e.to_string(),
                    "a job could not be handed back"
                ),
            }
            "handed_back"
        }
    };
    metrics::gauge!("clawdwako_jobs_running").decrement(1.0);
    metrics::counter!("clawdwako_jobs_total", "kind" => kind, "result" => result).increment(1);
}

/// A number between 0 and 1, so that many processes do not come in the same moment.
fn chance() -> f64 {
    let mut byte = [0u8; 1];
    let _ = getrandom::fill(&mut byte);
    f64::from(byte[0]) / 255.0
}
