//! The clouds on the wire.

use super::Moment;
use crate::model::{DeploymentStatus, ProviderKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

/// Where a control server rents servers: it has none of one's own.
pub fn cloud_name() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(CLOUDS.map(ProviderKind::as_str)))
}

const CLOUDS: [ProviderKind; 2] = [ProviderKind::Hetzner, ProviderKind::DigitalOcean];

/// The same, or null, which says as much as leaving it out.
pub(super) fn cloud_or_null() -> ObjectBuilder {
    let values = CLOUDS.map(|kind| Value::from(kind.as_str()));
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(
            "Where the server comes from; the first that there is a token for, if left out.",
        ))
        .enum_values(Some(values.into_iter().chain([Value::Null])))
}

/// Rents the server for a bot, and installs nothing on it yet.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvisionRequest {
    /// The bot.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    pub bot_id: String,
    /// Where the server comes from.
    #[schema(schema_with = cloud_or_null)]
    pub provider: Option<ProviderKind>,
    /// Only this region.
    pub region: Option<String>,
    /// Only this server type.
    pub size: Option<String>,
    /// The image.
    pub image: Option<String>,
}

/// A server that was rented.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerView {
    /// The deployment's id: `DELETE /api/cloud/servers/{id}` takes it.
    pub id: String,
    /// The bot that lives on it.
    pub bot_id: String,
    /// The bot's name.
    pub bot_name: String,
    /// Where it comes from.
    pub provider: ProviderKind,
    /// Where it is in its life.
    pub status: DeploymentStatus,
    /// The provider's id.
    pub instance_id: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The type.
    pub size: Option<String>,
    /// Public IPv4 address.
    pub ipv4: Option<String>,
    /// What it costs a month, net, in `currency`.
    pub price_month: Option<f64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// When it was written down.
    pub created_at: Moment,
}

/// Where servers can be rented, and which.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RegionsView {
    /// Where they come from.
    pub provider: ProviderKind,
    /// Each type in each region, with its price.
    pub offers: Vec<OfferView>,
    /// When the provider told it.
    pub as_of: Moment,
    /// How old that is, in seconds.
    pub age_s: i64,
}

/// A server type in a region.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OfferView {
    /// The provider's name of the region.
    pub region: String,
    /// The provider's name of the type.
    pub size: String,
    /// Virtual CPUs.
    pub vcpus: i64,
    /// Memory in MiB.
    pub memory_mb: i64,
    /// Disk in GB.
    pub disk_gb: i64,
    /// Net price of a month including the IPv4 address.
    pub price_month: f64,
    /// ISO 4217.
    pub currency: String,
    /// Whether it can be ordered now.
    pub available: bool,
}

impl From<crate::provider::Offer> for OfferView {
    fn from(o: crate::provider::Offer) -> Self {
        OfferView {
            region: o.region,
            size: o.size,
            vcpus: o.vcpus,
            memory_mb: o.memory_mb,
            disk_gb: o.disk_gb,
            price_month: o.price_month,
            currency: o.currency,
            available: o.available,
        }
    }
}
