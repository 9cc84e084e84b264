//! Tells whoever waits that there is new work or a new event: within this process at once, to
//! other processes over PostgreSQL's NOTIFY. Only a hint: whoever waits looks now and then
//! without it too.

use std::fmt;
use tokio::sync::broadcast;

/// The channel of NOTIFY.
pub(super) const CHANNEL: &str = "clawdwako";
/// How many hints a slow listener may be behind before it misses some.
const BEHIND: usize = 256;

/// Something new in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A job was queued.
    Jobs,
    /// The story of a deployment went on.
    Events(String),
}

/// Where news is heard. Cheap to clone.
#[derive(Clone)]
pub struct Waker(broadcast::Sender<News>);

impl Default for Waker {
    fn default() -> Self {
        Waker(broadcast::channel(BEHIND).0)
    }
}

impl Waker {
    /// Hears what is told from now on. A listener that falls behind gets an error for what it
    /// missed: it should look for itself then.
    pub fn listen(&self) -> broadcast::Receiver<News> {
        self.0.subscribe()
    }

    pub(super) fn tell(&self, news: News) {
        // Nobody listens: then nobody waits.
        let _ = self.0.send(news);
    }

    /// What another process told.
    pub(super) fn heard(&self, text: &str) {
        match text.split_once(' ') {
            Some(("events", id)) => self.tell(News::Events(id.to_owned())),
            _ => self.tell(News::Jobs),
        }
    }
}

impl fmt::Display for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            News::Jobs => f.write_str("jobs"),
            News::Events(id) => write!(f, "events {id}"),
        }
    }
}
