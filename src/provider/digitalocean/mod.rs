//! DigitalOcean's API.
//!
//! Droplets and firewalls of a deployment carry the tag `clawdwako-deployment:<id>`. Keys cannot
//! be tagged: their name, which ends in the deployment's id, marks them. Names are not unique
//! here, and a new droplet can stay unseen for a while, so a create with a lost reply is looked
//! for by tag and by name before it is sent again.

mod explain;
mod offers;
mod parts;
mod resources;
mod server;
mod wire;

use super::rest::Rest;
use super::{Account, LABEL, Tag};
use crate::error::{Error, Kind, Result};
use crate::http::Http;
use crate::secrets::Secret;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// The most that DigitalOcean gives on one page.
const PER_PAGE: &str = "200";
/// How many pages are read at most.
const MAX_PAGES: u32 = 100;
/// For how many pauses a new thing may stay unseen: half a minute at half a second.
const LAG_PAUSES: u32 = 60;
/// The tag on all our droplets, for people; nothing here relies on it.
const COMMON_TAG: &str = "clawdwako";

/// A client of DigitalOcean's API.
#[derive(Debug, Clone)]
pub struct DigitalOcean {
    rest: Rest,
}

impl DigitalOcean {
    /// Makes the client; `base` ends in `/v2/`.
    pub fn new(http: Http, base: Url, token: Secret) -> Self {
        DigitalOcean {
            rest: Rest::new(http, base, token, "DigitalOcean", explain::explain),
        }
    }

    /// Tells whose token it is, and refuses locked and full accounts.
    ///
    /// # Errors
    /// `refused` if the account is locked; `quota` if it may have no more droplets.
    pub async fn account(&self) -> Result<Account> {
        let wire::AccountAnswer { account } = self.rest.get("account", &[]).await?;
        let said = super::rest::tidy(&account.status_message);
        if account.status == "locked" {
            return Err(
                Error::new(Kind::Auth, format!("the DigitalOcean account is locked: {said}"))
                    .hint("sign in at cloud.digitalocean.com, where it says what is missing, or ask their support"),
            );
        }
        let used = self.droplets_used().await?;
        if account.droplet_limit.is_some_and(|limit| used >= limit) {
            let limit = account.droplet_limit.unwrap_or_default();
            return Err(Error::new(
                Kind::Quota,
                format!("the DigitalOcean account has {used} of at most {limit} droplets"),
            )
            .hint(explain::LIMIT_HINT));
        }
        let warning = match account.status.as_str() {
            "active" if account.email_verified == Some(false) => Some("the e-mail address is not verified".to_owned()),
            "active" => None,
            status if said.is_empty() => Some(format!("the account's status is {status}")),
            status => Some(format!("the account's status is {status}: {said}")),
        };
        Ok(Account {
            name: account.email,
            server_limit: account.droplet_limit,
            servers_used: used,
            warning,
        })
    }

    async fn droplets_used(&self) -> Result<i64> {
        let page: Value = self.rest.get("droplets", &[("per_page", "1")]).await?;
        match page["meta"]["total"].as_i64() {
            Some(total) => Ok(total),
            None => Err(self.not_understood("droplets")),
        }
    }

    /// Reads all pages of a list that is called `key` in the answer.
    async fn list<T: DeserializeOwned>(&self, path: &str, key: &str, query: &[(&str, &str)]) -> Result<Vec<T>> {
        let mut all = Vec::new();
        for page in 1..=MAX_PAGES {
            let number = page.to_string();
            let mut query = query.to_vec();
            query.extend([("per_page", PER_PAGE), ("page", &number)]);
            let mut answer: Value = self.rest.get(path, &query).await?;
            let items = match answer[key].take() {
                // Some lists are null when they are empty.
                Value::Null => Vec::new(),
                items => serde_json::from_value::<Vec<T>>(items).map_err(|_| self.not_understood(key))?,
            };
            let none = items.is_empty();
            all.extend(items);
            if none || answer["links"]["pages"]["next"].as_str().is_none() {
                return Ok(all);
            }
        }
        Err(self.not_understood(key))
    }

    fn not_understood(&self, what: &str) -> Error {
        Error::new(
            Kind::Upstream,
            format!("DigitalOcean answered a list of {what} that cannot be understood"),
        )
        .hint("try again; if it stays, the service has changed and clawdwako needs an update")
    }

    /// The first pause between looks, and how long a new server may stay unseen.
    pub(super) fn patience(&self) -> (Duration, Duration) {
        (self.rest.pause(), self.lag())
    }

    /// How long a new thing may stay unseen.
    fn lag(&self) -> Duration {
        self.rest.pause() * LAG_PAUSES
    }
}

/// The tag of a deployment.
fn tag_name(deployment_id: &str) -> String {
    format!("{LABEL}:{deployment_id}")
}

/// The deployment that one of the tags names.
fn tagged(tags: &[String]) -> Option<&str> {
    tags.iter().find_map(|t| t.strip_prefix(LABEL)?.strip_prefix(':'))
}

/// The deployment that a key's or a firewall's name ends in, if the name is one that we give.
fn named(name: &str) -> Option<&str> {
    let (_, id) = name.strip_prefix("clawdwako-")?.rsplit_once('-')?;
    (id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit())).then_some(id)
}

/// Whether a thing's tags say that it is the deployment's.
fn is_of(tags: &[String], tag: &Tag) -> bool {
    tagged(tags) == Some(&tag.deployment_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_marks_count() {
        let id = "0".repeat(32);
        let tag = Tag {
            deployment_id: id.clone(),
            bot_name: "a-b".into(),
        };
        assert_eq!(named(&tag.resource_name()), Some(id.as_str()));
        for other in [
            "clawdwako-a-b",
            "my-laptop",
            "clawdwako-x-",
            &format!("x-clawdwako-{id}"),
        ] {
            assert_eq!(named(other), None, "{other}");
        }
        assert!(is_of(&["x".into(), tag_name(&id)], &tag));
        assert_eq!(tagged(&["clawdwako".into(), "clawdwako-deploymentx".into()]), None);
    }
}
