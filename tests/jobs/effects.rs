//! Jobs whose whole work is a line in a table, which tells what was done and how often.

use crate::support::bots::a_bot;
use clawdwako::error::{Kind, Result};
use clawdwako::jobs::{Run, Settings, Terms};
use clawdwako::model::{BotStatus, DeploymentStatus, Job, JobKind, StepStatus};
use clawdwako::store::{Lease, Limits, Store};
use std::sync::Arc;
use std::time::Duration;

/// Jobs of a deployment, all but the destroy.
pub const KINDS: usize = 5;

/// Writes down that many deployments, each with its jobs, and makes the tables of effects.
pub async fn prepare(store: &Store, deployments: usize) {
    let mut tx = store.begin().await.unwrap();
    for table in [
        "CREATE TABLE effects (job_id TEXT NOT NULL, deployment_id TEXT NOT NULL, position BIGINT NOT NULL, done_before BIGINT NOT NULL, fence BIGINT NOT NULL)",
        "CREATE INDEX effects_of ON effects (deployment_id)",
        "CREATE TABLE refused (job_id TEXT NOT NULL)",
    ] {
        tx.execute(table, &[]).await.unwrap();
    }
    for i in 0..deployments {
        let (mut bot, mut deployment) = a_bot(&format!("bot-{i}"), i as i64);
        (bot.status, deployment.status) = (BotStatus::Pending, DeploymentStatus::Pending);
        tx.insert_bot(&bot).await.unwrap();
        tx.insert_deployment(&deployment).await.unwrap();
        for &kind in JobKind::ALL.iter().filter(|&&k| k != JobKind::DestroyServer) {
            tx.enqueue(&deployment.id, kind, 3).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}

/// Settings with leases of seconds, so that a test need not wait half a minute.
pub fn settings() -> Settings {
    Settings {
        workers: 2..=8,
        limits: Limits {
            hetzner: 1000,
            digitalocean: 1000,
            existing: 1000,
        },
        terms: Terms {
            lease: Duration::from_millis(2000),
            renew: Duration::from_millis(500),
            backoff: Duration::from_millis(100),
        },
        poll: Duration::from_millis(500),
        grace: Duration::from_millis(500),
    }
}

/// Jobs that take up to 16 ms, and now and then longer, so that a worker which is stopped has
/// some in their middle.
pub fn effect(store: &Store) -> Run {
    effect_after(store, || async {
        let mut byte = [0];
        getrandom::fill(&mut byte).unwrap();
        let millis = if byte[0] < 13 { 300 } else { u64::from(byte[0] / 16) };
        tokio::time::sleep(Duration::from_millis(millis)).await;
    })
}

/// Writes the line in the transaction that notes the step as done, as every step of the
/// pipeline writes what it made; a job that was cut off after it finds the step done. The write
/// is a task of its own, which goes on when the job is dropped: only the fence can stop it. It
/// comes once `before` has ended.
pub fn effect_after<F>(store: &Store, before: impl Fn() -> F + Send + Sync + 'static) -> Run
where
    F: Future<Output = ()> + Send + 'static,
{
    let store = store.clone();
    Arc::new(move |job, lease| {
        let (store, before) = (store.clone(), before());
        Box::pin(async move {
            let step = job.kind.as_str();
            let done = |s: &clawdwako::model::StepRecord| s.name == step && s.status == StepStatus::Done;
            if store.steps(&job.deployment_id).await?.iter().any(done) {
                return Ok(());
            }
            let mut tx = store.begin().await?;
            tx.step_started(&lease, step).await?;
            tx.commit().await?;
            tokio::spawn(async move {
                before.await;
                write(&store, &job, &lease).await
            })
            .await
            .unwrap()
        })
    })
}

async fn write(store: &Store, job: &Job, lease: &Lease) -> Result<()> {
    let mut tx = store.begin().await?;
    if let Err(e) = tx.step_ended(lease, job.kind.as_str(), true, 0).await {
        drop(tx);
        if e.kind() == Kind::Busy {
            let mut tx = store.begin().await?;
            tx.execute("INSERT INTO refused (job_id) VALUES ($1)", &[(&job.id).into()])
                .await?;
            tx.commit().await?;
        }
        return Err(e);
    }
    tx.execute(
        "INSERT INTO effects (job_id, deployment_id, position, done_before, fence)
         SELECT $1, $2, $3, (SELECT COUNT(*) FROM effects WHERE deployment_id = $2), $4",
        &[
            (&job.id).into(),
            (&job.deployment_id).into(),
            job.position.into(),
            lease.fence.into(),
        ],
    )
    .await?;
    tx.commit().await
}

/// One number that the store answers.
pub async fn number(store: &Store, sql: &str) -> Result<i64> {
    store.query(sql, &[]).await?[0].int(0)
}
