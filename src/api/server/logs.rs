//! `GET /api/deploy/{bot_id}/logs`: a deployment's own story, or the agent's log; in pages, or
//! live as server-sent events.

use super::extract::{Path, Query};
use super::paging::{page, page_size};
use super::streams::Place;
use super::{App, Caller, Failure, whose};
use crate::api::types::{EventView, MOST_LOG_LINES, Page};
use crate::deploy::{Platform, care};
use crate::error::{Result, usage};
use crate::model::{Bot, Deployment, Event, EventKind, Millis};
use crate::openclaw::journal::Entry;
use crate::openclaw::scripts::{self, LogQuery};
use crate::store::News;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::{Notify, broadcast, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// How long to wait for a hint before looking without one.
const LOOK: Duration = Duration::from_secs(2);
/// How long a stream lasts at most: whoever is still there comes back with Last-Event-ID.
const LONGEST: Duration = Duration::from_secs(3600);
/// How many events are read at once.
const BATCH: i64 = 200;
/// The largest number that every reader of JSON knows exactly; no story is that long.
const LAST: i64 = (1 << 53) - 1;
/// How many lines of the agent's log a slow reader may be behind before it is cut off, and comes
/// back for the rest: no fewer than the stream begins with at most.
const BEHIND: usize = MOST_LOG_LINES as usize;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(logs))
}

/// Which of the two logs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Which {
    /// The deployment's own story.
    #[default]
    Deploy,
    /// The agent's log, from its server.
    Agent,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// `deploy`: the deployment's own story; `agent`: the agent's log.
    #[serde(default)]
    #[param(inline)]
    kind: Which,
    /// Only events after the one of this number.
    #[param(minimum = 0, maximum = 9007199254740991i64)]
    after: Option<i64>,
    /// How many, at most 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// For the agent's log: how many of its last lines, at most 5000; `limit` if left out.
    #[param(minimum = 0, maximum = 5000)]
    lines: Option<i64>,
    /// For the agent's log: only what is younger, such as `10m` or `2h`, or since a date.
    #[param(schema_with = since)]
    since: Option<String>,
}

fn since() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(scripts::SINCE))
}

/// Tells a deployment's story, or the agent's log; with `accept: text/event-stream` as it goes on
///
/// A stream ends with the event `end` when all is told, or with an error in it: within 5 seconds
/// after its credential was revoked or has expired, too. When it ends otherwise (with the event
/// `closing` if the control server ends), come back with `last-event-id`. A user may follow only
/// so many logs at once (429), and a control server has room for so many (503).
#[utoipa::path(get, path = "/api/deploy/{bot_id}/logs", tag = "deploy",
    params(("bot_id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "The bot"), Asked,
        ("last-event-id" = Option<String>, Header, description = "Where a live stream was cut off: the id of the last event that came. All that follows it is told, and nothing else.")),
    responses((status = 200, content((Page<EventView> = "application/json"), (String = "text/event-stream"))), (status = 409)))]
async fn logs(
    State(app): State<App>,
    caller: Caller,
    Path(bot_id): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (bot, deployment) = whose::seen(&app, &caller, &bot_id).await?;
    let limit = page_size(asked.limit)?;
    if asked.after.is_some_and(|n| !(0..=LAST).contains(&n)) {
        return Err(usage("after is no event's number")
            .hint("give the number of the last event that you have")
            .into());
    }
    if let Some(since) = &asked.since {
        scripts::check_since(since)?;
    }
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let live = text(header::ACCEPT.as_str()).is_some_and(|a| a.contains("text/event-stream"));
    let lines = asked.lines.unwrap_or(limit);
    if !(0..=MOST_LOG_LINES).contains(&lines) {
        return Err(usage(format!("lines is {lines}"))
            .hint(format!("give a number from 0 to {MOST_LOG_LINES}"))
            .into());
    }
    let cut_off = text("last-event-id").filter(|id| !id.is_empty());
    let after = cut_off.and_then(|id| id.parse().ok()).or(asked.after).unwrap_or(0);
    Ok(match (asked.kind, live) {
        (Which::Deploy, true) => told(app.stream(&caller)?, story(app, deployment, after)),
        (Which::Deploy, false) => {
            let found = app.store.events_after(&deployment.id, after, limit + 1).await?;
            let items = found.into_iter().map(|(n, e)| EventView::of(n, e)).collect();
            Json(page(items, limit, |e| e.number.to_string())).into_response()
        }
        (Which::Agent, live) => {
            let query = LogQuery {
                lines: u32::try_from(lines).unwrap_or(u32::MAX),
                since: asked.since,
                after: cut_off.filter(|_| live).map(str::to_owned),
                follow: live.then_some(LONGEST),
            };
            // What makes no sense is told as that, and not in a stream.
            scripts::logs("", &query)?;
            let platform = app.standing(caller.by());
            match live {
                true => told(app.stream(&caller)?, agent_live(platform, bot, deployment, query)),
                false => Json(agent(&platform, &bot, &deployment, &query).await?).into_response(),
            }
        }
    })
}

fn told(place: Place, events: impl stream::Stream<Item = sse::Event> + Send + 'static) -> Response {
    Sse::new(place.limit(events))
        .keep_alive(KeepAlive::default())
        .into_response()
}

/// One event on the stream.
fn sent(view: &EventView) -> sse::Event {
    let data = serde_json::to_string(view).unwrap_or_default();
    sse::Event::default()
        .id(view.number.to_string())
        .event("story")
        .data(data)
}

struct Story {
    app: App,
    deployment: Deployment,
    last: i64,
    waiting: VecDeque<EventView>,
    news: broadcast::Receiver<News>,
    until: Instant,
    ended: bool,
}

/// A deployment's story from event `after` on, until no work is left.
fn story(app: App, deployment: Deployment, after: i64) -> impl stream::Stream<Item = sse::Event> {
    let state = Story {
        // Listened to before anything is read, so that nothing falls in between.
        news: app.store.waker().listen(),
        app,
        deployment,
        last: after,
        waiting: VecDeque::new(),
        until: Instant::now() + LONGEST,
        ended: false,
    };
    stream::unfold(state, |mut s| async move { s.next().await.map(|e| (e, s)) })
}

impl Story {
    async fn next(&mut self) -> Option<sse::Event> {
        while !self.ended && Instant::now() < self.until {
            if let Some(view) = self.waiting.pop_front() {
                return Some(sent(&view));
            }
            match self.look().await {
                Ok(true) => {
                    self.ended = true;
                    return Some(sse::Event::default().event("end").data("{}"));
                }
                Ok(false) if self.waiting.is_empty() => self.wait().await,
                Ok(false) => {}
                // The store is away for a moment: whoever listens comes back.
                Err(_) => return None,
            }
        }
        None
    }

    /// Reads on; answers whether all is told and no work is left.
    async fn look(&mut self) -> Result<bool> {
        // Before the events: work that ends in between has its end told.
        let over = !self.app.store.has_work(&self.deployment.id).await?;
        let events = self
            .app
            .store
            .events_after(&self.deployment.id, self.last, BATCH)
            .await?;
        self.last = events.last().map_or(self.last, |(n, _)| *n);
        self.waiting
            .extend(events.into_iter().map(|(n, e)| EventView::of(n, e)));
        Ok(over && self.waiting.is_empty())
    }

    async fn wait(&mut self) {
        let heard = async {
            loop {
                match self.news.recv().await {
                    Ok(News::Events(id)) if id != self.deployment.id => {}
                    Ok(_) | Err(_) => return,
                }
            }
        };
        // Without a hint it looks all the same.
        let _ = timeout(LOOK, heard).await;
    }
}

/// A line of the agent's log; its number counts from where the reader began.
fn log_line(number: i64, at: Millis, text: String) -> EventView {
    let event = Event {
        at,
        kind: EventKind::Log,
        job: None,
        step: None,
        text,
        duration_ms: None,
    };
    EventView::of(number, event)
}

async fn agent(platform: &Platform, bot: &Bot, deployment: &Deployment, query: &LogQuery) -> Result<Page<EventView>> {
    let mut items = Vec::new();
    care::log(platform, bot, deployment, query, &mut |entry| {
        if let Some(text) = entry.text {
            items.push(log_line(items.len() as i64 + 1, entry.at, text));
        }
    })
    .await?;
    Ok(Page {
        items,
        next_cursor: None,
    })
}

/// An entry on the stream: its place in the journal is the event's id, so that whoever is cut off
/// goes on exactly there.
fn sent_entry(number: i64, entry: Entry) -> sse::Event {
    let event = match entry.text {
        Some(text) => {
            let data = serde_json::to_string(&log_line(number, entry.at, text)).unwrap_or_default();
            sse::Event::default().event("story").data(data)
        }
        None => sse::Event::default().event("place").data("{}"),
    };
    match entry.cursor {
        Some(cursor) => event.id(cursor),
        None => event,
    }
}

/// The agent's log as it goes on. When the reader goes, so does the SSH session.
fn agent_live(
    platform: Platform,
    bot: Bot,
    deployment: Deployment,
    query: LogQuery,
) -> impl stream::Stream<Item = sse::Event> {
    let (sender, receiver) = mpsc::channel(BEHIND);
    let mut work = JoinSet::new();
    work.spawn(async move {
        let (lines, behind) = (sender.clone(), Notify::new());
        let (mut number, mut whole) = (0, true);
        let mut on_entry = |entry| {
            number += 1;
            // Once one did not fit, none may follow: the reader comes back for all of them.
            whole = whole && lines.try_send(sent_entry(number, entry)).is_ok();
            if !whole {
                behind.notify_one();
            }
        };
        let ended = tokio::select! {
            ended = care::log(&platform, &bot, &deployment, &query, &mut on_entry) => ended,
            () = behind.notified() => return,
        };
        if !whole {
            return;
        }
        let end = match ended {
            Ok(()) => "{}".to_owned(),
            Err(e) => serde_json::json!({"error": crate::api::types::ErrorView::from(&e)}).to_string(),
        };
        let _ = sender.send(sse::Event::default().event("end").data(end)).await;
    });
    stream::unfold((receiver, work), |(mut receiver, work)| async move {
        receiver.recv().await.map(|event| (event, (receiver, work)))
    })
}
