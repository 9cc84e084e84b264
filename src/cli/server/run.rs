//! `clawdwako server run` and `server worker`

use super::{RunArgs, WorkerArgs, daemon, ground, work};
use crate::api::server::connections::files;
use crate::api::server::{self, App, Parts};
use crate::cli::Context;
use crate::error::Result;
use crate::jobs::{self, Rates};
use crate::report::Sending;
use serde_json::json;
use std::net::SocketAddr;

pub(super) async fn run(args: RunArgs, context: &Context) -> Result<()> {
    let reports = daemon::log(args.log, context)?;
    reported(serve(args, context).await, reports).await
}

async fn serve(args: RunArgs, context: &Context) -> Result<()> {
    let settings = &context.config.server;
    files::raise();
    let metrics = daemon::metrics(args.metrics_listen.unwrap_or(settings.metrics_listen)).await?;
    let listener = daemon::listen(args.listen.unwrap_or(settings.listen)).await?;
    let app = app(context).await?;
    let stop = daemon::stop()?;
    let api = listener.local_addr()?;
    tell(context, Some(api), metrics)?;
    let serving = server::serve(app.clone(), listener, daemon::stopped(stop.clone()));
    if args.no_workers {
        // Whoever follows a deployment here hears of events at once, too.
        let relay = tokio::spawn(jobs::relay(app.store.clone()));
        serving.await?;
        relay.abort();
    } else {
        let (served, ()) = tokio::join!(serving, work::work(&app, args.workers, stop));
        served?;
    }
    tracing::info!("ended");
    Ok(())
}

pub(super) async fn worker(args: WorkerArgs, context: &Context) -> Result<()> {
    let reports = daemon::log(args.log, context)?;
    reported(only_work(args, context).await, reports).await
}

/// Has what is reported sent before the process ends.
async fn reported(ended: Result<()>, reports: Option<Sending>) -> Result<()> {
    if let Some(reports) = reports {
        reports.end().await;
    }
    ended
}

async fn only_work(args: WorkerArgs, context: &Context) -> Result<()> {
    files::raise();
    let metrics = daemon::metrics(args.metrics_listen.unwrap_or(context.config.server.metrics_listen)).await?;
    let app = app(context).await?;
    let stop = daemon::stop()?;
    tell(context, None, metrics)?;
    work::work(&app, args.workers, stop).await;
    tracing::info!("ended");
    Ok(())
}

async fn app(context: &Context) -> Result<App> {
    let settings = context.config.server.clone();
    let store = ground::store(context).await?;
    App::new(Parts {
        http: context.http()?.with_gate(Rates::default().gate(&store)),
        store,
        endpoints: context.config.endpoints.clone(),
        plans: settings.plans(),
        settings,
        offers: Default::default(),
        operator: ground::operator(context).await?,
    })
}

/// On standard output for scripts: which ports they became.
fn tell(context: &Context, api: Option<SocketAddr>, metrics: SocketAddr) -> Result<()> {
    let api = api.map(|a| a.to_string());
    let metrics = metrics.to_string();
    tracing::info!(api, metrics, "begun");
    context
        .printer
        .line(&json!({"listening": {"api": api, "metrics": metrics}}), || match &api {
            Some(api) => format!("listening on http://{api}"),
            None => "working".to_owned(),
        })
}
