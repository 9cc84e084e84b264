//! A deployment's story: every event goes to the reporter at once and to the store soon.
//! Log lines are kept back and written together, because each write waits for the disk.

use super::Reporter;
use crate::error::Result;
use crate::model::{Event, EventKind, JobKind, now};
use crate::store::{Store, Tx};

/// How many log lines are kept back at most.
const BATCH: usize = 100;
/// How many lines of its scripts a step may add: a server that writes without end must fill
/// neither our memory nor the store.
const MAX_LINES: usize = 5000;

/// Tells the story of one deployment.
pub struct Story<'a> {
    store: &'a Store,
    reporter: &'a dyn Reporter,
    deployment_id: String,
    job: Option<JobKind>,
    step: Option<&'static str>,
    /// Lines that the step's scripts wrote so far.
    lines: usize,
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
            lines: 0,
            waiting: Vec::new(),
        }
    }

    /// Which job and step the next events belong to.
    pub fn place(&mut self, job: JobKind, step: Option<&'static str>) {
        (self.job, self.step, self.lines) = (Some(job), step, 0);
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

    /// A line of a script on the server. `::progress TEXT` is progress. A step's first 5000 are
    /// told, the others left out.
    pub fn line(&mut self, line: &str) {
        self.lines += 1;
        match self.lines {
            ..=MAX_LINES => {}
            n if n == MAX_LINES + 1 => return self.warn("the server writes very much: the rest is left out here"),
            _ => return,
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::seal::Sealer;

    struct Nobody;

    impl Reporter for Nobody {
        fn event(&self, _: &Event) {}
    }

    #[tokio::test]
    async fn a_server_that_writes_without_end_fills_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("store.db"), Sealer::none()).await.unwrap();
        let mut story = Story::new(&store, &Nobody, "0");
        for step in ["install_node", "install_openclaw"] {
            story.place(JobKind::InstallDependencies, Some(step));
            for i in 0..3 * MAX_LINES {
                story.line(&i.to_string());
            }
        }
        assert_eq!(story.waiting.len(), 2 * (MAX_LINES + 1), "each step has its own share");
        let last = story.waiting.last().unwrap();
        assert!(
            last.kind == EventKind::Warning && last.text.contains("left out"),
            "{last:?}"
        );
    }
}
