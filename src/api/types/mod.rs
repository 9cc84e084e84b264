//! What goes over the wire: plain data, one file a subject. Times are RFC 3339 UTC.

mod account;
mod audit;
mod bot;
mod cloud;
mod deploy;
mod error;
mod health;
mod moment;
mod packages;
mod page;
mod sample;
mod secret;
mod sync;
mod telegram;

pub use account::{
    CostView, LimitsView, ProofRequest, SessionView, SubscriptionChange, SubscriptionView, TokenCreate, TokenMade,
    TokenView, UsageView, UserChange, UserView,
};
pub use audit::AuditView;
pub use bot::{AgentView, BotChange, BotCreate, BotView, DeploymentView};
pub use cloud::{OfferView, ProvisionRequest, RegionsView, ServerView, cloud_name};
pub use deploy::{DeployRequest, EventView, FailureView, JobView, MOST_LOG_LINES, StatusView, StepView};
pub use error::{ErrorBody, ErrorView};
pub use health::{HealthView, Verdict};
pub use moment::Moment;
pub use packages::{PackageView, PackagesSumView, PackagesView};
pub use page::Page;
pub use sample::SampleView;
pub use secret::{SecretValue, SecretView};
pub use sync::{LocalBotView, SyncAnswer, SyncRequest};
pub use telegram::{BotInfoView, TokenRequest, VerifiedToken, WebhookRequest, WebhookView};
