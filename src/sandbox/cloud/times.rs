//! Times as both clouds write them.

use jiff::Timestamp;

/// A time as `2026-02-11T03:07:26Z`.
pub fn rfc3339(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Now, in seconds since 1970.
pub fn unix_now() -> i64 {
    Timestamp::now().as_second()
}
