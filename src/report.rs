//! Reports a control server's errors and panics to Sentry.
//!
//! What is reported is what the log says as an error, word for word: a [`Layer`] beside the one
//! that writes it, under the same filter, so that nothing is told elsewhere that is not in the
//! log. Of a panic only the place is told, since its text may be anything.

use crate::error::{Error, Kind, Result};
use crate::http::{Call, Http};
use crate::secrets::Secret;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderName};
use sentry_types::Dsn;
use sentry_types::protocol::v7::{Envelope, Event, Value};
use std::fmt;
use std::panic::PanicHookInfo;
use std::time::Duration;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tracing::Level;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer};

/// How many reports wait at most; more are lost, rather than holding the server up.
const WAITING: usize = 100;
/// How long one try to send may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long the end of the server waits for what is not sent yet.
const LAST: Duration = Duration::from_secs(3);
const AUTH: HeaderName = HeaderName::from_static("x-sentry-auth");
const AGENT: &str = concat!("clawdwako/", env!("CARGO_PKG_VERSION"));

/// Turns errors of the log into reports. A [`Sending`] sends them.
pub struct Reports {
    reports: mpsc::Sender<Event<'static>>,
}

/// Sends reports.
pub struct Sending {
    task: JoinHandle<()>,
    end: oneshot::Sender<()>,
}

/// Begins to report to where a DSN (`SENTRY_DSN`) leads.
///
/// # Errors
/// `usage` if it is none.
pub fn begin(http: Http, dsn: &Secret) -> Result<(Reports, Sending)> {
    // Its own error would quote it.
    let dsn: Dsn = dsn.expose().parse().map_err(|_| {
        Error::new(Kind::Usage, "SENTRY_DSN is no DSN of Sentry").hint("copy it again from the project's settings")
    })?;
    let (reports, mut waiting) = mpsc::channel(WAITING);
    let (end, mut ended) = oneshot::channel();
    let task = tokio::spawn(async move {
        let mut open = true;
        loop {
            tokio::select! {
                // Whoever reports is never gone, so it has to be told that this is the end.
                _ = &mut ended, if open => {
                    waiting.close();
                    open = false;
                }
                event = waiting.recv() => match event {
                    // Not told in the log: that would be reported, too.
                    Some(event) => drop(send(&http, &dsn, event).await),
                    None => return,
                },
            }
        }
    });
    Ok((Reports { reports }, Sending { task, end }))
}

impl Sending {
    /// Sends what is waiting, for some seconds. Nothing is reported after that.
    pub async fn end(self) {
        // An error means that it has ended already.
        let _ = self.end.send(());
        let _ = tokio::time::timeout(LAST, self.task).await;
    }
}

async fn send(http: &Http, dsn: &Dsn, event: Event<'static>) -> Result<()> {
    let mut call = Call::new("Sentry", Method::POST, dsn.envelope_api_url());
    let auth = Secret::new(dsn.to_auth(Some(AGENT)).to_string());
    call.auth = Some((AUTH, "", auth));
    call.headers
        .push((CONTENT_TYPE, "application/x-sentry-envelope".to_owned()));
    let mut body = Vec::new();
    Envelope::from(event).to_writer(&mut body)?;
    call.body = crate::http::Body::Bytes(body);
    call.deadline = DEADLINE;
    // It carries an id of its own: the same one twice is one.
    call.repeatable = true;
    http.send(&call).await.map(drop)
}

impl<S: tracing::Subscriber> Layer<S> for Reports {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() != Level::ERROR {
            return;
        }
        let mut told = Event {
            level: sentry_types::protocol::v7::Level::Error,
            logger: Some(event.metadata().target().to_owned()),
            release: Some(AGENT.into()),
            platform: "native".into(),
            ..Event::default()
        };
        event.record(&mut Fields(&mut told));
        if let Err(TrySendError::Full(_)) = self.reports.try_send(told) {
            metrics::counter!("clawdwako_reports_lost_total").increment(1);
        }
    }
}

/// Takes the message and the fields of a line of the log.
struct Fields<'a>(&'a mut Event<'static>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        match field.name() {
            "message" => self.0.message = Some(text),
            name => drop(self.0.extra.insert(name.to_owned(), Value::from(text))),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.0.message = Some(value.to_owned()),
            name => drop(self.0.extra.insert(name.to_owned(), Value::from(value))),
        }
    }
}

/// Has panics told in the log, and so reported: where, not what.
pub fn tell_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic: &PanicHookInfo<'_>| {
        let place = panic.location().map(|l| format!("{}:{}", l.file(), l.line()));
        tracing::error!(place, "a part of the server panicked");
        before(panic);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::SubscriberExt;

    #[test]
    fn errors_are_reported_and_of_a_panic_the_place_alone() {
        let (reports, mut waiting) = mpsc::channel(10);
        let _log = tracing::subscriber::set_default(tracing_subscriber::registry().with(Reports { reports }));
        tracing::warn!("nothing to report");
        tracing::error!(request_id = "r1", status = 500, "request failed: {}", "why");
        tell_panics();
        assert!(std::panic::catch_unwind(|| panic!("hunter2")).is_err());
        let mut told = || waiting.try_recv().unwrap();
        let failed = told();
        assert_eq!(failed.message.as_deref(), Some("request failed: why"));
        assert_eq!(
            (&failed.extra["request_id"], &failed.extra["status"]),
            (&"r1".into(), &"500".into())
        );
        let panicked = told();
        assert_eq!(panicked.message.as_deref(), Some("a part of the server panicked"));
        assert!(panicked.extra["place"].as_str().unwrap().contains("report.rs:"));
        assert!(!format!("{panicked:?}").contains("hunter2"));
        assert!(waiting.try_recv().is_err());
    }
}
