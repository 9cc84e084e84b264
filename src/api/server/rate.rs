//! How often a caller may call, counted over all control servers of one store.

use super::Failure;
use super::rules::Allowance;
use crate::config::ServerSettings;
use crate::error::{Error, Kind, Result};
use crate::store::{Rate, Store};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long what was taken ahead is kept for its caller.
const KEPT: Duration = Duration::from_secs(10);
/// How many callers are remembered before those of the past are forgotten.
const REMEMBERED: usize = 10_000;
const MINUTE: Duration = Duration::from_secs(60);

/// The allowances. Ordinary calls are taken from the store some at a time: a write for each
/// would make every read as slow as one.
pub struct Rates {
    ordinary: Rate,
    guarded: Rate,
    held: Mutex<HashMap<String, Held>>,
}

/// What is remembered of an allowance, until a moment.
struct Held {
    /// What was taken ahead and not used; none if there was nothing to take.
    left: Option<i64>,
    until: Instant,
}

/// What is known here of an allowance.
enum Known {
    Taken,
    Spent(Duration),
    Nothing,
}

impl Rates {
    /// The allowances that the settings give.
    pub fn new(settings: &ServerSettings) -> Rates {
        Rates {
            ordinary: Rate::new(settings.requests_per_minute, MINUTE),
            guarded: Rate::new(settings.guarded_per_minute, MINUTE),
            held: Mutex::default(),
        }
    }

    /// Counts one call of a caller (an address or a user).
    ///
    /// # Errors
    /// `rate_limited`, with how long to wait.
    pub async fn take(&self, store: &Store, allowance: Allowance, caller: &str) -> Result<(), Failure> {
        let (name, rate, chunk) = match allowance {
            Allowance::Free => return Ok(()),
            Allowance::Ordinary => (
                format!("api/{caller}"),
                self.ordinary,
                (self.ordinary.limit / 50).max(1),
            ),
            Allowance::Guarded => (format!("api/guarded/{caller}"), self.guarded, 1),
        };
        match self.known(&name) {
            Known::Taken => return Ok(()),
            Known::Spent(wait) => return Err(too_many(wait)),
            Known::Nothing => {}
        }
        let mut want = chunk;
        let mut wait = store.take(&name, rate, want).await?;
        if !wait.is_zero() && want > 1 {
            want = 1;
            wait = store.take(&name, rate, want).await?;
        }
        if wait.is_zero() {
            self.hold(name, Some(want - 1), KEPT);
            return Ok(());
        }
        // Whoever is out of calls costs the store nothing until there is one again.
        self.hold(name, None, wait);
        Err(too_many(wait))
    }

    fn known(&self, name: &str) -> Known {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match held.get_mut(name).filter(|h| h.until > now) {
            Some(Held { left: None, until }) => Known::Spent(*until - now),
            Some(Held { left: Some(left), .. }) if *left > 0 => {
                *left -= 1;
                Known::Taken
            }
            _ => Known::Nothing,
        }
    }

    fn hold(&self, name: String, left: Option<i64>, time: Duration) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if held.len() >= REMEMBERED {
            held.retain(|_, h| h.until > now);
        }
        // Somebody else may have taken some ahead at the same time.
        let others = held.get(&name).filter(|h| h.until > now).and_then(|h| h.left);
        let left = match (left, others) {
            (Some(mine), Some(theirs)) => Some(mine + theirs),
            (None, Some(theirs)) if theirs > 0 => Some(theirs),
            (left, _) => left,
        };
        held.insert(
            name,
            Held {
                left,
                until: now + time,
            },
        );
    }
}

fn too_many(wait: Duration) -> Failure {
    let seconds = wait.as_secs() + 1;
    let e = Error::new(Kind::RateLimited, "too many requests").hint(format!("try again in {seconds} s"));
    Failure::too_many(e, seconds)
}
