//! A person at a control server.

use super::{Millis, words};

/// What somebody may do at a control server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everything.
    Admin,
    /// Sees everything but secrets, and changes nothing.
    Support,
    /// Their own things only.
    Member,
}

words!(Role { Admin = "admin", Support = "support", Member = "member" });

/// What an API token is good for; each includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Looking.
    Read,
    /// Looking, and changing bots.
    Deploy,
    /// All that its user may do.
    Admin,
}

words!(Scope { Read = "read", Deploy = "deploy", Admin = "admin" });

/// Who owns bots; signs in with Google.
#[derive(Debug, Clone)]
pub struct User {
    /// Our id.
    pub id: String,
    /// Google's number of the account: the only thing about it that never changes.
    pub google_sub: String,
    /// The verified address that it signed in with last.
    pub email: String,
    /// Display name.
    pub name: Option<String>,
    /// What the user may do.
    pub role: Role,
    /// Whether the user is shut out.
    pub disabled: bool,
    /// When they first signed in.
    pub created_at: Millis,
    /// When the record last changed.
    pub updated_at: Millis,
}
