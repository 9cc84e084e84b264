//! `clawdwako server run` and `server worker`

use super::{RunArgs, WorkerArgs, daemon, ground};
use crate::api::server::{self, App, Parts};
use crate::cli::Context;
use crate::error::Result;
use crate::jobs::{self, Crew};
use serde_json::json;
use std::net::SocketAddr;

pub(super) async fn run(args: RunArgs, context: &Context) -> Result<()> {
    daemon::log(args.log);
    let settings = &context.config.server;
    let metrics = daemon::metrics(args.metrics_listen.unwrap_or(settings.metrics_listen)).await?;
    let listener = daemon::listen(args.listen.unwrap_or(settings.listen)).await?;
    let app = app(context).await?;
    let stop = daemon::stop()?;
    let api = listener.local_addr()?;
    tell(context, Some(api), metrics)?;
    let serving = server::serve(app.clone(), listener, daemon::stopped(stop.clone()));
    if args.no_workers {
        serving.await?;
    } else {
        let (served, ()) = tokio::join!(serving, crew(&app, args.workers).work(stop));
        served?;
    }
    tracing::info!("ended");
    Ok(())
}

pub(super) async fn worker(args: WorkerArgs, context: &Context) -> Result<()> {
    daemon::log(args.log);
    let metrics = daemon::metrics(args.metrics_listen.unwrap_or(context.config.server.metrics_listen)).await?;
    let app = app(context).await?;
    let stop = daemon::stop()?;
    tell(context, None, metrics)?;
    crew(&app, args.workers).work(stop).await;
    tracing::info!("ended");
    Ok(())
}

async fn app(context: &Context) -> Result<App> {
    let settings = context.config.server.clone();
    App::new(Parts {
        store: ground::store(context).await?,
        http: context.http()?,
        endpoints: context.config.endpoints.clone(),
        plans: settings.plans(),
        settings,
        offers: Default::default(),
        operator: ground::operator(context).await?,
    })
}

/// Who works the jobs off, in this process.
fn crew(app: &App, most: Option<usize>) -> Crew {
    let most = most.unwrap_or(app.settings.max_workers);
    let settings = jobs::Settings {
        workers: app.settings.min_workers.min(most)..=most,
        ..jobs::Settings::default()
    };
    let platforms = app.clone();
    let run = jobs::pipeline(&app.store, move |bot| {
        let app = platforms.clone();
        async move { app.platform(&bot.user_id).await }
    });
    Crew::new(app.store.clone(), settings, run)
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
