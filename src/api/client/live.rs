//! A story as it happens: server-sent events that survive a lost connection.

use super::Client;
use super::call::{PEER, failure};
use crate::api::types::{ErrorBody, EventView};
use crate::error::{Error, Kind, Result};
use crate::http::{Live, Opened};
use eventsource_stream::{Event, EventStreamError, Eventsource};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, TryStreamExt};
use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderName};
use std::time::Duration;

const MEDIA: &str = "text/event-stream";
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// How long the server may be silent: it sends a comment far more often.
const IDLE: Duration = Duration::from_secs(60);
/// How often in a row a connection may be lost without anything new.
const TRIES: u32 = 8;
/// The largest event that is read, in bytes: a line of a log is far shorter.
const MAX_EVENT: usize = 1 << 20;

/// A story as it happens. A lost connection is opened again where it was cut.
pub struct Events {
    client: Client,
    bot_id: String,
    which: Which,
    open: Option<BoxStream<'static, Result<Event, EventStreamError<Error>>>>,
    /// Connections in a row that brought nothing.
    misses: u32,
    ended: bool,
}

/// What is told.
enum Which {
    /// A deployment's story, after this event.
    Story { after: i64 },
    /// The agent's log: some of its last lines, and after a lost connection what followed the
    /// place in its journal that was told last.
    Agent {
        last: i64,
        since: Option<String>,
        place: Option<String>,
    },
}

impl Events {
    pub(super) fn story(client: Client, bot_id: &str, after: i64) -> Events {
        Events::new(client, bot_id, Which::Story { after })
    }

    pub(super) fn agent(client: Client, bot_id: &str, last: i64, since: Option<&str>) -> Events {
        let which = Which::Agent {
            last,
            since: since.map(str::to_owned),
            place: None,
        };
        Events::new(client, bot_id, which)
    }

    fn new(client: Client, bot_id: &str, which: Which) -> Events {
        Events {
            client,
            bot_id: bot_id.to_owned(),
            which,
            open: None,
            misses: 0,
            ended: false,
        }
    }

    /// The next event; none when no work is left. Waits as long as the server gives signs of
    /// life.
    ///
    /// # Errors
    /// The server's own; `network` or `timeout` if the connection was lost eight times in a row
    /// without anything new.
    pub async fn next(&mut self) -> Result<Option<EventView>> {
        while !self.ended {
            let lost = match &mut self.open {
                Some(open) => match open.next().await {
                    Some(Ok(event)) => match self.read(event)? {
                        Some(event) => return Ok(Some(event)),
                        None => continue,
                    },
                    // Too large an event: it would come again.
                    Some(Err(EventStreamError::Transport(e))) if e.kind() == Kind::Upstream => return Err(e),
                    Some(Err(EventStreamError::Transport(e))) => e,
                    Some(Err(_)) => Error::new(Kind::Upstream, format!("{PEER} sent events that cannot be read")),
                    None => Error::new(Kind::Network, format!("{PEER} closed the connection")),
                },
                None => match self.connect().await {
                    Ok(live) => {
                        self.open = Some(cut(live.pieces().map_ok(|p| p.as_ref().to_vec())).boxed());
                        continue;
                    }
                    Err(e) if !e.kind().may_retry() => return Err(e),
                    Err(e) => e,
                },
            };
            self.open = None;
            self.misses += 1;
            if self.misses == TRIES {
                return Err(self.client.unreached(lost));
            }
            let pause = self.client.http.pause() * 2u32.pow(self.misses - 1);
            tokio::time::sleep(pause).await;
        }
        Ok(None)
    }

    async fn connect(&self) -> Result<Live> {
        let mut call = self.client.call(Method::GET, &["deploy", &self.bot_id, "logs"])?;
        match &self.which {
            Which::Story { after } => {
                call.url.query_pairs_mut().append_pair("after", &after.to_string());
                if *after > 0 {
                    call.headers.push((LAST_EVENT_ID, after.to_string()));
                }
            }
            Which::Agent { last, since, place } => {
                let mut query = call.url.query_pairs_mut();
                query
                    .append_pair("kind", "agent")
                    .append_pair("lines", &last.to_string());
                if let Some(since) = since {
                    query.append_pair("since", since);
                }
                drop(query);
                if let Some(place) = place {
                    call.headers.push((LAST_EVENT_ID, place.clone()));
                }
            }
        }
        call.headers.push((ACCEPT, MEDIA.to_owned()));
        match self.client.http.open(&call, MEDIA, IDLE).await? {
            Opened::Live(live) => Ok(live),
            Opened::Whole(answer) if answer.ok() => {
                Err(Error::new(Kind::Unsupported, format!("{PEER} tells nothing live"))
                    .hint("something in front of it may hold answers back; ask who runs it"))
            }
            Opened::Whole(answer) => Err(failure(&answer)),
        }
    }

    /// What an event tells; none if it is no line of the story, or one that was told already.
    fn read(&mut self, event: Event) -> Result<Option<EventView>> {
        if let Which::Agent { place, .. } = &mut self.which
            && !event.id.is_empty()
        {
            *place = Some(event.id);
        }
        match event.event.as_str() {
            "story" => {}
            "end" => {
                self.ended = true;
                // What went wrong after the answer had begun is told here.
                return match serde_json::from_str::<ErrorBody>(&event.data) {
                    Ok(body) => Err(body.error.into()),
                    Err(_) => Ok(None),
                };
            }
            // A later version may tell more.
            _ => return Ok(None),
        }
        let event: EventView = serde_json::from_str(&event.data)
            .map_err(|_| Error::new(Kind::Upstream, format!("{PEER} sent an event that cannot be read")))?;
        match &mut self.which {
            Which::Story { after } if event.number <= *after => return Ok(None),
            Which::Story { after } => *after = event.number,
            Which::Agent { .. } => {}
        }
        self.misses = 0;
        Ok(Some(event))
    }
}

/// Cuts a body into events. The library keeps an event until it is whole, however large: one
/// that does not end is an error here.
fn cut(
    pieces: impl Stream<Item = Result<Vec<u8>>> + Send + 'static,
) -> impl Stream<Item = Result<Event, EventStreamError<Error>>> + Send {
    let mut event = Unfinished::default();
    pieces
        .map(move |piece| {
            let piece = piece?;
            event.add(&piece);
            if event.bytes > MAX_EVENT {
                return Err(
                    Error::new(Kind::Upstream, format!("{PEER} sent an event of over 1 MiB"))
                        .hint("look whether the address is that of a control server"),
                );
            }
            Ok(piece)
        })
        .eventsource()
}

/// How much of an event has come whose end has not.
#[derive(Default)]
struct Unfinished {
    bytes: usize,
    /// Whether the line that is coming is empty so far.
    empty: bool,
    after_return: bool,
}

impl Unfinished {
    /// Takes the next bytes. Lines end at `\n`, `\r` or both; an empty one ends the event.
    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' if self.empty => self.bytes = 0,
                b'\n' | b'\r' => self.empty = true,
                _ => {
                    self.empty = false;
                    self.bytes += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    #[tokio::test]
    async fn an_event_that_does_not_end_is_an_error_and_many_small_ones_are_none() {
        let piece = b"data: x\r\n".repeat(1000);
        let endless = stream::repeat_with(move || Ok(piece.clone()));
        let e = cut(endless).next().await.unwrap().unwrap_err();
        assert!(matches!(e, EventStreamError::Transport(e) if e.kind() == Kind::Upstream));

        for end in ["\n\n", "\r\r", "\r\n\r\n"] {
            let text = format!("data: {}{end}: alive{end}", "x".repeat(1000)).repeat(3000);
            // Cut at every place, the middle of a line end too.
            let pieces: Vec<Result<Vec<u8>>> = text.as_bytes().chunks(1013).map(|c| Ok(c.to_vec())).collect();
            let told: Vec<_> = cut(stream::iter(pieces)).collect().await;
            assert!(told.iter().all(std::result::Result::is_ok));
            assert_eq!(told.len(), 3000, "{end:?}");
        }
    }
}
