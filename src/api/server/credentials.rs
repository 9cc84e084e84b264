//! Whose credentials a bot's work is done with: the plan of its user decides.

use super::App;
use crate::deploy::{CloudTokens, Platform};
use crate::error::{Error, Kind, Result};
use crate::model::{Limits, Payer, Placement, ProviderKind};
use crate::openclaw::catalog::ModelProvider;
use crate::secrets::Secret;
use crate::secrets::keyring::SecretName;
use crate::store::{By, Owner};

impl App {
    /// What a user's plan allows.
    pub async fn limits(&self, user_id: &str) -> Result<&Limits> {
        Ok(self.plans.of(self.store.subscription(user_id).await?.plan))
    }

    /// Makes sure that an image may be rented by whoever pays: a number can be any snapshot of the
    /// account, and where the account is the operator's, that is the operator's to allow.
    ///
    /// # Errors
    /// `quota` if the operator pays and did not list it.
    pub(super) async fn demand_image(
        &self,
        user_id: &str,
        provider: ProviderKind,
        placement: &Placement,
    ) -> Result<()> {
        let Some(image) = &placement.image else {
            return Ok(());
        };
        let payer = self.limits(user_id).await?.cloud_tokens;
        if payer == Payer::User || self.settings.allows_image(provider, image) {
            return Ok(());
        }
        let what = format!("the image {image} at {provider} may not be used, since the operator pays for the server");
        Err(Error::new(Kind::Quota, what).hint(format!(
            "use debian-12, ubuntu-24.04 or ubuntu-22.04, or ask the operator to add \"{provider}/{image}\" to images"
        )))
    }

    /// One credential: the user's own, or the operator's.
    async fn credential(&self, user_id: &str, payer: Payer, name: SecretName, by: &By) -> Result<Option<Secret>> {
        match payer {
            Payer::Operator => self.operators(name, user_id, by).await,
            Payer::User => {
                let owner = Owner::User(user_id.to_owned());
                self.store.acting(by.clone()).find_secret(&owner, name.as_str()).await
            }
        }
    }

    /// A credential of the operator's, to be used for a user, or for nobody in particular (""). It
    /// is in the audit like what the store keeps.
    pub async fn operators(&self, name: SecretName, user_id: &str, by: &By) -> Result<Option<Secret>> {
        let Some(found) = self.operator.get(&name) else {
            return Ok(None);
        };
        let store = self.store.acting(by.clone());
        store.note_use(user_id, &format!("operator/{name}"), "ok").await?;
        Ok(Some(found.clone()))
    }

    /// What work on bots that stand needs: no cloud.
    pub fn standing(&self, by: By) -> Platform {
        Platform {
            store: self.store.acting(by),
            http: self.http.clone(),
            endpoints: self.endpoints.clone(),
            tokens: CloudTokens::default(),
        }
    }

    /// What a user's jobs run on, with the tokens of all clouds, or of one only.
    pub async fn platform(&self, user_id: &str, only: Option<ProviderKind>, by: By) -> Result<Platform> {
        let payer = self.limits(user_id).await?.cloud_tokens;
        let token = async |kind, name| match only.is_none_or(|wanted| wanted == kind) {
            true => self.credential(user_id, payer, name, &by).await,
            false => Ok(None),
        };
        let tokens = CloudTokens {
            hetzner: token(ProviderKind::Hetzner, SecretName::Hetzner).await?,
            digitalocean: token(ProviderKind::DigitalOcean, SecretName::DigitalOcean).await?,
        };
        Ok(Platform {
            tokens,
            ..self.standing(by)
        })
    }

    /// The key that a user's bot pays its model with: given with the request, else by the plan.
    ///
    /// # Errors
    /// `needs_user` if there is none.
    pub async fn model_key(
        &self,
        user_id: &str,
        provider: ModelProvider,
        given: Option<Secret>,
        by: &By,
    ) -> Result<Secret> {
        if let Some(key) = given {
            return Ok(key);
        }
        let payer = self.limits(user_id).await?.model_keys;
        let name: SecretName = provider.as_str().parse()?;
        self.credential(user_id, payer, name, by).await?.ok_or_else(|| {
            let title = name.title();
            match payer {
                Payer::User => Error::new(Kind::State, format!("there is no {title} for this bot"))
                    .hint(format!("give model_key, or keep one: PUT /api/secrets/{name}")),
                Payer::Operator => Error::new(Kind::State, format!("this control server has no {title}"))
                    .hint("choose another model, or ask its operator"),
            }
        })
    }
}

/// The cloud that is asked for, else the first that there is a token for.
///
/// # Errors
/// `usage` for `existing`; `wrong_state` if there is no token.
pub fn cloud(asked: Option<ProviderKind>, tokens: &CloudTokens) -> Result<ProviderKind> {
    let has = |kind| match kind {
        ProviderKind::Hetzner => tokens.hetzner.is_some(),
        ProviderKind::DigitalOcean => tokens.digitalocean.is_some(),
        ProviderKind::Existing => false,
    };
    let none = |which: &str| {
        Error::new(Kind::State, format!("there is no API token for {which}"))
            .hint("keep one: PUT /api/secrets/hetzner or PUT /api/secrets/digitalocean")
    };
    match asked {
        Some(ProviderKind::Existing) => Err(crate::error::usage("a control server rents servers only")
            .hint("deploy to a server of yours from your own terminal")),
        Some(kind) if has(kind) => Ok(kind),
        Some(kind) => Err(none(kind.as_str())),
        None => [ProviderKind::Hetzner, ProviderKind::DigitalOcean]
            .into_iter()
            .find(|&k| has(k))
            .ok_or_else(|| none("any cloud")),
    }
}
