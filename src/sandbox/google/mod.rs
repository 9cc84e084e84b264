//! Google's sign-in: the device flow with its odd statuses, the browser's page, tokens, and the
//! key set.

mod auth;
mod device;
mod key;
mod page;
mod token;

use super::random;
use super::world::World;
use crate::error::{Error, Kind, Result};
use axum::Router;
use axum::routing::{get, post};
use key::Key;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Google's sign-ins.
pub struct State {
    /// How often a device may ask, in seconds.
    pub interval_s: u64,
    /// How long a device code is good, in seconds.
    pub expires_in_s: u64,
    /// Whether each refresh gives another refresh token and ends the one that was used.
    pub rotates: bool,
    /// Device codes.
    devices: HashMap<String, Device>,
    /// Codes that browsers brought back, until they are exchanged.
    codes: HashMap<String, Code>,
    /// Refresh tokens.
    grants: HashMap<String, Grant>,
    /// Access tokens and the refresh token that each belongs to.
    access: HashMap<String, String>,
    key: Option<Key>,
}

impl Default for State {
    fn default() -> Self {
        State {
            interval_s: 5,
            expires_in_s: 1800,
            rotates: false,
            devices: HashMap::new(),
            codes: HashMap::new(),
            grants: HashMap::new(),
            access: HashMap::new(),
            key: None,
        }
    }
}

/// A device that wants to sign somebody in.
struct Device {
    user_code: String,
    scope: String,
    nonce: Option<String>,
    expires: Instant,
    asked: Option<Instant>,
    decision: Decision,
}

enum Decision {
    Pending,
    Approved(String),
    Denied,
}

/// Somebody signed in.
#[derive(Clone)]
struct Grant {
    email: String,
    scope: String,
    nonce: Option<String>,
}

/// A code of the browser flow.
struct Code {
    grant: Grant,
    redirect: String,
    challenge: Option<auth::Challenge>,
    offline: bool,
}

/// Whether a text looks like an e-mail address.
fn is_address(email: &str) -> bool {
    email
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

impl State {
    /// Somebody enters a user code and agrees, signed in as `email`.
    ///
    /// # Errors
    /// `not_found` if no device waits with that code, `usage` if that is no e-mail address.
    pub fn approve(&mut self, user_code: &str, email: &str) -> Result<()> {
        if !is_address(email) {
            return Err(crate::error::usage("say as whom to sign in: an e-mail address"));
        }
        self.decide(user_code, Decision::Approved(email.to_owned()))
    }

    /// Somebody enters a user code and does not agree.
    ///
    /// # Errors
    /// `not_found` if no device waits with that code.
    pub fn deny(&mut self, user_code: &str) -> Result<()> {
        self.decide(user_code, Decision::Denied)
    }

    fn decide(&mut self, user_code: &str, decision: Decision) -> Result<()> {
        let plain = |code: &str| code.replace(['-', ' '], "").to_ascii_uppercase();
        let wanted = plain(user_code);
        let device = self.devices.values_mut().find(|d| {
            plain(&d.user_code) == wanted && d.expires > Instant::now() && matches!(d.decision, Decision::Pending)
        });
        let device = device.ok_or_else(|| {
            Error::new(Kind::NotFound, "no device waits with that code")
                .hint("the code is shown by `clawdwako login`, and is good for 30 minutes")
        })?;
        device.decision = decision;
        Ok(())
    }

    fn begin(&mut self, scope: String, nonce: Option<String>) -> (String, String) {
        let device_code = format!("AH-1Ng{}", random::text(random::URL_SAFE, 80));
        let half = || random::text(random::PLAIN_CAPITALS, 4);
        let user_code = format!("{}-{}", half(), half());
        let device = Device {
            user_code: user_code.clone(),
            scope,
            nonce,
            expires: Instant::now() + Duration::from_secs(self.expires_in_s),
            asked: None,
            decision: Decision::Pending,
        };
        self.devices.insert(device_code.clone(), device);
        (device_code, user_code)
    }

    fn give_code(&mut self, code: Code) -> String {
        let name = format!("4/0{}", random::text(random::URL_SAFE, 72));
        self.codes.insert(name.clone(), code);
        name
    }

    /// The signing key, made when it is first needed.
    fn key(&mut self) -> Result<&Key> {
        match self.key {
            Some(ref key) => Ok(key),
            None => Ok(self.key.insert(Key::generate()?)),
        }
    }
}

/// Routes, relative to the prefix: `/auth`, `/device/code`, `/token`, `/revoke`, `/certs`, `/device`.
pub fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/auth", get(auth::show).post(auth::decide))
        .route("/device/code", post(device::code))
        .route("/device", get(page::show).post(page::decide))
        .route("/token", post(token::token))
        .route("/revoke", post(token::revoke))
        .route("/certs", get(key::certs))
        .with_state(world)
}
