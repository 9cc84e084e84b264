//! Finds the thing that a request names, if the caller may know of it.

use super::{App, Caller};
use crate::error::{Error, Kind, Result};
use crate::model::{Bot, Deployment, is_id};

/// Another user's thing looks as if it were not there.
fn nothing() -> Error {
    Error::new(Kind::NotFound, "there is no bot of that id").hint("GET /api/bots lists them")
}

/// A bot that the caller may look at.
///
/// # Errors
/// `not_found` if there is none, or none of theirs.
pub async fn seen(app: &App, caller: &Caller, bot_id: &str) -> Result<(Bot, Deployment)> {
    // Else it is looked up, and PostgreSQL refuses a text with a NUL.
    if !is_id(bot_id) {
        return Err(nothing());
    }
    let bot = match app.store.bot_by_id(bot_id).await {
        Ok(bot) if caller.may_see(&bot.user_id) => bot,
        Ok(_) => return Err(nothing()),
        Err(e) if e.kind() == Kind::NotFound => return Err(nothing()),
        Err(e) => return Err(e),
    };
    let deployment = app.store.deployment_of(&bot.id).await?;
    Ok((bot, deployment))
}

/// A bot that the caller may change.
///
/// # Errors
/// As [`seen`]; `wrong_state` if it is destroyed.
pub async fn changed(app: &App, caller: &Caller, bot_id: &str) -> Result<(Bot, Deployment)> {
    let (bot, deployment) = seen(app, caller, bot_id).await?;
    if !caller.may_change(&bot.user_id) {
        return Err(nothing());
    }
    caller.did_to(&bot.user_id);
    if bot.status == crate::model::BotStatus::Destroyed {
        return Err(Error::new(Kind::State, format!("the bot {:?} is destroyed", bot.name)));
    }
    Ok((bot, deployment))
}
