//! Hetzner Cloud's API.
//!
//! Everything that we make carries the label `clawdwako-deployment: <id>`. What can be ordered is
//! asked for each time (`server_types[].locations[]`), since types come, go and sell out.

mod explain;
mod image;
mod offers;
mod parts;
mod resources;
mod server;
mod wire;

use super::LABEL;
use super::rest::Rest;
use super::wait::Wait;
use super::{Account, Tag};
use crate::error::{Error, Kind, Result};
use crate::http::Http;
use crate::secrets::Secret;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;

/// The most that Hetzner gives on one page.
const PER_PAGE: &str = "50";
/// How many pages are read at most: far more things than a project may have.
const MAX_PAGES: usize = 200;
/// For how many pauses a new thing may stay unseen. Short: names are unique in a project, so a
/// second create is refused rather than paid for.
const LAG_PAUSES: u32 = 20;

/// A client of Hetzner's API.
#[derive(Debug, Clone)]
pub struct Hetzner {
    rest: Rest,
}

impl Hetzner {
    /// Makes the client; `base` ends in `/v1/`.
    pub fn new(http: Http, base: Url, token: Secret) -> Self {
        Hetzner {
            rest: Rest::new(http, base, token, "Hetzner", explain::explain),
        }
    }

    /// Proves the token and counts the servers; the API tells no more about a project.
    pub async fn account(&self) -> Result<Account> {
        let servers: Vec<IgnoredAny> = self.list("servers", &[]).await?;
        Ok(Account {
            servers_used: i64::try_from(servers.len()).unwrap_or(i64::MAX),
            ..Account::default()
        })
    }

    /// Reads all pages of a list; `path` is also the name of the list in the answer. Every field
    /// of the paging block can be null, so only a next page that is named is asked for.
    async fn list<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<T>> {
        let (mut all, mut page) = (Vec::new(), 1);
        for _ in 0..MAX_PAGES {
            let number = page.to_string();
            let mut query = query.to_vec();
            query.extend([("per_page", PER_PAGE), ("page", &number)]);
            let mut answer: Value = self.rest.get(path, &query).await?;
            let items = serde_json::from_value::<Vec<T>>(answer[path].take());
            all.extend(items.map_err(|_| self.not_understood(path))?);
            match answer["meta"]["pagination"]["next_page"].as_u64() {
                Some(next) if next > page => page = next,
                _ => return Ok(all),
            }
        }
        Err(self.not_understood(path))
    }

    fn not_understood(&self, path: &str) -> Error {
        Error::new(
            Kind::Upstream,
            format!("Hetzner answered a list of {path} that cannot be understood"),
        )
        .hint("try again; if it stays, the service has changed and clawdwako needs an update")
    }

    /// Waits until an action has ended well.
    async fn action_done(&self, id: &str, deadline: Duration) -> Result<()> {
        let mut wait = Wait::steady(self.rest.pause(), deadline);
        loop {
            let path = format!("actions/{id}");
            let Some(wire::ActionAnswer { action }) = self.rest.find(&path).await? else {
                // Old actions are forgotten; the thing itself tells how it ended.
                return Ok(());
            };
            match action.status.as_str() {
                "success" => return Ok(()),
                "error" => return Err(explain::failed_action(&action)),
                _ if wait.next().await => {}
                _ => return Err(wait.in_vain(format_args!("Hetzner's action {}", action.command))),
            }
        }
    }

    /// The first pause between looks, and how long a new server may stay unseen. Names are unique
    /// here, so a second one is never paid for; but its order would be refused, and end the work.
    pub(super) fn patience(&self) -> (Duration, Duration) {
        (self.rest.pause(), self.lag())
    }

    /// How long a new thing may stay unseen.
    fn lag(&self) -> Duration {
        self.rest.pause() * LAG_PAUSES
    }
}

/// The labels of everything that we make for a deployment.
fn labels(tag: &Tag) -> Value {
    json!({ LABEL: tag.deployment_id })
}

/// Selects what carries our label: of one deployment, or of any.
fn selector(deployment_id: Option<&str>) -> String {
    match deployment_id {
        Some(id) => format!("{LABEL}=={id}"),
        None => LABEL.to_owned(),
    }
}
