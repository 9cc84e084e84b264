//! What the roles that stay have in common: their log, their metrics, and how they are ended.

use super::Log;
use crate::api::server::connections::{self, Limits};
use crate::cli::Context;
use crate::error::{Error, Kind, Result};
use crate::report::{self, Sending};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// How many connections may wait to be accepted: as many as Linux allows unless it is told otherwise.
const BACKLOG: u32 = 4096;
/// What connections for metrics are held to.
const SCRAPERS: Limits = Limits {
    connections: 64,
    per_address: 64,
    shared: Vec::new(),
    head: Duration::from_secs(10),
    idle: Duration::from_secs(120),
    drain: Duration::from_secs(1),
};

/// Opens a listener.
pub async fn listen(address: SocketAddr) -> Result<TcpListener> {
    bind(address).map_err(|e| {
        Error::new(Kind::Io, format!("{address} cannot be listened on"))
            .because(e)
            .hint("another process may use it: choose another with --listen or --metrics-listen")
    })
}

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // What the one before left behind does not keep this one from its port.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// How often what was recorded is added up. Until then each sample takes 16 bytes, so that even
/// at 10,000 requests a second less than a megabyte waits.
const UPKEEP: Duration = Duration::from_secs(5);

/// Adds up what was recorded, every so often, for as long as the process lives: else samples wait
/// in memory for somebody to ask for them, and perhaps nobody ever does.
async fn upkeep(recorded: PrometheusHandle, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        recorded.run_upkeep();
    }
}

/// Tells metrics on a listener of their own, which no proxy leads to; answers where.
pub async fn metrics(address: SocketAddr) -> Result<SocketAddr> {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder)
        .map_err(|_| crate::error::internal("metrics are recorded by somebody else already"))?;
    tokio::spawn(upkeep(handle.clone(), UPKEEP));
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
    tokio::spawn(connections::serve(listener, routes, SCRAPERS, std::future::pending()));
    Ok(local)
}

/// Turns true with SIGTERM or SIGINT.
pub fn stop() -> Result<watch::Receiver<bool>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("ending: no new requests and no new jobs");
        // Nobody waits any more: then it has ended already.
        let _ = stop.send(true);
        // Kept, since a sender that is gone would tell the same.
        stop.closed().await;
    });
    Ok(stopped)
}

/// Waits until it is told to end.
pub async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that the teller is gone, which ends it too.
    let _ = stop.wait_for(|&told| told).await;
}

/// Writes the log to standard error, and reports its errors if `SENTRY_DSN` says where to. Answers
/// what sends them.
///
/// # Errors
/// `usage` if that is no DSN.
pub fn log(form: Log, context: &Context) -> Result<Option<Sending>> {
    let (reports, sending) = match &context.config.sentry_dsn {
        Some(dsn) => Some(report::begin(context.http()?, dsn)?).unzip(),
        None => (None, None),
    };
    // The libraries' own chatter stays out: some of it tells addresses that hold tokens.
    let filter = EnvFilter::new("warn,clawdwako=info,reqwest=off,hyper=off,h2=off,russh=off");
    let text = tracing_subscriber::fmt::layer()
        .with_target(false)
        .with_writer(std::io::stderr);
    let text = match form {
        Log::Text => text.with_ansi(false).boxed(),
        Log::Json => text.json().flatten_event(true).boxed(),
    };
    // An error means that a log is there already.
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(text)
        .with(reports)
        .try_init();
    report::tell_panics();
    Ok(sending)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The memory that this process takes, in kB.
    fn resident() -> i64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    #[tokio::test]
    async fn what_is_recorded_takes_no_memory_though_nobody_asks_for_it() {
        const WAVE: usize = 1_000;
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        let upkeep = tokio::spawn(upkeep(handle.clone(), Duration::from_millis(2)));
        let request = async |waves: usize| {
            let histogram =
                metrics::with_local_recorder(&recorder, || metrics::histogram!("clawdwako_request_seconds"));
            for wave in 0..waves {
                for n in 0..WAVE {
                    histogram.record((wave * n % 997) as f64 / 1000.0);
                }
                tokio::task::yield_now().await;
            }
        };
        request(200).await;
        let before = resident();
        // 16 bytes each: without the upkeep these are 32 MB.
        request(2_000).await;
        let grown = resident() - before;
        assert!(grown < 12_000, "{grown} kB more");
        // And nothing of it is lost.
        let told = handle.render();
        assert!(told.contains("clawdwako_request_seconds_count 2200000"), "{told}");
        upkeep.abort();
    }
}
