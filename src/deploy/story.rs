//! A deployment's story: every event goes to the reporter at once and to the store soon.
//! Log lines are kept back and written together, because each write waits for the disk.

use super::Reporter;
use crate::error::Result;
use crate::model::{Event, EventKind, JobKind, now};
use crate::store::{Store, Tx};

/// How many log lines are kept back at most.
const BATCH: usize = 100;

/// Tells the story of one deployment.
pub struct Story<'a> {
    store: &'a Store,
    reporter: &'a dyn Reporter,
    deployment_id: String,
    job: Option<JobKind>,
    step: Option<&'static str>,
    waiting: Vec<Event>,
}

impl<'a> Story<'a> {
    /// Begins to tell.
    pub fn new(store: &'a Store, reporter: &'a dyn Reporter, deployment_id: &str) -> Self {
        Story {
            store,
            reporter,
            deployment_id: deployment_id.into(),
            job: None,
            step: None,
            waiting: Vec::new(),
        }
    }

    /// Which job and step the next events belong to.
    pub fn place(&mut self, job: JobKind, step: Option<&'static str>) {
        (self.job, self.step) = (Some(job), step);
    }

    /// One line. It is shown now and written with the next [`Story::flush`].
    pub fn tell(&mut self, kind: EventKind, text: impl Into<String>, duration_ms: Option<i64>) {
        let event = Event {
            at: now(),
            kind,
            job: self.job.map(|j| j.as_str().into()),
            step: self.step.map(Into::into),
            text: text.into(),
            duration_ms,
        };
        self.reporter.event(&event);
        self.waiting.push(event);
    }

    /// What a step is doing.
    pub fn progress(&mut self, text: impl Into<String>) {
        self.tell(EventKind::Progress, text, None);
    }

    /// Something that the user should know.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.tell(EventKind::Warning, text, None);
    }

    /// A line of a script on the server. `::progress TEXT` is progress.
    pub fn line(&mut self, line: &str) {
        match line.strip_prefix("::progress ") {
            Some(text) => self.progress(text),
            None => self.tell(EventKind::Log, line, None),
        }
    }

    /// Writes what is waiting if it is much.
    pub async fn flush_if_much(&mut self) -> Result<()> {
        if self.waiting.len() < BATCH {
            return Ok(());
        }
        self.flush().await
    }

    /// Writes what is waiting.
    pub async fn flush(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        for event in &self.waiting {
            tx.insert_event(&self.deployment_id, event).await?;
        }
        tx.commit().await?;
        // Only now: what could not be written is still there.
        self.waiting.clear();
        Ok(())
    }

    /// Writes what is waiting as part of a transaction.
    pub async fn write(&mut self, tx: &mut Tx) -> Result<()> {
        for event in std::mem::take(&mut self.waiting) {
            tx.insert_event(&self.deployment_id, &event).await?;
        }
        Ok(())
    }
}
