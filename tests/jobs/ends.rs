//! How a job ends by the kind of what went wrong, and what is begun anew with it.

use super::crew::{begin, run, until};
use super::effects::{prepare, settings};
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::error::{Error, Kind};
use clawdwako::jobs::{Settings, Terms};
use clawdwako::model::{BotStatus, DeploymentStatus, JobStatus, now};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

on_both_engines! {
    only_what_can_pass_by_itself_is_tried_again,
}

const KINDS: [Kind; 22] = [
    Kind::Network,
    Kind::RateLimited,
    Kind::Upstream,
    Kind::Busy,
    Kind::Usage,
    Kind::Auth,
    Kind::NeedsUser,
    Kind::NotFound,
    Kind::Exists,
    Kind::State,
    Kind::Quota,
    Kind::Unavailable,
    Kind::Timeout,
    Kind::Remote,
    Kind::Agent,
    Kind::HostKey,
    Kind::Stuck,
    Kind::Store,
    Kind::Interrupted,
    Kind::Unsupported,
    Kind::Io,
    Kind::Internal,
];
/// Of those, how many can pass.
const PASSING: usize = 4;

async fn only_what_can_pass_by_itself_is_tried_again(engine: Engine) {
    let store = engine.open().await;
    prepare(&store, KINDS.len()).await;
    let mut kinds = HashMap::new();
    for (i, kind) in KINDS.into_iter().enumerate() {
        let sql = "SELECT d.id FROM deployments AS d JOIN bots AS b ON b.id = d.bot_id WHERE b.name = $1";
        let rows = store.query(sql, &[format!("bot-{i}").into()]).await.unwrap();
        kinds.insert(rows[0].text(0).unwrap(), kind);
    }
    let kinds = Arc::new(kinds);
    let told = Arc::clone(&kinds);
    let failing = run(move |job, _| std::future::ready(Err(Error::new(told[&job.deployment_id], "it went wrong"))));
    // So that nothing is tried a second time while this looks.
    let slow = Settings {
        terms: Terms {
            backoff: Duration::from_secs(600),
            ..settings().terms
        },
        ..settings()
    };
    let crew = begin(&store, slow, failing);
    until(&store, "jobs WHERE status = 'failed'", (KINDS.len() - PASSING) as i64).await;
    until(&store, "jobs WHERE attempts = 1 AND status = 'queued'", PASSING as i64).await;
    crew.end().await;
    for (id, kind) in kinds.iter() {
        let job = store.jobs(id).await.unwrap().remove(0);
        let passes = KINDS[..PASSING].contains(kind);
        assert_eq!((job.status == JobStatus::Queued, job.attempts), (passes, 1), "{kind:?}");
        assert_eq!(job.failure.as_deref(), Some("it went wrong"));
        assert_eq!(job.run_after > now() + 300_000, passes, "{kind:?}");
        let deployment = store.deployment(id).await.unwrap();
        let bot = store.bot_by_id(&deployment.bot_id).await.unwrap();
        let wanted = match passes {
            true => (BotStatus::Pending, DeploymentStatus::Pending, None),
            false => (
                BotStatus::Failed,
                DeploymentStatus::Failed,
                Some("it went wrong".into()),
            ),
        };
        assert_eq!((bot.status, deployment.status, bot.failure), wanted, "{kind:?}");
    }
}
