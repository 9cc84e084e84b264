//! Records of bots for tests of what is shown.

use clawdwako::deploy::Wish;
use clawdwako::model::{Bot, BotStatus, Deployment, DeploymentStatus, Facts, ProviderKind, new_id, now};

/// A bot that was deployed, with its deployment.
pub fn a_bot(name: &str, telegram_id: i64) -> (Bot, Deployment) {
    let bot = Bot {
        user_id: clawdwako::model::LOCAL_USER.into(),
        id: new_id(),
        name: name.into(),
        telegram_id,
        username: Some(format!("{}_bot", name.replace('-', "_"))),
        model: "anthropic/claude-opus-5".into(),
        owner: Some(42),
        status: BotStatus::Active,
        failure: None,
        created_at: now(),
        updated_at: now(),
    };
    let facts = Facts {
        ipv4: Some("198.18.0.1".into()),
        region: Some("fsn1".into()),
        size: Some("cx23".into()),
        price_month: Some(5.99),
        currency: Some("EUR".into()),
        ..Facts::default()
    };
    let deployment = Deployment {
        id: new_id(),
        bot_id: bot.id.clone(),
        provider: ProviderKind::Hetzner,
        status: DeploymentStatus::Active,
        wish: Wish::default(),
        facts,
        created_at: now(),
        updated_at: now(),
    };
    (bot, deployment)
}
