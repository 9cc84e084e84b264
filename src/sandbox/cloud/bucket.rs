//! A token bucket: so many calls at once, refilled at a steady pace.

use std::time::{Duration, Instant};

/// Counts calls against a limit.
#[derive(Debug, Clone)]
pub struct Bucket {
    capacity: f64,
    per_second: f64,
    tokens: f64,
    seen: Instant,
}

impl Bucket {
    /// A full bucket of `capacity` calls that fills up again within `window`.
    pub fn new(capacity: u32, window: Duration) -> Self {
        let capacity = f64::from(capacity);
        Bucket {
            capacity,
            per_second: capacity / window.as_secs_f64(),
            tokens: capacity,
            seen: Instant::now(),
        }
    }

    /// Takes one call; `false` if there is none left.
    pub fn take(&mut self, now: Instant) -> bool {
        let gone = now.saturating_duration_since(self.seen).as_secs_f64();
        self.tokens = (self.tokens + gone * self.per_second).min(self.capacity);
        self.seen = now;
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }

    /// How many calls a full bucket allows.
    pub fn limit(&self) -> u32 {
        self.capacity as u32
    }

    /// How many whole calls are left.
    pub fn remaining(&self) -> u32 {
        self.tokens as u32
    }

    /// How long until one call is allowed again.
    pub fn next(&self) -> Duration {
        Duration::from_secs_f64(((1.0 - self.tokens) / self.per_second).max(0.0))
    }

    /// How long until it is full again.
    pub fn full(&self) -> Duration {
        Duration::from_secs_f64((self.capacity - self.tokens) / self.per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_empties_and_fills_at_its_pace() {
        let mut bucket = Bucket::new(3, Duration::from_secs(3));
        let start = Instant::now();
        assert!((0..3).all(|_| bucket.take(start)));
        assert!(!bucket.take(start));
        assert_eq!(bucket.remaining(), 0);
        assert!(bucket.next() <= Duration::from_secs(1));
        assert!(bucket.take(start + Duration::from_millis(1100)));
        assert!(!bucket.take(start + Duration::from_millis(1200)));
        assert!(bucket.take(start + Duration::from_secs(60)));
        assert_eq!(bucket.remaining(), 2, "it never holds more than its capacity");
    }
}
