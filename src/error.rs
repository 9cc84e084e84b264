//! The one error type: what happened, why, and what to do next.
//!
//! A [`Kind`] answers the stable code, the exit code, the HTTP status and whether trying again
//! can help, so that nobody has to recognise an error by its text.

use std::fmt;
use tracing::Level;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of failure it was. The names are public: scripts match on [`Kind::code`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The command line or an input is wrong; nothing was done.
    Usage,
    /// The thing named does not exist.
    NotFound,
    /// A thing of that name or that token exists already.
    Exists,
    /// The thing is in a state that does not allow this.
    State,
    /// A credential is missing: the user has to give one or to sign in.
    NeedsUser,
    /// A credential was refused, or may not do this.
    Auth,
    /// The provider's or plan's limit does not allow it.
    Quota,
    /// The provider has no such server to rent right now.
    Unavailable,
    /// Too many requests; trying later helps.
    RateLimited,
    /// The other side could not be reached, or the connection broke.
    Network,
    /// A deadline passed.
    Timeout,
    /// The other side failed, or answered something that cannot be understood.
    Upstream,
    /// A script on the server failed.
    Remote,
    /// The agent on the server does not work.
    Agent,
    /// The server's host key is not the one pinned.
    HostKey,
    /// The local store cannot be read or written.
    Store,
    /// Somebody else is at it: a job's lease or a lock is held.
    Busy,
    /// An undo failed: something is left that has to be looked at.
    Stuck,
    /// The user interrupted it; it can be resumed.
    Interrupted,
    /// This cannot be done on this machine or in this version.
    Unsupported,
    /// A local file or process failed.
    Io,
    /// A mistake in this program.
    Internal,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Kind] = &[
        Kind::Usage,
        Kind::NotFound,
        Kind::Exists,
        Kind::State,
        Kind::NeedsUser,
        Kind::Auth,
        Kind::Quota,
        Kind::Unavailable,
        Kind::RateLimited,
        Kind::Network,
        Kind::Timeout,
        Kind::Upstream,
        Kind::Remote,
        Kind::Agent,
        Kind::HostKey,
        Kind::Store,
        Kind::Busy,
        Kind::Stuck,
        Kind::Interrupted,
        Kind::Unsupported,
        Kind::Io,
        Kind::Internal,
    ];

    /// The kind of a stable code.
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|k| k.code() == code)
    }

    /// The stable code, as in `{"error":{"code":…}}`.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Usage => "usage",
            Kind::NotFound => "not_found",
            Kind::Exists => "exists",
            Kind::State => "wrong_state",
            Kind::NeedsUser => "needs_user",
            Kind::Auth => "refused",
            Kind::Quota => "quota",
            Kind::Unavailable => "unavailable",
            Kind::RateLimited => "rate_limited",
            Kind::Network => "network",
            Kind::Timeout => "timeout",
            Kind::Upstream => "upstream",
            Kind::Remote => "remote_script",
            Kind::Agent => "agent",
            Kind::HostKey => "host_key",
            Kind::Store => "store",
            Kind::Busy => "busy",
            Kind::Stuck => "stuck",
            Kind::Interrupted => "interrupted",
            Kind::Unsupported => "unsupported",
            Kind::Io => "io",
            Kind::Internal => "internal",
        }
    }

    /// The process's exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Usage => 2,
            Kind::NotFound => 3,
            Kind::Auth | Kind::Quota => 4,
            Kind::NeedsUser => 5,
            Kind::Interrupted => 130,
            _ => 1,
        }
    }

    /// The HTTP status that a control server answers with.
    pub fn http_status(self) -> u16 {
        match self {
            Kind::Usage => 422,
            Kind::NotFound => 404,
            Kind::Exists | Kind::State | Kind::Busy | Kind::Stuck => 409,
            Kind::NeedsUser => 401,
            Kind::Auth | Kind::Quota => 403,
            Kind::RateLimited => 429,
            Kind::Unavailable => 503,
            Kind::Timeout => 504,
            Kind::Network | Kind::Upstream | Kind::Remote | Kind::Agent | Kind::HostKey => 502,
            Kind::Unsupported => 501,
            Kind::Store | Kind::Interrupted | Kind::Io | Kind::Internal => 500,
        }
    }

    /// How loudly a control server's log tells of it. `ERROR`, which is reported, is only what the
    /// operator has to mend; `WARN` is what somebody else's machine did; what a caller or their
    /// credentials brought about is neither, however often they do it.
    pub fn level(self) -> Level {
        match self {
            Kind::Store | Kind::Io | Kind::Internal => Level::ERROR,
            Kind::Unavailable
            | Kind::Network
            | Kind::Timeout
            | Kind::Upstream
            | Kind::Remote
            | Kind::Agent
            | Kind::HostKey
            | Kind::Stuck
            | Kind::Unsupported => Level::WARN,
            Kind::Usage
            | Kind::NotFound
            | Kind::Exists
            | Kind::State
            | Kind::NeedsUser
            | Kind::Auth
            | Kind::Quota
            | Kind::RateLimited
            | Kind::Busy
            | Kind::Interrupted => Level::INFO,
        }
    }

    /// Whether the same call may succeed a little later without anybody doing anything.
    pub fn may_retry(self) -> bool {
        matches!(
            self,
            Kind::RateLimited | Kind::Network | Kind::Timeout | Kind::Upstream | Kind::Busy
        )
    }
}

/// What happened, why, and what to do next. Carries no secret: whoever makes one sees to that.
pub struct Error {
    kind: Kind,
    message: String,
    hint: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// Makes an error of a kind; the message is a full sentence without a full stop.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error {
            kind,
            message: message.into(),
            hint: None,
            source: None,
        }
    }

    /// Adds what the user can do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the cause. Its text must be free of secrets.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Puts what was being done in front of the message.
    #[must_use]
    pub fn context(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// Puts something behind the message.
    #[must_use]
    pub fn noted(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{} {what}", self.message);
        self
    }

    /// The sort of failure.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What happened, with the causes behind it, in one line.
    pub fn message(&self) -> String {
        let mut text = self.message.clone();
        let mut cause: Option<&dyn std::error::Error> = self.source.as_deref().map(|e| e as _);
        while let Some(e) = cause {
            let part = e.to_string();
            if !text.contains(&part) {
                text.push_str(": ");
                text.push_str(&part);
            }
            cause = e.source();
        }
        text
    }

    /// What to do next.
    pub fn next_step(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.message(), self.kind.code())
    }
}

impl std::error::Error for Error {}

/// What to do about a disk without room.
const FULL: &str =
    "free some space on the disk of the state directory, then run the command again: it goes on where it stopped";
/// What to do about a folder that cannot be written.
pub(crate) const NOT_WRITABLE: &str =
    "make sure that the state directory can be written, or name another with CLAWDWAKO_HOME";
/// What to do about a damaged store.
const DAMAGED: &str =
    "put a backup in the place of the store, or move it away; what is rented is found again by `clawdwako servers`";

impl From<std::io::Error> for Error {
    fn from(e: std::io::Error) -> Self {
        use std::io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        let error = Error::new(Kind::Io, "a local file or process failed");
        let error = match e.kind() {
            StorageFull | QuotaExceeded => error.hint(FULL),
            PermissionDenied | ReadOnlyFilesystem => error.hint(NOT_WRITABLE),
            _ => error,
        };
        error.because(e)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(e: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
        if let Some(SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_UNIQUE) = e.sqlite_error().map(|e| e.extended_code)
        {
            return Error::new(Kind::Exists, "there is one already");
        }
        let error = |what: &str, hint: &str| Error::new(Kind::Store, what).hint(hint);
        match e.sqlite_error_code() {
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => {
                Error::new(Kind::Busy, "another process holds the store")
                    .hint("wait for the other clawdwako command to end, then try again")
            }
            Some(Code::DiskFull) => error("the store has no room on its disk", FULL),
            Some(Code::ReadOnly | Code::CannotOpen | Code::PermissionDenied) => {
                error("the store cannot be written", NOT_WRITABLE)
            }
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => error("the store is damaged", DAMAGED),
            // A full disk can show like this as well, while the log is being made longer.
            Some(Code::SystemIoFailure) => error(
                "the store's disk failed",
                "see whether the disk of the state directory is full or broken, then run the command again",
            ),
            _ => Error::new(Kind::Store, "the store failed"),
        }
        .because(e)
    }
}

impl From<serde_json::Error> for Error {
    fn from(e: serde_json::Error) -> Self {
        // serde's text can quote the value, and the value can be a secret: keep only the place.
        Error::new(
            Kind::Internal,
            format!("unexpected JSON at line {}, column {}", e.line(), e.column()),
        )
    }
}

/// Shorthand for the kinds that are made most often.
pub fn usage(message: impl Into<String>) -> Error {
    Error::new(Kind::Usage, message)
}

/// Writes a line to the log as loudly as a kind of failure says, or at least as a warning.
macro_rules! log_as {
    (at least warn, $kind:expr, $($line:tt)+) => {
        match $kind.level() {
            tracing::Level::ERROR => tracing::error!($($line)+),
            _ => tracing::warn!($($line)+),
        }
    };
    ($kind:expr, $($line:tt)+) => {
        match $kind.level() {
            tracing::Level::ERROR => tracing::error!($($line)+),
            tracing::Level::WARN => tracing::warn!($($line)+),
            _ => tracing::info!($($line)+),
        }
    };
}
pub(crate) use log_as;

/// A mistake in this program: says so and asks for a report.
pub fn internal(message: impl Into<String>) -> Error {
    Error::new(Kind::Internal, message)
        .hint("this is a mistake in clawdwako: please report it with the command you ran")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_once_and_exit_codes_are_stable() {
        let e = Error::new(Kind::Io, "cannot read a").because(std::io::Error::other("cannot read a"));
        assert_eq!(e.message(), "cannot read a");
        assert_eq!(
            (
                Kind::Usage.exit_code(),
                Kind::NotFound.exit_code(),
                Kind::Quota.exit_code()
            ),
            (2, 3, 4)
        );
        assert_eq!(
            (
                Kind::NeedsUser.exit_code(),
                Kind::Interrupted.exit_code(),
                Kind::Agent.exit_code()
            ),
            (5, 130, 1)
        );
    }

    #[test]
    fn only_what_the_operator_must_mend_is_an_error_of_the_log() {
        let loud: Vec<Kind> = Kind::ALL
            .iter()
            .copied()
            .filter(|k| k.level() == Level::ERROR)
            .collect();
        assert_eq!(loud, [Kind::Store, Kind::Io, Kind::Internal]);
        for &kind in Kind::ALL {
            // What HTTP calls the caller's fault is told as no more than information, and a
            // failure of the server's own as no less than a warning.
            match kind.http_status() {
                500 if kind != Kind::Interrupted => assert_eq!(kind.level(), Level::ERROR, "{kind:?}"),
                501.. => assert_eq!(kind.level(), Level::WARN, "{kind:?}"),
                _ if kind == Kind::Stuck => assert_eq!(kind.level(), Level::WARN, "{kind:?}"),
                _ => assert_eq!(kind.level(), Level::INFO, "{kind:?}"),
            }
        }
    }

    #[test]
    fn every_code_leads_back_to_its_kind() {
        for &kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
        }
    }

    #[test]
    fn what_is_wrong_with_the_disk_is_told_with_what_to_do() {
        use rusqlite::ffi;
        for (code, kind, word) in [
            (ffi::SQLITE_FULL, Kind::Store, "free some space"),
            (ffi::SQLITE_READONLY, Kind::Store, "can be written"),
            (ffi::SQLITE_CANTOPEN, Kind::Store, "can be written"),
            (ffi::SQLITE_CORRUPT, Kind::Store, "backup"),
            (ffi::SQLITE_NOTADB, Kind::Store, "backup"),
            (ffi::SQLITE_IOERR_WRITE, Kind::Store, "full or broken"),
            (ffi::SQLITE_BUSY, Kind::Busy, "wait"),
        ] {
            let e = Error::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
            assert_eq!(e.kind(), kind, "{e}");
            assert!(
                e.next_step().is_some_and(|h| h.contains(word)),
                "{code}: {:?}",
                e.next_step()
            );
        }
        for (kind, word) in [
            (std::io::ErrorKind::StorageFull, "free some space"),
            (std::io::ErrorKind::ReadOnlyFilesystem, "can be written"),
        ] {
            let e = Error::from(std::io::Error::from(kind));
            assert!(e.next_step().is_some_and(|h| h.contains(word)), "{kind}");
        }
    }

    #[test]
    fn json_errors_do_not_quote_the_value() {
        let e: Error = serde_json::from_str::<u8>("\"hunter2-is-secret\"").unwrap_err().into();
        assert!(!e.message().contains("hunter2"));
    }
}
