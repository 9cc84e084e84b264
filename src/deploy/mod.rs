//! From a request to a bot that answered.
//!
//! [`create`] writes everything down; [`crate::jobs::drain`] claims the jobs of a deployment
//! one after the other and gives each to [`run`], which does its steps that are not done yet
//! (first time or again: there is no difference). [`begin_destroy`] turns a deployment round.
//! `steps/` is the list of what is done, in order; `care` is everything after that: stop,
//! start, logs, status of a bot that stands; [`talk`] is how its agent is asked.

pub mod care;
mod change;
mod context;
mod create;
mod plan;
mod reporter;
mod run;
pub mod steps;
mod story;
pub mod talk;

pub(crate) use change::take_back;
pub use change::{
    Change, begin_change, begin_destroy, begin_resume, begin_start, demand_kept, forget, give_up, go_on, nothing_made,
};
pub use context::Cx;
pub use create::{DEPLOYING, NewBot, check_name, create, demand_free, enqueue, secret_names, write_down};
pub use plan::{Plan, Planned, PlannedStep, plan};
pub use reporter::{Reporter, Silent};
pub(crate) use run::fail;
pub use run::{Outcome, outcome, run};
pub use steps::Step;
pub use story::Story;

use crate::error::Result;
use crate::http::{Endpoints, Http};
use crate::model::ProviderKind;
use crate::provider::Provider;
use crate::secrets::Secret;
use crate::store::Store;

/// The user's tokens for the clouds, as far as they are known.
#[derive(Debug, Clone, Default)]
pub struct CloudTokens {
    /// Hetzner project token.
    pub hetzner: Option<Secret>,
    /// DigitalOcean token.
    pub digitalocean: Option<Secret>,
}

/// What a deployment runs on: the store, and the ways to the outside world.
#[derive(Clone)]
pub struct Platform {
    /// The store.
    pub store: Store,
    /// The HTTP client.
    pub http: Http,
    /// Where the outside world is.
    pub endpoints: Endpoints,
    /// The clouds' tokens.
    pub tokens: CloudTokens,
}

impl Platform {
    /// A provider's client.
    ///
    /// # Errors
    /// `needs_user` if its token is not known.
    pub fn provider(&self, kind: ProviderKind) -> Result<Provider> {
        let token = match kind {
            ProviderKind::Hetzner => self.tokens.hetzner.as_ref(),
            ProviderKind::DigitalOcean => self.tokens.digitalocean.as_ref(),
            ProviderKind::Existing => None,
        };
        Provider::new(kind, &self.http, &self.endpoints, token)
    }
}
