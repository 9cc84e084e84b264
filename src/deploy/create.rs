//! Writes a new bot, its deployment, its jobs and its secrets down, before anything is done.

use super::Platform;
use super::change::release_unproved;
use crate::error::{Error, Kind, Result, usage};
use crate::model::{
    Audience, Bot, BotStatus, Deployment, DeploymentStatus, Facts, JobKind, Placement, ProviderKind, new_id, now,
};
use crate::secrets::Secret;
use crate::store::{Owner, Store, Tx};

/// How often a job is tried by itself before it counts as failed.
pub(super) const ATTEMPTS: i64 = 3;

/// Names of a bot's secrets in the store.
pub mod secret_names {
    /// The Telegram token.
    pub const TELEGRAM: &str = "telegram";
    /// The key for the bot's model.
    pub const MODEL: &str = "model";
    /// The key for the model that the bot last answered with, while a change is not proved yet.
    pub const MODEL_FORMER: &str = "model_former";
    /// The token of the agent's gateway.
    pub const GATEWAY: &str = "gateway";
    /// The private key that SSH signs in with.
    pub const SSH_KEY: &str = "ssh_private_key";
    /// The private host key that the server boots with; only until the server is ordered.
    pub const HOST_KEY_ONCE: &str = "host_key_once";
    /// The private host key that follows; only until the server has proved that it has it.
    pub const HOST_KEY_NEXT: &str = "host_key_next";
}

/// A bot that is wanted.
#[derive(Debug, Clone)]
pub struct NewBot {
    /// Whose it will be; [`crate::model::LOCAL_USER`] at a terminal.
    pub user_id: String,
    /// The user's name for it.
    pub name: String,
    /// The Telegram token; its format is checked already.
    pub token: Secret,
    /// The numeric part of the token.
    pub telegram_id: i64,
    /// Telegram's name of the bot, once its token is proved.
    pub username: Option<String>,
    /// `provider/model`.
    pub model: String,
    /// The key for that model's provider.
    pub model_key: Secret,
    /// Who it answers.
    pub audience: Audience,
    /// Where the server comes from.
    pub provider: ProviderKind,
    /// What is asked of the server.
    pub placement: Placement,
    /// For `existing`: the private key that SSH signs in with.
    pub ssh_key: Option<Secret>,
}

/// Checks a bot's name: 1 to 32 lower-case letters, digits and hyphens, a letter first.
///
/// # Errors
/// `usage` if it is something else.
pub fn check_name(name: &str) -> Result<()> {
    let fine = (1..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if fine {
        return Ok(());
    }
    Err(usage(format!("{name:?} cannot be a bot's name"))
        .hint("use 1 to 32 lower-case letters, digits and hyphens, beginning with a letter, for example my-bot"))
}

/// Makes sure that no other bot than the user's of that name uses the token. Which one does, and
/// that one does, is told to its own user only. To be asked of a proved token alone: the answer
/// to one that is made up must not depend on which bots are here.
///
/// # Errors
/// `exists` if a bot of the user's does; `refused` if the token cannot be used for another reason.
pub async fn demand_free(store: &Store, user_id: &str, name: &str, telegram_id: i64) -> Result<()> {
    let Some(other) = store.bot_by_telegram_id(telegram_id).await? else {
        return Ok(());
    };
    match other.user_id == user_id {
        true if other.name == name => Ok(()),
        true => Err(Error::new(
            Kind::Exists,
            format!(
                "this Telegram token is used by the bot {:?} already, and a token serves one bot only",
                other.name
            ),
        )
        .hint("make another token with @BotFather for another bot")),
        false => Err(crate::store::not_here()),
    }
}

/// Writes everything down in one transaction: bot, deployment, jobs, secrets.
///
/// # Errors
/// `exists` if the user has a bot of that name or token; `refused` if the token's bot cannot be
/// used here; `usage` for a bad name.
pub async fn create(platform: &Platform, new: NewBot) -> Result<(Bot, Deployment)> {
    let mut tx = platform.store.begin().await?;
    let (bot, deployment) = write_down(&mut tx, new).await?;
    enqueue(&mut tx, &deployment.id, &DEPLOYING).await?;
    tx.commit().await?;
    Ok((bot, deployment))
}

/// The jobs that put a bot on a server, in order.
pub const DEPLOYING: [JobKind; 5] = [
    JobKind::ProvisionServer,
    JobKind::InstallDependencies,
    JobKind::DeployOpenclaw,
    JobKind::ConfigureBot,
    JobKind::StartBot,
];

/// Queues jobs of a deployment that it does not have yet.
pub async fn enqueue(tx: &mut Tx, deployment_id: &str, kinds: &[JobKind]) -> Result<()> {
    for &kind in kinds {
        if !tx.has_job(deployment_id, kind).await? {
            tx.enqueue(deployment_id, kind, ATTEMPTS).await?;
        }
    }
    Ok(())
}

/// Writes bot, deployment and secrets down as part of a transaction; no job yet.
///
/// # Errors
/// As [`create`].
pub async fn write_down(tx: &mut Tx, new: NewBot) -> Result<(Bot, Deployment)> {
    check_name(&new.name)?;
    let at = now();
    let bot = Bot {
        id: new_id(),
        user_id: new.user_id,
        name: new.name,
        telegram_id: new.telegram_id,
        username: new.username,
        model: new.model,
        audience: new.audience,
        status: BotStatus::Pending,
        failure: None,
        created_at: at,
        updated_at: at,
    };
    let deployment = Deployment {
        id: new_id(),
        bot_id: bot.id.clone(),
        provider: new.provider,
        status: DeploymentStatus::Pending,
        placement: new.placement,
        facts: Facts::default(),
        created_at: at,
        updated_at: at,
    };
    let owner = Owner::Bot(bot.id.clone());
    if bot.username.is_some() {
        release_unproved(tx, bot.telegram_id, &bot.user_id).await?;
    }
    tx.insert_bot(&bot).await?;
    tx.insert_deployment(&deployment).await?;
    tx.put_secret(&owner, secret_names::TELEGRAM, &new.token).await?;
    tx.put_secret(&owner, secret_names::MODEL, &new.model_key).await?;
    if let Some(key) = &new.ssh_key {
        tx.put_secret(&owner, secret_names::SSH_KEY, key).await?;
    }
    Ok((bot, deployment))
}

#[cfg(test)]
mod tests {
    use super::check_name;

    #[test]
    fn names() {
        for good in ["a", "demo", "my-bot-2", "a2345678901234567890123456789012"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "A",
            "2a",
            "-a",
            "a-",
            "a_b",
            "a b",
            "a/b",
            "ä",
            "a23456789012345678901234567890123",
            "a\n",
        ] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
    }
}
