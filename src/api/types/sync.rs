//! What a user's own machines tell their account, on the wire.

use super::{BotView, Moment, SubscriptionView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Bots that a machine keeps itself, without their secrets.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncRequest {
    /// What tells the machine's profile from the user's others.
    #[schema(min_length = 1, max_length = 64, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    pub origin: String,
    /// Its name, for people.
    #[schema(min_length = 1, max_length = 64, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    pub machine: String,
    /// Some of its bots, as they are now.
    #[schema(max_items = 20)]
    pub bots: Vec<BotView>,
    /// The ids of all bots that it keeps: the account forgets what is missing. None says nothing
    /// about others than those above.
    #[schema(max_items = 1000)]
    pub all: Option<Vec<String>>,
}

/// What the account made of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SyncAnswer {
    /// How many bots were new, or newer than what the account had.
    pub taken: i64,
    /// Those of the request of which the account has something newer: that stays.
    pub newer: Vec<LocalBotView>,
    /// How many were forgotten.
    pub forgotten: i64,
    /// The user's plan.
    pub subscription: SubscriptionView,
}

/// A bot that a machine of the user's keeps itself. It can only be looked at here.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LocalBotView {
    /// Always true: the control server does nothing with it.
    pub local: bool,
    /// The profile that keeps it.
    pub origin: String,
    /// The machine that keeps it.
    pub machine: String,
    /// The bot, as that machine last told of it.
    pub bot: BotView,
    /// When it told.
    pub synced_at: Moment,
}

impl BotView {
    /// When anything of it last changed: the newer of two records is the one that counts.
    pub fn changed_at(&self) -> Moment {
        self.updated_at.max(self.deployment.updated_at)
    }
}
