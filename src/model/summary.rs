//! A bot with its deployment in short: what lists show.

use super::{Audience, Bot, BotStatus, Deployment, DeploymentStatus, Millis, ProviderKind};
use serde::{Deserialize, Serialize};

/// A bot with its deployment in short.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The user's name for the bot.
    pub name: String,
    /// Where the bot is in its life.
    pub status: BotStatus,
    /// Telegram's name of it without `@`, once it is known.
    pub username: Option<String>,
    /// The link that opens a chat with it.
    pub link: Option<String>,
    /// The model, as `provider/model`.
    pub model: String,
    /// Who it answers.
    pub audience: Audience,
    /// Why it failed, for people.
    pub failure: Option<String>,
    /// When it was written down.
    pub created_at: Millis,
    /// The deployment's id.
    pub deployment_id: String,
    /// Where the deployment is in its life.
    pub deployment_status: DeploymentStatus,
    /// Where its server comes from.
    pub provider: ProviderKind,
    /// The server in short.
    #[serde(flatten)]
    pub server: ServerSummary,
}

/// The part of a deployment's [`super::Facts`] that lists show. Read from the same JSON, and
/// in a fraction of the time: there may be thousands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ServerSummary {
    /// Where it stands, as the provider names it.
    pub region: Option<String>,
    /// Its type, as the provider names it.
    pub size: Option<String>,
    /// Public IPv4 address.
    pub ipv4: Option<String>,
    /// Public IPv6 address.
    pub ipv6: Option<String>,
    /// What it costs a month, net, in `currency`.
    pub price_month: Option<f64>,
    /// ISO 4217.
    pub currency: Option<String>,
}

impl Summary {
    /// Puts a bot and its deployment in short.
    pub fn of(bot: &Bot, deployment: &Deployment) -> Summary {
        let f = &deployment.facts;
        Summary {
            name: bot.name.clone(),
            status: bot.status,
            username: bot.username.clone(),
            link: bot.link(),
            model: bot.model.clone(),
            audience: bot.audience,
            failure: bot.failure.clone(),
            created_at: bot.created_at,
            deployment_id: deployment.id.clone(),
            deployment_status: deployment.status,
            provider: deployment.provider,
            server: ServerSummary {
                region: f.region.clone(),
                size: f.size.clone(),
                ipv4: f.ipv4.clone(),
                ipv6: f.ipv6.clone(),
                price_month: f.price_month,
                currency: f.currency.clone(),
            },
        }
    }
}
