//! Who may call what: one table. A route without a rule here is refused to everybody, and a test
//! walks the document against it.

use crate::model::{Role, Scope};

/// Who may call a route at all. Whose things a caller then sees is [`super::Caller`]'s to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody, signed in or not.
    Anyone,
    /// Whoever is signed in; support sees everything.
    Readers,
    /// Members on their own things and admins on all; support changes nothing.
    Changers,
    /// Admins, and support.
    Support,
    /// Admins only.
    Admins,
}

/// How often a route may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// As an ordinary request.
    Ordinary,
    /// Far fewer: it lets somebody guess.
    Guarded,
    /// Not counted: probes.
    Free,
}

/// The rule of one route.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The method.
    pub method: &'static str,
    /// The path as the router has it, with `{id}` for what varies.
    pub path: &'static str,
    /// Who may call it.
    pub who: Who,
    /// What an API token must be good for.
    pub scope: Scope,
    /// How often.
    pub allowance: Allowance,
}

const fn rule(method: &'static str, path: &'static str, who: Who, scope: Scope, allowance: Allowance) -> Rule {
    Rule {
        method,
        path,
        who,
        scope,
        allowance,
    }
}

use Allowance::{Free, Guarded, Ordinary};
use Scope::{Admin, Deploy, Read};
use Who::{Admins, Anyone, Changers, Readers, Support};

/// All of them.
pub const RULES: &[Rule] = &[
    rule("GET", "/healthz", Anyone, Read, Free),
    rule("GET", "/readyz", Anyone, Read, Free),
    rule("GET", super::home::PATH, Anyone, Read, Ordinary),
    rule("GET", super::openapi::PATH, Anyone, Read, Ordinary),
    rule("GET", "/api/auth/callback/google", Anyone, Read, Guarded),
    rule("POST", "/api/auth/callback/google", Anyone, Read, Guarded),
    rule("GET", "/api/auth/session", Readers, Read, Ordinary),
    // Everybody's own credentials are their own affair, also support's.
    rule("POST", "/api/auth/logout", Readers, Read, Ordinary),
    rule("GET", "/api/auth/tokens", Readers, Read, Ordinary),
    rule("POST", "/api/auth/tokens", Readers, Admin, Ordinary),
    rule("DELETE", "/api/auth/tokens/{id}", Readers, Admin, Ordinary),
    rule("GET", "/api/subscription", Readers, Read, Ordinary),
    rule("GET", "/api/usage", Readers, Read, Ordinary),
    rule("GET", "/api/audit", Readers, Read, Ordinary),
    rule("GET", "/api/admin/users", Support, Read, Ordinary),
    rule("GET", "/api/admin/users/{id}", Support, Read, Ordinary),
    rule("PUT", "/api/admin/users/{id}", Admins, Admin, Ordinary),
    rule("GET", "/api/admin/users/{id}/subscription", Support, Read, Ordinary),
    rule("PUT", "/api/admin/users/{id}/subscription", Admins, Admin, Ordinary),
    rule("POST", "/api/bots/create", Changers, Deploy, Guarded),
    rule("GET", "/api/bots", Readers, Read, Ordinary),
    rule("GET", "/api/bots/{id}", Readers, Read, Ordinary),
    rule("GET", "/api/bots/{id}/samples", Readers, Read, Ordinary),
    rule("PUT", "/api/bots/{id}", Changers, Deploy, Ordinary),
    rule("DELETE", "/api/bots/{id}", Changers, Deploy, Ordinary),
    rule("POST", "/api/telegram/verify-token", Changers, Deploy, Guarded),
    rule("POST", "/api/telegram/set-webhook", Changers, Deploy, Ordinary),
    rule("GET", "/api/telegram/bot-info", Readers, Read, Ordinary),
    rule("POST", "/api/deploy", Changers, Deploy, Ordinary),
    rule("GET", "/api/deploy/{bot_id}/status", Readers, Read, Ordinary),
    rule("GET", "/api/deploy/{bot_id}/packages", Readers, Read, Ordinary),
    rule("GET", "/api/deploy/{bot_id}/logs", Readers, Read, Ordinary),
    rule("POST", "/api/deploy/{bot_id}/stop", Changers, Deploy, Ordinary),
    rule("POST", "/api/deploy/{bot_id}/start", Changers, Deploy, Ordinary),
    rule("POST", "/api/deploy/{bot_id}/restart", Changers, Deploy, Ordinary),
    rule("POST", "/api/cloud/provision", Changers, Deploy, Ordinary),
    rule("GET", "/api/secrets", Readers, Read, Ordinary),
    rule("PUT", "/api/secrets/{name}", Changers, Deploy, Ordinary),
    rule("DELETE", "/api/secrets/{name}", Changers, Deploy, Ordinary),
    rule("GET", "/api/sync", Readers, Read, Ordinary),
    rule("POST", "/api/sync", Changers, Deploy, Ordinary),
    rule("GET", "/api/cloud/servers", Readers, Read, Ordinary),
    rule("DELETE", "/api/cloud/servers/{id}", Changers, Deploy, Ordinary),
    rule("GET", "/api/cloud/available-regions", Readers, Read, Ordinary),
];

impl Rule {
    /// Whether somebody has to be signed in.
    pub fn needs_caller(&self) -> bool {
        self.who != Anyone
    }

    /// Whether somebody of that role may call it.
    pub fn admits(&self, role: Role) -> bool {
        match self.who {
            Anyone | Readers => true,
            Changers => role != Role::Support,
            Support => role != Role::Member,
            Admins => role == Role::Admin,
        }
    }
}

/// The rule of a route.
pub fn find(method: &str, path: &str) -> Option<&'static Rule> {
    RULES.iter().find(|r| r.method == method && r.path == path)
}
