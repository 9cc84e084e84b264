//! How many files this process may have open, and how many connections and streams that allows.

use crate::config::ServerSettings;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The most files that are kept for what is no connection: the store, jobs, and their own
/// connections to servers, clouds and models.
const RESERVED: usize = 512;
/// What there is room for in any case.
const LEAST: usize = 16;

/// What there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// How many connections at once.
    pub connections: usize,
    /// How many live streams at once; one of an agent's log needs another file for SSH.
    pub streams: usize,
}

/// Raises the limit of open files as far as it may be raised, and answers what holds.
pub fn raise() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // None is "no limit".
    let lower = current.is_some_and(|now| maximum.is_none_or(|most| now < most));
    let highest = Rlimit {
        current: maximum,
        maximum,
    };
    if lower && let Err(e) = setrlimit(Resource::Nofile, highest) {
        tracing::warn!(error = e.to_string(), "the limit of open files could not be raised");
    }
    limit()
}

fn limit() -> usize {
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(files).unwrap_or(usize::MAX)
}

/// What the settings and the limit of open files allow.
pub fn room(settings: &ServerSettings) -> Room {
    within(settings, limit())
}

fn within(settings: &ServerSettings, files: usize) -> Room {
    let left = files - (files / 4).min(RESERVED);
    let streams = settings.max_streams.min(left / 8).max(1);
    Room {
        connections: settings.max_connections.min(left - streams.min(left)).max(LEAST),
        streams,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_room_for_follows_from_the_files() {
        let settings = ServerSettings::default();
        let of = |files| {
            let room = within(&settings, files);
            (room.connections, room.streams)
        };
        assert_eq!(of(1024), (672, 96));
        assert_eq!(of(usize::MAX), (settings.max_connections, settings.max_streams));
        assert_eq!(of(64), (42, 6));
        assert_eq!(of(0), (LEAST, 1));
    }
}
