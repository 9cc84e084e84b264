//! Waiting with a deadline.

use crate::error::{Error, Kind};
use std::fmt::Display;
use std::time::{Duration, Instant};

/// How many times its first length a growing pause may reach.
const LONGEST: u32 = 20;

/// A wait for a condition that is looked at again and again. Every wait has a deadline.
#[derive(Debug)]
pub(super) struct Wait {
    pause: Duration,
    longest: Duration,
    begun: Instant,
    deadline: Duration,
}

impl Wait {
    /// Looks after the same pause each time.
    pub fn steady(pause: Duration, deadline: Duration) -> Self {
        Wait {
            pause,
            longest: pause,
            begun: Instant::now(),
            deadline,
        }
    }

    /// Looks after pauses that double, up to twenty times the first one.
    pub fn growing(pause: Duration, deadline: Duration) -> Self {
        Wait {
            longest: pause * LONGEST,
            ..Wait::steady(pause, deadline)
        }
    }

    /// Pauses; answers `false`, at once, if the deadline would pass meanwhile.
    pub async fn next(&mut self) -> bool {
        if self.begun.elapsed() + self.pause > self.deadline {
            return false;
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(self.longest);
        true
    }

    /// The error for a wait that was in vain; `what` completes "waited 60 s for …".
    pub fn in_vain(&self, what: impl Display) -> Error {
        Error::new(
            Kind::Timeout,
            format!("waited {} s in vain for {what}", self.begun.elapsed().as_secs()),
        )
        .hint("run the command again: it goes on where it stopped")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn ends_at_its_deadline() {
        let mut wait = Wait::steady(Duration::from_millis(1), Duration::from_millis(20));
        let mut looks = 0;
        while wait.next().await {
            looks += 1;
        }
        assert!((1..=20).contains(&looks), "{looks}");
        assert!(wait.begun.elapsed() < Duration::from_secs(5));
        assert_eq!(wait.in_vain("rain").kind(), Kind::Timeout);
        let mut none = Wait::growing(Duration::from_secs(60), Duration::from_secs(1));
        assert!(!none.next().await);
    }
}
