//! Users, their credentials and their plans on the wire.

use super::Moment;
use crate::model::{
    Limits, Millis, ModelSpend, Payer, Plan, Role, Scope, Subscription, SubscriptionStatus, Token, TokenKind, User,
};
use crate::secrets::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A user.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserView {
    /// The user's id.
    pub id: String,
    /// Verified address.
    pub email: String,
    /// Display name.
    pub name: Option<String>,
    /// What the user may do.
    pub role: Role,
    /// Whether the user is shut out.
    pub disabled: bool,
    /// When the user first signed in.
    pub created_at: Moment,
}

/// Who is signed in, and with what.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionView {
    /// Who.
    pub user: UserView,
    /// What the credential is good for.
    pub scope: Scope,
    /// The session's or API token's id.
    pub token_id: String,
}

/// A session or an API token. The token itself is told once, when it is made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    /// Its id: `DELETE /api/auth/tokens/{id}` takes it.
    pub id: String,
    /// What it is.
    pub kind: TokenKind,
    /// The user's name for it; the browser's own for a session.
    pub name: String,
    /// What it is good for.
    pub scope: Scope,
    /// Whether it is the one that this request was made with.
    pub current: bool,
    /// When it was made.
    pub created_at: Moment,
    /// When it was last used, to the minute.
    pub used_at: Moment,
    /// When it is no longer good.
    pub expires_at: Moment,
}

/// An API token that is wanted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenCreate {
    /// What to call it.
    #[schema(min_length = 1, max_length = 64, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    pub name: String,
    /// What it is to be good for; not more than what this request was made with.
    pub scope: Scope,
    /// For how many days; 90 if left out.
    #[schema(minimum = 1, maximum = 366)]
    pub expires_in_days: Option<i64>,
}

/// A new API token.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenMade {
    /// The token itself. It is told now and never again.
    pub token: String,
    /// What is kept of it.
    pub kept: TokenView,
    /// Whose it is.
    pub user: UserView,
}

/// Google's proof of who somebody is, for an API token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProofRequest {
    /// The id token of the device flow. It signs in once.
    #[schema(value_type = String)]
    pub id_token: Secret,
    /// What to call the API token, such as this machine's name.
    #[schema(min_length = 1, max_length = 64, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    pub name: String,
    /// What the API token is to be good for; `deploy` if left out.
    pub scope: Option<Scope>,
}

/// A user's plan.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionView {
    /// What is subscribed to.
    pub plan: Plan,
    /// Whether it is good now.
    pub status: SubscriptionStatus,
    /// When what is paid for ends; none has no end.
    pub period_end: Option<Moment>,
    /// Whether new bots may be deployed with it.
    pub may_deploy: bool,
    /// What the plan allows.
    pub limits: LimitsView,
}

/// What a plan allows.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LimitsView {
    /// How many bots.
    pub max_bots: i64,
    /// The largest server, by memory in MiB.
    pub max_memory_mb: i64,
    /// Only these regions; none is any.
    pub regions: Option<Vec<String>>,
    /// The dearest models.
    pub models: ModelSpend,
    /// Whose cloud tokens rent the servers.
    pub cloud_tokens: Payer,
    /// Whose keys the models are paid with.
    pub model_keys: Payer,
}

/// How much of a plan is used.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UsageView {
    /// How many bots there are that are not destroyed.
    pub bots: i64,
    /// How many there may be.
    pub max_bots: i64,
    /// How many servers are rented.
    pub servers: i64,
    /// What those cost a month, net, one entry a currency.
    pub costs: Vec<CostView>,
    /// Messages in all conversations of those bots, as far as they have told.
    pub messages: Option<i64>,
    /// Tokens that their models have used, as far as they have told.
    pub tokens: Option<i64>,
    /// What those cost by the agents' own estimate, in US dollars.
    pub cost_usd: Option<f64>,
    /// How many API tokens are good.
    pub api_tokens: i64,
}

/// A sum of money a month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CostView {
    /// ISO 4217.
    pub currency: String,
    /// The sum.
    pub price_month: f64,
}

/// What an admin changes of a user; what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// Another role.
    pub role: Option<Role>,
    /// Shuts the user out, or lets them in again.
    pub disabled: Option<bool>,
}

/// What an admin sets a user's subscription to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionChange {
    /// The plan.
    pub plan: Plan,
    /// The status.
    pub status: SubscriptionStatus,
    /// When what is paid for ends; none has no end.
    pub period_end: Option<Moment>,
}

impl From<&User> for UserView {
    fn from(u: &User) -> Self {
        UserView {
            id: u.id.clone(),
            email: u.email.clone(),
            name: u.name.clone(),
            role: u.role,
            disabled: u.disabled,
            created_at: Moment(u.created_at),
        }
    }
}

impl TokenView {
    /// What may be told of a token; `current` is the id of the one that is used now.
    pub fn of(t: &Token, current: &str) -> TokenView {
        TokenView {
            id: t.id.clone(),
            kind: t.kind,
            name: t.name.clone(),
            scope: t.scope,
            current: t.id == current,
            created_at: Moment(t.created_at),
            used_at: Moment(t.used_at),
            // What ends it first, if nobody uses it.
            expires_at: Moment(t.expires_at.min(t.used_at.saturating_add(t.kind.idle()))),
        }
    }
}

impl SubscriptionView {
    /// A subscription as it is at a moment.
    pub fn of(s: &Subscription, limits: &Limits, at: Millis) -> SubscriptionView {
        SubscriptionView {
            plan: s.plan,
            status: s.status_at(at),
            period_end: s.period_end.map(Moment),
            may_deploy: s.may_deploy(at),
            limits: LimitsView {
                max_bots: limits.max_bots,
                max_memory_mb: limits.max_memory_mb,
                regions: limits.regions.clone(),
                models: limits.models,
                cloud_tokens: limits.cloud_tokens,
                model_keys: limits.model_keys,
            },
        }
    }
}
