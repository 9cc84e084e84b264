//! What whoever finds no room is told, as far as there is room for that.

use super::connection::http;
use super::socket::Socket;
use super::table::Full;
use crate::api::server::{Failure, layers};
use crate::error::{Error, Kind};
use axum::Router;
use axum::http::StatusCode;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// How many are told at once; all others are let go without a word.
const TOLD: usize = 32;
/// How long somebody may take to ask, and to hear.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tells those who find no room.
pub struct Refusals {
    seats: Arc<Semaphore>,
    all: Router,
    address: Router,
    logged: Option<Instant>,
}

impl Default for Refusals {
    fn default() -> Self {
        Refusals {
            seats: Arc::new(Semaphore::new(TOLD)),
            all: answer(Full::All),
            address: answer(Full::Address),
            logged: None,
        }
    }
}

fn answer(full: Full) -> Router {
    layers::told(Router::new().fallback(async move || failure(full)))
}

fn failure(full: Full) -> Failure {
    match full {
        Full::All => Failure::with_status(
            Error::new(Kind::Busy, "this control server has no connection left").hint("try again in a few seconds"),
            StatusCode::SERVICE_UNAVAILABLE,
        ),
        Full::Address => Error::new(Kind::RateLimited, "too many connections from this address")
            .hint("close some of them, or try again in a few seconds")
            .into(),
    }
}

impl Refusals {
    /// What answers somebody for whom there is no room; none if they are let go at once.
    pub fn answer(&mut self, full: Full, stream: TcpStream) -> Option<impl Future<Output = ()> + Send + use<>> {
        metrics::counter!("clawdwako_connections_refused_total").increment(1);
        if self.logged.is_none_or(|t| t.elapsed() > super::TELL_EVERY) {
            self.logged = Some(Instant::now());
            tracing::warn!(
                of_one_address = full == Full::Address,
                "connections are refused: all that there may be are busy"
            );
        }
        let seat = self.seats.clone().try_acquire_owned().ok()?;
        let routes = match full {
            Full::All => self.all.clone(),
            Full::Address => self.address.clone(),
        };
        Some(async move {
            let socket = TokioIo::new(Socket::new(stream, None));
            let service = TowerToHyperService::new(routes);
            let mut connection = http().keep_alive(false).serve_connection(socket, service);
            if timeout(PATIENCE, &mut connection).await.is_ok() {
                connection.into_parts().io.into_inner().linger().await;
            }
            drop(seat);
        })
    }
}
