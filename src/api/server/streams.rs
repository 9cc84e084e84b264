//! Live streams: how many there may be, and that each ends with the credential it was asked for
//! with, also where another control server heard of that.

use super::connections::Reader;
use super::{App, Caller, Failure, credential};
use crate::api::types::ErrorView;
use crate::config::ServerSettings;
use crate::error::{Error, Kind};
use crate::model::{Role, now};
use crate::store::Store;
use axum::http::StatusCode;
use axum::response::sse;
use futures_util::{Stream, StreamExt, stream};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, interval, timeout};

/// How often the store is asked whether the credentials are still good. With [`PATIENCE`] a
/// stream ends within 5 seconds, whatever the store does.
const LOOK: Duration = Duration::from_secs(1);
/// How long the store may take to say so.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long streams go on while it says nothing.
const UNSURE: Duration = Duration::from_secs(3);

/// Why a stream has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Its credential was revoked or has expired, or its user is disabled or gone.
    Credential,
    /// Its user has another role now.
    Role,
    /// The store does not say whether the credential is still good.
    Unsure,
    /// The control server ends.
    Shutdown,
}

impl End {
    /// What the reader is told. Whoever may go on is not told `end`, and so comes back.
    fn event(self) -> sse::Event {
        let reason = match self {
            End::Credential => {
                let error = ErrorView::from(&credential::invalid());
                let data = serde_json::json!({"error": error}).to_string();
                return sse::Event::default().event("end").data(data);
            }
            End::Role => "role",
            End::Unsure => "store",
            End::Shutdown => "shutdown",
        };
        let data = serde_json::json!({"reason": reason}).to_string();
        sse::Event::default().event("closing").data(data)
    }
}

/// All live streams of this process. Cheap to clone.
#[derive(Clone)]
pub struct Streams(Arc<Whole>);

struct Whole {
    most: usize,
    most_per_user: usize,
    live: Mutex<Live>,
}

#[derive(Default)]
struct Live {
    next: u64,
    streams: HashMap<u64, Held>,
    closed: bool,
}

struct Held {
    user_id: String,
    token_id: String,
    role: Role,
    reader: Option<Reader>,
    end: oneshot::Sender<End>,
}

/// A stream's place among them, until it is dropped.
pub struct Place {
    streams: Streams,
    id: u64,
    end: oneshot::Receiver<End>,
}

impl Streams {
    /// No stream yet; so many there may be, and as many of one user as the settings say.
    pub fn new(settings: &ServerSettings, most: usize) -> Streams {
        Streams(Arc::new(Whole {
            most,
            most_per_user: settings.max_streams_per_user,
            live: Mutex::default(),
        }))
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place for a stream of the caller's.
    ///
    /// # Errors
    /// `rate_limited` if the user has too many; `busy` if this process has, or ends.
    pub fn take(&self, caller: &Caller) -> Result<Place, Failure> {
        let mut live = self.live();
        let own = live.streams.values().filter(|h| h.user_id == caller.user.id).count();
        if own >= self.0.most_per_user {
            let what = format!("you follow {own} logs already, which is the limit");
            return Err(Error::new(Kind::RateLimited, what)
                .hint("end one of them, or ask without `accept: text/event-stream`")
                .into());
        }
        if live.closed || live.streams.len() >= self.0.most {
            let e = Error::new(Kind::Busy, "this control server can take no more live streams")
                .hint("try again in a few seconds, or ask without `accept: text/event-stream`");
            return Err(Failure::with_status(e, StatusCode::SERVICE_UNAVAILABLE));
        }
        let (end, ended) = oneshot::channel();
        let id = live.next;
        live.next += 1;
        let held = Held {
            user_id: caller.user.id.clone(),
            token_id: caller.token_id.clone(),
            role: caller.user.role,
            reader: caller.reader.clone(),
            end,
        };
        live.streams.insert(id, held);
        metrics::gauge!("clawdwako_streams").set(live.streams.len() as f64);
        Ok(Place {
            streams: self.clone(),
            id,
            end: ended,
        })
    }

    /// Ends all streams, and takes no more.
    pub fn close(&self) {
        self.live().closed = true;
        self.end(|_| Some(End::Shutdown));
    }

    /// Ends those that have a reason to.
    fn end(&self, why: impl Fn(&Held) -> Option<End>) {
        let mut live = self.live();
        let over: Vec<(u64, End)> = live
            .streams
            .iter()
            .filter_map(|(&id, held)| Some((id, why(held)?)))
            .collect();
        for (id, why) in over {
            if let Some(held) = live.streams.remove(&id) {
                // Its reader has gone: then it has ended already.
                let _ = held.end.send(why);
                if let Some(reader) = held.reader {
                    reader.ends_soon();
                }
            }
        }
    }

    /// Asks the store again and again, and ends the streams whose credential is no longer good,
    /// whoever revoked it and at which control server.
    pub async fn watch(&self, store: &Store) -> Infallible {
        let mut sure = Instant::now();
        let mut looks = interval(LOOK);
        loop {
            looks.tick().await;
            let begun = Instant::now();
            let mut tokens: Vec<String> = self.live().streams.values().map(|h| h.token_id.clone()).collect();
            tokens.sort_unstable();
            tokens.dedup();
            if tokens.is_empty() {
                sure = begun;
                continue;
            }
            match timeout(PATIENCE, store.good_tokens(&tokens, now())).await {
                Ok(Ok(good)) => {
                    sure = begun;
                    // One that began meanwhile was not asked about.
                    self.end(|held| match good.get(&held.token_id) {
                        _ if tokens.binary_search(&held.token_id).is_err() => None,
                        None => Some(End::Credential),
                        Some(&role) => (role != held.role).then_some(End::Role),
                    });
                }
                _ if sure.elapsed() >= UNSURE => self.end(|_| Some(End::Unsure)),
                _ => {}
            }
        }
    }
}

impl Place {
    /// The events, until this stream has to end; then the reader is told why.
    pub fn limit<S>(self, events: S) -> impl Stream<Item = Result<sse::Event, Infallible>> + Send + use<S>
    where
        S: Stream<Item = sse::Event> + Send + 'static,
    {
        stream::unfold(Some((self, Box::pin(events))), |going| async move {
            let (mut place, mut events) = going?;
            tokio::select! {
                biased;
                why = &mut place.end => {
                    let event = why.unwrap_or(End::Shutdown).event();
                    Some((Ok(event), None))
                }
                event = events.next() => Some((Ok(event?), Some((place, events)))),
            }
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut live = self.streams.live();
        live.streams.remove(&self.id);
        metrics::gauge!("clawdwako_streams").set(live.streams.len() as f64);
    }
}

impl App {
    /// Takes a place for a live stream.
    ///
    /// # Errors
    /// As [`Streams::take`].
    pub(super) fn stream(&self, caller: &Caller) -> Result<Place, Failure> {
        self.streams().take(caller)
    }
}
