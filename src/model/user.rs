//! Users, what they may do, and what their plan allows.

use super::{Millis, words};

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everything.
    Admin,
    /// Reads everything but secrets, changes nothing.
    Support,
    /// Their own things only.
    Member,
}

words!(Role { Admin = "admin", Support = "support", Member = "member" });

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Our id.
    pub id: String,
    /// Google's number of the account.
    pub google_sub: String,
    /// Verified address, in lower case; may change at Google.
    pub email: String,
    /// Display name.
    pub name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Whether they are shut out.
    pub disabled: bool,
    /// When they first signed in.
    pub created_at: Millis,
    /// When the record last changed.
    pub updated_at: Millis,
}

/// What a token may be used for; each holds what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Look.
    Read,
    /// Make, change and destroy bots.
    Deploy,
    /// All that its user may do.
    Admin,
}

words!(Scope { Read = "read", Deploy = "deploy", Admin = "admin" });

impl Scope {
    /// Whether a token of this scope may do what `needed` is asked for.
    pub fn covers(self, needed: Scope) -> bool {
        self >= needed
    }
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A browser's session, in a cookie.
    Session,
    /// A program's, sent as bearer.
    Api,
}

words!(TokenKind { Session = "session", Api = "api" });

const DAY: Millis = 24 * 3600 * 1000;

impl TokenKind {
    /// How long it may lie unused.
    pub fn idle(self) -> Millis {
        match self {
            TokenKind::Session => 7 * DAY,
            TokenKind::Api => 90 * DAY,
        }
    }

    /// How long it is good at most, however much it is used.
    pub fn longest(self) -> Millis {
        match self {
            TokenKind::Session => 30 * DAY,
            TokenKind::Api => 366 * DAY,
        }
    }

    /// How many of them a user can have.
    pub fn most(self) -> usize {
        match self {
            TokenKind::Session => 50,
            TokenKind::Api => 100,
        }
    }
}

/// A session or an API token; the token itself is known to its holder only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Our id.
    pub id: String,
    /// Whose it is.
    pub user_id: String,
    /// What it is.
    pub kind: TokenKind,
    /// The user's name for it; a browser's own name for a session.
    pub name: String,
    /// What it may be used for.
    pub scope: Scope,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last used, to the minute.
    pub used_at: Millis,
    /// When it is no longer good, however much it is used.
    pub expires_at: Millis,
}

impl Token {
    /// Whether it is good at a moment.
    pub fn is_good(&self, at: Millis) -> bool {
        at < self.expires_at && at < self.used_at.saturating_add(self.kind.idle())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_by_age_and_by_disuse() {
        let token = Token {
            id: "t".into(),
            user_id: "u".into(),
            kind: TokenKind::Session,
            name: "n".into(),
            scope: Scope::Admin,
            created_at: 0,
            used_at: 0,
            expires_at: 30 * DAY,
        };
        assert!(token.is_good(7 * DAY - 1) && !token.is_good(7 * DAY));
        let used = Token {
            used_at: 29 * DAY,
            ..token
        };
        assert!(used.is_good(30 * DAY - 1) && !used.is_good(30 * DAY));
    }

    #[test]
    fn a_wider_scope_holds_the_narrower_ones() {
        assert!(Scope::Admin.covers(Scope::Read) && Scope::Deploy.covers(Scope::Deploy));
        assert!(!Scope::Read.covers(Scope::Deploy) && !Scope::Deploy.covers(Scope::Admin));
    }
}
