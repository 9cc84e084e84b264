//! Why work on a bot came to nothing.

use super::{Millis, now};
use crate::error::{Error, Kind};
use serde::{Deserialize, Serialize};

/// Why work on a bot last came to nothing. Free of secrets. It is forgotten when work begins anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// When.
    pub at: Millis,
    /// Stable code.
    pub code: String,
    /// What happened and why.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// Whether it was a change of the bot, which answers as before again.
    pub taken_back: bool,
}

impl Failure {
    /// Work failed for good.
    pub fn of(e: &Error) -> Failure {
        Failure {
            at: now(),
            code: e.kind().code().to_owned(),
            message: e.message(),
            hint: e.next_step().map(str::to_owned),
            taken_back: false,
        }
    }

    /// A change was taken back.
    pub fn of_change(e: &Error) -> Failure {
        Failure {
            taken_back: true,
            ..Failure::of(e)
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        // A later version may have codes that this one does not know.
        let kind = Kind::from_code(&failure.code).unwrap_or(Kind::State);
        let e = Error::new(kind, failure.message);
        match (failure.taken_back, failure.hint) {
            (true, _) => e
                .context("the change was taken back and the bot answers as before, because")
                .hint("put that right, then change the bot again"),
            (false, Some(hint)) => e.hint(hint),
            (false, None) => e,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Failure;
    use crate::error::{Error, Kind};

    #[test]
    fn an_error_comes_back_with_its_code_and_hint() {
        let e = Error::new(Kind::Auth, "the key was refused").hint("set another");
        let back = Error::from(Failure::of(&e));
        assert_eq!((back.kind(), back.message()), (Kind::Auth, e.message()));
        assert_eq!(back.next_step(), Some("set another"));
        let back = Error::from(Failure::of_change(&e));
        assert_eq!(back.kind(), Kind::Auth);
        assert!(back.message().contains("taken back") && back.message().ends_with("the key was refused"));
    }
}
