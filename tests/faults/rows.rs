//! The rows: what goes wrong, and how a step may end then. A cell's expectation comes from here
//! and from the column's peer, never from a table of cells.

use super::columns::{Column, Peer};
use super::door::Door;
use clawdwako::error::Kind;
use clawdwako::error::Kind::*;
use clawdwako::sandbox::fault;
use std::fmt;

/// A fault.
#[derive(Debug, Clone)]
pub struct Row {
    pub how: How,
    pub times: Times,
    ends: Ends,
    at: At,
}

/// How it goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum How {
    /// The call is answered like that.
    Answer(fault::Kind),
    /// The whole outside is behind that.
    Door(Door),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// The first call of a step, once.
    Once,
    /// Each such call, until somebody mends it.
    Always,
}

/// How the step may end. Whatever it does, nothing is doubled and the same command finishes
/// once the fault is over.
#[derive(Debug, Clone, Copy)]
pub enum Ends {
    /// It gets over it by itself.
    Cured,
    /// It fails, with an error of one of these kinds.
    Told(&'static [Kind]),
    /// Either: what the answer says may be true.
    Open(&'static [Kind]),
}

/// Where a fault makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Everywhere,
    Only(Peer),
    Lists,
    Actions,
}

/// Every fault.
pub fn all() -> Vec<Row> {
    let answer = |kind, times, ends| Row {
        how: How::Answer(kind),
        times,
        ends,
        at: At::Everywhere,
    };
    let mut rows = Vec::new();
    for status in [400, 401, 403, 404, 409, 412, 422, 423, 429, 500, 502, 503, 504] {
        for times in [Times::Once, Times::Always] {
            rows.push(answer(fault::Kind::Status(status), times, of_status(status, times)));
        }
    }
    use Ends::{Cured, Open, Told};
    use Times::{Always, Once};
    rows.extend([
        answer(fault::Kind::RateLimit, Once, Cured),
        answer(fault::Kind::RateLimit, Always, Told(&[RateLimited])),
        answer(fault::Kind::ClockOff(600), Once, Cured),
        answer(fault::Kind::ClockOff(-600), Once, Cured),
        answer(fault::Kind::Timeout, Once, Cured),
        answer(fault::Kind::Timeout, Always, Told(&[Timeout])),
        // It was done: whoever looks may see that, though the answer is lost each time.
        answer(fault::Kind::LostReply, Once, Cured),
        answer(fault::Kind::LostReply, Always, Open(&[Network])),
        answer(fault::Kind::HalfBody, Once, Cured),
        answer(fault::Kind::HalfBody, Always, Open(&[Network])),
        answer(fault::Kind::BadJson, Once, Cured),
        answer(fault::Kind::BadJson, Always, Open(&[Upstream])),
        answer(fault::Kind::Slow(300), Always, Cured),
        answer(fault::Kind::UnknownFields, Always, Cured),
    ]);
    let at = |at, kind, times, ends| Row {
        at,
        ..answer(kind, times, ends)
    };
    rows.extend([
        at(
            At::Only(Peer::Model),
            fault::Kind::NoCredit,
            Once,
            Open(&[Quota, RateLimited]),
        ),
        at(
            At::Only(Peer::Model),
            fault::Kind::NoCredit,
            Always,
            Told(&[Quota, RateLimited]),
        ),
        at(
            At::Only(Peer::Cloud),
            fault::Kind::UnknownValues,
            Once,
            Open(&[Upstream, Unavailable]),
        ),
        at(
            At::Lists,
            fault::Kind::EmptyPage,
            Once,
            Open(&[Unavailable, NotFound, Stuck, Busy, Usage]),
        ),
        at(
            At::Lists,
            fault::Kind::EmptyPage,
            Always,
            Open(&[Unavailable, NotFound, Stuck, Busy, Usage, Exists]),
        ),
        at(
            At::Actions,
            fault::Kind::FailedAction,
            Always,
            Told(&[Upstream, Unavailable]),
        ),
    ]);
    for door in [Door::Refused, Door::Reset, Door::Nowhere, Door::Expired] {
        rows.push(Row {
            how: How::Door(door),
            times: Always,
            ends: Told(&[Network]),
            at: At::Everywhere,
        });
    }
    rows
}

/// What a status means is told by the client that reads it; here are the kinds that it can have.
fn of_status(status: u16, times: Times) -> Ends {
    let kinds: &[Kind] = match status {
        400 => &[Usage, Upstream],
        401 => &[Auth],
        403 => &[Auth, Quota, Unsupported, Upstream],
        // Where the thing is there after all, its end is waited for.
        404 => &[NotFound, Auth, Upstream, Stuck, Timeout],
        409 => &[Busy, Exists, State, Upstream],
        412 => &[Unavailable, Usage, Upstream],
        422 => &[Usage, Upstream],
        423 => &[Busy, Upstream],
        429 => &[RateLimited, Upstream],
        500 | 503 => &[Upstream, Unavailable],
        _ => &[Upstream],
    };
    match (status, times) {
        (423 | 429 | 500.., Times::Once) => Ends::Cured,
        (401, _) => Ends::Told(kinds),
        // "Not found" may be true.
        (404, _) | (_, Times::Once) => Ends::Open(kinds),
        (_, Times::Always) => Ends::Told(kinds),
    }
}

impl Row {
    /// How a column's step may end.
    pub fn ends(&self, column: &Column) -> Ends {
        match self.ends {
            _ if column.is_courtesy() => Ends::Cured,
            Ends::Told(kinds) if column.is_optional() => Ends::Open(kinds),
            ends => ends,
        }
    }

    /// Whether the fault can strike there.
    pub fn fits(&self, column: &Column) -> bool {
        let place = match self.at {
            At::Everywhere => true,
            At::Only(peer) => column.peer() == peer,
            At::Lists => column.peer() == Peer::Cloud && column.method == "GET" && !column.path.ends_with('*'),
            At::Actions => column.path.contains("/actions/"),
        };
        // Behind a door there is nothing at all, so one call of a step is as good as another.
        place && (column.first || matches!(self.how, How::Answer(_)))
    }

    /// About how long a cell takes, in seconds: pauses that clients keep, and the pauses of 2 and
    /// 4 s between the attempts of a job.
    pub fn seconds(&self, column: &Column) -> u64 {
        use fault::Kind::{RateLimit, Status, Timeout};
        let (peer, always) = (column.peer(), self.times == Times::Always);
        match (&self.how, peer, always) {
            // Telegram's client waits 10 s after each broken answer of the server's.
            (How::Answer(Status(500..)), Peer::Telegram, false) => 13,
            (How::Answer(Status(500..)), Peer::Telegram, true) => 110,
            (How::Answer(Timeout), Peer::Model, false) => 65,
            (How::Answer(Timeout), Peer::Model, true) => 310,
            (How::Answer(Timeout), _, false) => 35,
            (How::Answer(Timeout), _, true) => 160,
            (How::Answer(RateLimit), _, true) => 30,
            // What is said to be locked is waited for.
            (How::Answer(Status(409 | 423)), Peer::Cloud, true) => 20,
            (_, Peer::Telegram, true) => 14,
            (_, _, true) => 8,
            _ => 3,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.how {
            How::Answer(fault::Kind::Status(status)) => write!(f, "status {status} {:?}", self.times),
            How::Answer(kind) => write!(f, "{kind:?} {:?}", self.times),
            How::Door(door) => write!(f, "{door:?}"),
        }
    }
}
