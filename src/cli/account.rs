//! Which control server this profile is signed in to, and what is known of the account: a small
//! file in the profile's state. No secret is in it: the token is in the keyring.

pub(super) mod membership;

use super::Context;
use super::context::blocking;
use crate::api::client::Client;
use crate::api::types::{Moment, SubscriptionView};
use crate::config::server_address;
use crate::error::{Error, Kind, Result};
use crate::model::{Source, Sourced, new_id};
use crate::private;
use crate::secrets::keyring::SecretName;
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::PathBuf;
use url::Url;

/// What is known of the account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Account {
    /// What tells the records of this profile from those of the user's others.
    pub origin: String,
    /// The control server that `login` signed in to: the kept token is for this one alone.
    pub server: Option<String>,
    /// The plan, as the server last told it.
    #[serde(default)]
    pub plan: Option<KeptPlan>,
}

/// A plan that is shown while the server cannot be reached.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptPlan {
    /// The plan.
    pub subscription: SubscriptionView,
    /// When it was told.
    pub at: Moment,
}

impl Account {
    /// Reads it; a profile that has none gets a new one, which is not kept yet.
    ///
    /// # Errors
    /// `store` if the file is damaged; `io` if it cannot be read.
    pub fn load(context: &Context) -> Result<Account> {
        let path = path(context);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == ErrorKind::NotFound => {
                return Ok(Account {
                    origin: new_id(),
                    server: None,
                    plan: None,
                });
            }
            Err(e) => return Err(Error::new(Kind::Io, format!("{} cannot be read", path.display())).because(e)),
        };
        serde_json::from_str(&text).map_err(|_| {
            Error::new(Kind::Store, format!("{} is damaged", path.display()))
                .hint("move it away and sign in again with `clawdwako login --server URL`")
        })
    }

    /// The account, if it is one at the server of this client.
    ///
    /// # Errors
    /// As [`Account::load`].
    pub fn of(client: &Client, context: &Context) -> Result<Option<Account>> {
        let account = Account::load(context)?;
        let here = account.server(context.config.sandbox)?.as_ref() == Some(client.server());
        Ok(here.then_some(account))
    }

    /// Keeps it.
    ///
    /// # Errors
    /// `io` if the file cannot be written.
    pub fn save(&self, context: &Context) -> Result<()> {
        let path = path(context);
        context.make_state()?;
        private::replace(&path, &serde_json::to_vec_pretty(self)?)
    }

    /// The server that was signed in to.
    pub fn server(&self, sandbox: bool) -> Result<Option<Url>> {
        let read = |text| server_address(text, &Source::File, sandbox);
        self.server.as_deref().map(read).transpose()
    }
}

fn path(context: &Context) -> PathBuf {
    context.config.dirs.state.join("account.json")
}

impl Context {
    /// The control server that is meant: from environment or config file, else the one that was
    /// signed in to.
    ///
    /// # Errors
    /// As [`Account::load`].
    pub(super) fn control_server(&self) -> Result<Option<Url>> {
        match &self.config.remote.server {
            Some(said) => Ok(Some(said.value.clone())),
            None => Account::load(self)?.server(self.config.sandbox),
        }
    }

    /// The token for a control server. One that `login` kept is good for the server that it was
    /// made by, and goes to no other.
    ///
    /// # Errors
    /// `store` if what is kept cannot be read.
    pub(super) async fn token_for(&self, server: &Url) -> Result<Option<Sourced<crate::secrets::Secret>>> {
        if let Some(given) = self.config.given_secret(SecretName::ServerToken)? {
            return Ok(Some(given));
        }
        if Account::load(self)?.server(self.config.sandbox)?.as_ref() != Some(server) {
            return Ok(None);
        }
        let keyring = self.keyring();
        blocking(move || keyring.get(SecretName::ServerToken)).await
    }

    /// A client of the control server, signed in.
    ///
    /// # Errors
    /// `needs_user` if it is not known which server, or nobody is signed in to it.
    pub(super) async fn client(&self) -> Result<Client> {
        let Some(server) = self.control_server()? else {
            return Err(
                Error::new(Kind::NeedsUser, "it is not known which control server is meant")
                    .hint("run `clawdwako login --server URL`, or set CLAWDWAKO_SERVER_URL"),
            );
        };
        let Some(token) = self.token_for(&server).await? else {
            return Err(Error::new(Kind::NeedsUser, format!("nobody is signed in to {server}"))
                .hint(format!("run `clawdwako login --server {server}`")));
        };
        Ok(Client::new(self.http()?, server, Some(token.value)))
    }
}
