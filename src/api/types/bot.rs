//! Bots on the wire.

use super::{Moment, PackagesSumView};
use crate::model::{Audience, Bot, BotStatus, Deployment, DeploymentStatus, ProviderKind};
use crate::openclaw::catalog::{ModelProvider, SHORT_NAMES};
use crate::secrets::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

/// A bot with its deployment. Its secrets are never told.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BotView {
    /// Its id.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    pub id: String,
    /// The user's name for it.
    #[schema(pattern = "^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$")]
    pub name: String,
    /// Where it is in its life.
    pub status: BotStatus,
    /// Telegram's numeric id of it.
    pub telegram_id: i64,
    /// Telegram's name of it, without `@`.
    pub username: Option<String>,
    /// The link that opens a chat with it.
    pub link: Option<String>,
    /// The model, as `provider/model`.
    pub model: String,
    /// Who it answers.
    pub audience: Audience,
    /// Why it failed.
    pub failure: Option<String>,
    /// When it was written down.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
    /// The server that it lives on.
    pub deployment: DeploymentView,
}

/// The server that a bot lives on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeploymentView {
    /// Its id: the provider's label carries it.
    pub id: String,
    /// Where the server comes from.
    pub provider: ProviderKind,
    /// Where it is in its life.
    pub status: DeploymentStatus,
    /// The provider's id of the server.
    pub instance_id: Option<String>,
    /// The provider's name of the region.
    pub region: Option<String>,
    /// The provider's name of the server type.
    pub size: Option<String>,
    /// Memory in MiB.
    pub memory_mb: Option<i64>,
    /// Public IPv4 address.
    pub ipv4: Option<String>,
    /// Public IPv6 address.
    pub ipv6: Option<String>,
    /// What it costs a month, net, in `currency`.
    pub price_month: Option<f64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// The agent on it.
    pub agent: AgentView,
    /// When the agent was last proved to answer.
    pub answered_at: Option<Moment>,
    /// When it was written down.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

/// The agent on a server.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct AgentView {
    /// Its version.
    pub version: Option<String>,
    /// The registry's hash of that version (`sha512-…`).
    pub integrity: Option<String>,
    /// All packages that came with it; `GET /api/deploy/{bot_id}/packages` lists them.
    pub packages: Option<PackagesSumView>,
    /// Node's version.
    pub node: Option<String>,
    /// SHA-256 of Node's archive.
    pub node_sha256: Option<String>,
    /// Number of the process that was proved to answer.
    pub pid: Option<u32>,
}

impl BotView {
    /// What may be told of a bot.
    pub fn of(bot: &Bot, deployment: &Deployment) -> BotView {
        let f = &deployment.facts;
        BotView {
            id: bot.id.clone(),
            name: bot.name.clone(),
            status: bot.status,
            telegram_id: bot.telegram_id,
            username: bot.username.clone(),
            link: bot.link(),
            model: bot.model.clone(),
            audience: bot.audience,
            failure: bot.failure.clone(),
            created_at: Moment(bot.created_at),
            updated_at: Moment(bot.updated_at),
            deployment: DeploymentView {
                id: deployment.id.clone(),
                provider: deployment.provider,
                status: deployment.status,
                instance_id: f.instance_id.clone(),
                region: f.region.clone(),
                size: f.size.clone(),
                memory_mb: f.memory_mb,
                ipv4: f.ipv4.clone(),
                ipv6: f.ipv6.clone(),
                price_month: f.price_month,
                currency: f.currency.clone(),
                agent: AgentView {
                    version: f.agent.version.clone(),
                    integrity: f.agent.integrity.clone(),
                    packages: f.agent.packages.clone().map(Into::into),
                    node: f.agent.node.clone(),
                    node_sha256: f.agent.node_sha256.clone(),
                    pid: f.agent.pid,
                },
                answered_at: f.answered_at.map(Moment),
                created_at: Moment(deployment.created_at),
                updated_at: Moment(deployment.updated_at),
            },
        }
    }

    /// The records that it tells of, for whoever shows bots of a control server like local ones.
    /// What is not told is empty in them.
    pub fn records(self) -> (Bot, Deployment) {
        let d = self.deployment;
        let mut facts = crate::model::Facts {
            instance_id: d.instance_id,
            region: d.region,
            size: d.size,
            memory_mb: d.memory_mb,
            ipv4: d.ipv4,
            ipv6: d.ipv6,
            price_month: d.price_month,
            currency: d.currency,
            answered_at: d.answered_at.map(|m| m.0),
            ..Default::default()
        };
        facts.agent.version = d.agent.version;
        facts.agent.integrity = d.agent.integrity;
        facts.agent.packages = d.agent.packages.map(Into::into);
        facts.agent.node = d.agent.node;
        facts.agent.node_sha256 = d.agent.node_sha256;
        facts.agent.pid = d.agent.pid;
        let deployment = Deployment {
            id: d.id,
            bot_id: self.id.clone(),
            provider: d.provider,
            status: d.status,
            placement: Default::default(),
            facts,
            created_at: d.created_at.0,
            updated_at: d.updated_at.0,
        };
        let bot = Bot {
            id: self.id,
            user_id: String::new(),
            name: self.name,
            telegram_id: self.telegram_id,
            username: self.username,
            model: self.model,
            audience: self.audience,
            status: self.status,
            failure: self.failure,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        (bot, deployment)
    }
}

/// A short name or `provider/model`, as the catalog reads it.
fn model_of(types: SchemaType) -> ObjectBuilder {
    let short: Vec<&str> = SHORT_NAMES.iter().map(|(short, ..)| *short).collect();
    let providers: Vec<&str> = ModelProvider::ALL.iter().map(|p| p.as_str()).collect();
    let pattern = format!(
        "^({}|({})/[A-Za-z0-9._:/@-]{{1,100}})$",
        short.join("|"),
        providers.join("|")
    );
    ObjectBuilder::new().schema_type(types).pattern(Some(pattern))
}

fn model() -> ObjectBuilder {
    model_of(Type::String.into()).description(Some("A short name such as `claude-opus`, or `provider/model`."))
}

fn model_or_null() -> ObjectBuilder {
    model_of(SchemaType::from_iter([Type::String, Type::Null])).description(Some("Another model."))
}

/// A bot that is wanted. Nothing is made or bought yet: `POST /api/deploy` does that.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BotCreate {
    /// 1 to 32 lower-case letters, digits and hyphens, a letter first.
    #[schema(pattern = "^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$")]
    pub name: String,
    /// The bot's token from @BotFather.
    #[schema(value_type = String, max_length = 80, pattern = "^[1-9][0-9]{0,17}:[A-Za-z0-9_-]{30,61}$")]
    pub token: Secret,
    /// A short name such as `claude-opus`, or `provider/model`.
    #[schema(schema_with = model)]
    pub model: String,
    /// The key for the model's provider; the user's kept one, or the operator's, if left out.
    #[schema(value_type = Option<String>, pattern = "^[!-~]{1,4096}$")]
    pub model_key: Option<Secret>,
    /// Who it is to answer.
    pub audience: Audience,
}

/// What may be changed of a bot; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BotChange {
    /// Another model.
    #[schema(schema_with = model_or_null)]
    pub model: Option<String>,
    /// The key for another model's provider.
    #[schema(value_type = Option<String>, pattern = "^[!-~]{1,4096}$")]
    pub model_key: Option<Secret>,
    /// Who it is to answer from now on.
    pub audience: Option<Audience>,
}
