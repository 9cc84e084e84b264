//! `clawdwako server admin job …`

use super::ground;
use crate::cli::Context;
use crate::cli::table::{Table, plain};
use crate::error::Result;
use crate::jobs;
use crate::model::{Job, JobStatus, new_id};
use crate::store::{BEGUN, Deed, JobFilter, Store};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::json;
use std::future::Future;

/// What to do with jobs.
#[derive(Debug, clap::Subcommand)]
pub enum JobVerb {
    /// List jobs
    #[command(after_help = "Examples:
  clawdwako server admin job list --status failed
  clawdwako server admin job list --limit 20 --json")]
    List {
        /// Only those that are so
        #[arg(long, value_parser = status())]
        status: Option<JobStatus>,
        /// How many at most
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
        /// Only those after the job with this id
        #[arg(long, value_name = "ID")]
        after: Option<String>,
    },
    /// Try a failed or cancelled job again, with those after it
    #[command(after_help = "Example:\n  clawdwako server admin job retry 01a20e3d60d9746e8c5d1a70498d0517")]
    Retry {
        /// The job's id
        id: String,
    },
    /// Cancel a job that is not done, with those after it; the bot counts as failed
    #[command(after_help = "Example:\n  clawdwako server admin job cancel 01a20e3d60d9746e8c5d1a70498d0517")]
    Cancel {
        /// The job's id
        id: String,
    },
}

fn status() -> impl TypedValueParser<Value = JobStatus> {
    PossibleValuesParser::new(JobStatus::ALL.iter().map(|s| s.as_str())).try_map(|word| word.parse())
}

pub async fn run(verb: JobVerb, context: &Context) -> Result<()> {
    let store = ground::store(context).await?;
    match verb {
        JobVerb::List { status, limit, after } => {
            let filter = JobFilter {
                status,
                after: after.as_deref(),
            };
            list(&store, filter, limit, context).await
        }
        JobVerb::Retry { id } => told(&store, "job retry", &id, jobs::retry(&store, &id), context).await,
        JobVerb::Cancel { id } => told(&store, "job cancel", &id, jobs::cancel(&store, &id), context).await,
    }
}

async fn list(store: &Store, filter: JobFilter<'_>, limit: i64, context: &Context) -> Result<()> {
    let jobs = store.find_jobs(filter, limit).await?;
    context.printer.result(&json!({"jobs": jobs}), || {
        let headings = ["job", "bot", "kind", "status", "tries", "why"];
        let mut table = Table::new(&context.printer, &headings).whole(&[0]);
        for listed in &jobs {
            let j = &listed.job;
            table.row(vec![
                plain(&j.id),
                plain(&listed.bot),
                plain(j.kind.as_str()),
                plain(j.status.as_str()),
                plain(format!("{}/{}", j.attempts, j.max_attempts)),
                plain(j.failure.clone().unwrap_or_default()),
            ]);
        }
        table.render("There are no such jobs.")
    })
}

/// Changes a job, with the beginning and the end of that in the audit, refused too, and shows it.
async fn told(
    store: &Store,
    action: &str,
    id: &str,
    change: impl Future<Output = Result<Job>>,
    context: &Context,
) -> Result<()> {
    let user_id = match store.job(id).await {
        Ok(job) => {
            let deployment = store.deployment(&job.deployment_id).await?;
            store.bot_by_id(&deployment.bot_id).await?.user_id
        }
        Err(_) => String::new(),
    };
    let request_id = new_id();
    let begun = Deed {
        actor: "command line",
        user_id: &user_id,
        action,
        object: Some(id),
        result: BEGUN,
        request_id: Some(&request_id),
        ..Deed::default()
    };
    store.note(begun).await?;
    let job = change.await;
    let result = job.as_ref().map_or_else(|e| e.kind().code(), |_| "ok");
    store.note(Deed { result, ..begun }).await?;
    let job = job?;
    context.printer.result(&json!({"job": job}), || {
        format!("the job {} ({}) is {}", job.id, job.kind, job.status)
    })
}
