//! Who the bot answers: a flag, a setting, or whoever opens a link with a one-time code.

use super::DeployArgs;
use super::order::value;
use crate::cli::Context;
use crate::error::{Error, Kind, Result, usage};
use crate::google::flow::qr;
use crate::model::Audience;
use crate::secrets::Secret;
use crate::telegram::{Telegram, link, new_code};
use std::time::Duration;

/// How long the user may take to open the link.
const PATIENCE: Duration = Duration::from_secs(300);

/// Who it is by flags and settings, if they say so.
///
/// # Errors
/// `usage` if they name nobody that there can be.
pub(super) fn said(args: &DeployArgs, context: &Context) -> Result<Option<Audience>> {
    match args.owner.or_else(|| value(&context.config.defaults.owner)) {
        _ if args.open_to_everyone => Ok(Some(Audience::Everyone)),
        id => id.map(Audience::owner).transpose(),
    }
}

/// Checks that the owner is said or can be asked for, before anything else is asked.
///
/// # Errors
/// `usage` if not.
pub(super) fn can_be_known(args: &DeployArgs, context: &Context) -> Result<()> {
    if said(args, context)?.is_some() || context.prompt.can_ask() {
        return Ok(());
    }
    Err(usage("it is not said who the bot answers, and nobody can be asked")
        .hint("give --owner with your Telegram id, or --open-to-everyone"))
}

/// Who it is; everyone only where the flag says so.
///
/// # Errors
/// `wrong_state` if something else uses the token; `timeout` if no message with the code came.
pub(super) async fn find(args: &DeployArgs, token: &Secret, context: &Context) -> Result<Audience> {
    if let Some(audience) = said(args, context)? {
        return Ok(audience);
    }
    let telegram = Telegram::new(context.config.endpoints.telegram.clone(), token)?;
    let me = telegram.get_me().await?;
    if telegram.webhook().await?.url.is_some() {
        return Err(Error::new(
            Kind::State,
            format!("a webhook is set for @{}: something else uses this bot", me.username),
        )
        .hint("stop that, or give another token; with --owner nobody has to be found out"));
    }
    let question = format!(
        "To learn who you are, clawdwako reads @{}'s messages once. Is no other program using this token",
        me.username
    );
    context.prompt.agree(&question).await?;
    let code = new_code()?;
    let link = link(&me.username, &code);
    let picture = qr(&link).unwrap_or_default();
    context
        .printer
        .ask(&format!("Open this link in Telegram and tap Start:\n{link}\n{picture}"));
    let owner = telegram.discover_owner(&code, PATIENCE).await?;
    context
        .printer
        .note(&format!("The bot will answer Telegram user {owner} only."));
    Audience::owner(owner)
}
