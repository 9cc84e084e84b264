//! What a deployment would do, without doing it: for `--dry-run`.

use super::steps::Step;
use super::{Platform, check_name};
use crate::error::Result;
use crate::model::{JobKind, Placement, ProviderKind};
use crate::openclaw::catalog;
use crate::provider::{Offer, Tag};
use crate::secrets::Secret;
use crate::telegram::Telegram;
use serde::Serialize;

/// What is planned.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    /// The bot's name.
    pub name: &'a str,
    /// Its Telegram token.
    pub token: &'a Secret,
    /// `provider/model`.
    pub model: &'a str,
    /// Where the server comes from.
    pub provider: ProviderKind,
    /// What is asked of the server.
    pub placement: &'a Placement,
}

/// One step that would be done.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedStep {
    /// The job that it is part of.
    pub job: JobKind,
    /// Its name.
    pub name: &'static str,
    /// What people read.
    pub title: &'static str,
}

/// What a deployment would do.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// The bot's name.
    pub name: String,
    /// Its name on Telegram.
    pub username: String,
    /// The model.
    pub model: String,
    /// Where the server comes from.
    pub provider: ProviderKind,
    /// What would be made at the provider.
    pub creates: Vec<String>,
    /// The type, place and price that would be tried first.
    pub offer: Option<Offer>,
    /// What is tried when that cannot be had.
    pub then: Vec<Offer>,
    /// The agent's version.
    pub agent_version: String,
    /// All steps, in order.
    pub steps: Vec<PlannedStep>,
}

/// How many further offers a plan names.
const ALTERNATIVES: usize = 4;

/// Looks everything up that can be looked up for nothing, and makes nothing. The model's key
/// is not tried, since that costs something.
///
/// # Errors
/// What the deployment's own checks would answer.
pub async fn plan(platform: &Platform, new: Planned<'_>) -> Result<Plan> {
    check_name(new.name)?;
    let me = Telegram::new(platform.endpoints.telegram.clone(), new.token)?
        .get_me()
        .await?;
    let provider = platform.provider(new.provider)?;
    provider.account().await?;
    let mut offers = provider
        .offers(&super::steps::offer_filter(new.placement))
        .await?
        .into_iter();
    let offer = offers.next();
    let name = Tag {
        deployment_id: "…".into(),
        bot_name: new.name.to_owned(),
    }
    .resource_name();
    let creates = match &offer {
        None => Vec::new(),
        Some(o) => vec![
            format!("SSH key {name}"),
            format!("firewall {name} (in: SSH; out: everything)"),
            format!(
                "server {name} ({} in {}, {} MiB of memory)",
                o.size, o.region, o.memory_mb
            ),
        ],
    };
    let steps = Step::ALL
        .iter()
        .filter(|s| s.job() != JobKind::DestroyServer && s.applies(new.provider))
        .map(|s| PlannedStep {
            job: s.job(),
            name: s.name(),
            title: s.title(),
        })
        .collect();
    Ok(Plan {
        name: new.name.to_owned(),
        username: me.username,
        model: new.model.to_owned(),
        provider: new.provider,
        creates,
        offer,
        then: offers.take(ALTERNATIVES).collect(),
        agent_version: new
            .placement
            .agent_version
            .clone()
            .unwrap_or_else(|| catalog::AGENT_VERSION.into()),
        steps,
    })
}
