//! `clawdwako server run`

use super::{Log, RunArgs, ground};
use crate::api::server::{self, App, Parts};
use crate::cli::Context;
use crate::error::{Error, Kind, Result};
use serde_json::json;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

pub(super) async fn run(args: RunArgs, context: &Context) -> Result<()> {
    log(args.log);
    let settings = &context.config.server;
    let metrics = metrics(args.metrics_listen.unwrap_or(settings.metrics_listen)).await?;
    let listener = listen(args.listen.unwrap_or(settings.listen)).await?;
    let app = App::new(Parts {
        store: ground::store(context).await?,
        http: context.http()?,
        endpoints: context.config.endpoints.clone(),
        settings: settings.clone(),
        plans: settings.plans(),
        offers: Default::default(),
        operator: ground::operator(context).await?,
    })?;
    let (stop, mut stopped) = watch::channel(false);
    tokio::spawn(async move {
        told_to_end().await;
        tracing::info!("ending: no new requests and no new jobs");
        // Nobody waits any more: then it has ended already.
        let _ = stop.send(true);
    });
    let api = listener.local_addr()?;
    tracing::info!(
        listen = api.to_string(),
        metrics = metrics.to_string(),
        "the API is served"
    );
    // On standard output for scripts: which port it became.
    context.printer.line(
        &json!({"listening": {"api": api.to_string(), "metrics": metrics.to_string()}}),
        || format!("listening on http://{api}"),
    )?;
    server::serve(app, listener, async move {
        let _ = stopped.wait_for(|&s| s).await;
    })
    .await?;
    tracing::info!("ended");
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|e| {
        Error::new(Kind::Io, format!("{address} cannot be listened on"))
            .because(e)
            .hint("another process may use it: choose another with --listen or --metrics-listen")
    })
}

/// Tells metrics on a listener of their own, which no proxy leads to.
async fn metrics(address: SocketAddr) -> Result<SocketAddr> {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder)
        .map_err(|_| crate::error::internal("metrics are recorded by somebody else already"))?;
    let listener = listen(address).await?;
    let local = listener.local_addr()?;
    let routes = axum::Router::new().route(
        "/metrics",
        axum::routing::get(move || {
            let handle = handle.clone();
            async move {
                handle.run_upkeep();
                handle.render()
            }
        }),
    );
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(local)
}

/// Ends with SIGTERM or SIGINT. Where they cannot be heard, the process ends at once by them.
async fn told_to_end() {
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        _ => std::future::pending().await,
    }
}

fn log(form: Log) {
    // The libraries' own chatter stays out: some of it tells addresses that hold tokens.
    let filter = EnvFilter::new("warn,clawdwako=info,reqwest=off,hyper=off,h2=off,russh=off");
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_writer(std::io::stderr);
    // An error means that a log is there already.
    let _ = match form {
        Log::Text => log.with_ansi(false).try_init(),
        Log::Json => log.json().flatten_event(true).try_init(),
    };
}
