//! `clawdwako set NAME model=… owner=…`

use super::deploy::{known_model_key, model_key};
use super::keeper::Keeper;
use super::{Context, remote, work};
use crate::api::client::Client;
use crate::api::types::BotChange;
use crate::config::nearest;
use crate::deploy;
use crate::error::{Error, Result, usage};
use crate::model::{Audience, Bot};
use crate::openclaw::catalog::parse_model;

/// Arguments of `set`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako set demo model=claude-sonnet
  clawdwako set demo owner=123456789
  clawdwako set demo owner=everyone

The agent is restarted, and has to answer: if it does not, a bot that answered
before goes back to what it had. A model that its key may not use is refused
before anything is changed. A stopped bot is started.")]
pub struct SetArgs {
    /// The bot
    pub name: String,
    /// What to change: model=MODEL, owner=TELEGRAM_ID or owner=everyone
    #[arg(required = true, value_name = "KEY=VALUE")]
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Another model: a short name or `provider/model`.
    Model(String),
    /// Who it is to answer.
    Audience(Audience),
}

impl std::str::FromStr for Change {
    type Err = Error;

    fn from_str(text: &str) -> Result<Change> {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| usage(format!("{text:?} has no =")).hint("give KEY=VALUE, such as model=claude-sonnet"))?;
        match (key, value) {
            ("model", "") => Err(usage("the model is empty")),
            ("model", model) => Ok(Change::Model(model.to_owned())),
            ("owner", who) => Ok(Change::Audience(who.parse()?)),
            (key, _) => {
                let hint = match nearest(key, ["model", "owner"]) {
                    Some(near) => format!("did you mean {near}?"),
                    None => "model and owner can be changed".to_owned(),
                };
                Err(usage(format!("there is no setting {key:?}")).hint(hint))
            }
        }
    }
}

pub(super) async fn run(args: SetArgs, context: &Context) -> Result<()> {
    let keeper = Keeper::of(context).await?;
    let (bot, deployment) = keeper.bot(context, Some(&args.name)).await?;
    let mut change = deploy::Change::default();
    for one in args.changes {
        match one {
            Change::Model(text) => {
                let model = parse_model(&text)?;
                // Another provider needs another key; the old one stays with the same provider.
                change.model_key = match (bot.model.starts_with(&format!("{}/", model.provider)), &keeper) {
                    (true, _) => None,
                    (false, Keeper::Here(_)) => Some(model_key(model.provider.as_str(), context).await?),
                    (false, Keeper::There(_)) => known_model_key(model.provider.as_str(), context).await?,
                };
                change.model = Some(model.to_string());
            }
            Change::Audience(audience) => change.audience = Some(audience),
        }
    }
    if change.audience == Some(Audience::Everyone) {
        let question = format!("Let {:?} answer everybody, at your cost?", bot.name);
        context.prompt.confirm(&question).await?;
    }
    let outcome = match keeper {
        Keeper::Here(store) => {
            let platform = work::platform(context, store, deployment.provider).await?;
            deploy::begin_change(&platform, &bot, &deployment, &change).await?;
            work::run(context, &platform, &deployment.id).await?
        }
        Keeper::There(client) => remote::run(context, &client, &bot, || there(&client, &bot, &change)).await?,
    };
    work::show(context, outcome)
}

async fn there(client: &Client, bot: &Bot, change: &deploy::Change) -> Result<()> {
    let change = BotChange {
        model: change.model.clone(),
        model_key: change.model_key.clone(),
        audience: change.audience,
    };
    client.change_bot(&bot.id, &change).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::{Audience, Change};

    #[test]
    fn changes() {
        assert_eq!("model=a/b".parse::<Change>().unwrap(), Change::Model("a/b".into()));
        assert_eq!(
            "owner=7".parse::<Change>().unwrap(),
            Change::Audience(Audience::Owner(7))
        );
        assert_eq!(
            "owner=everyone".parse::<Change>().unwrap(),
            Change::Audience(Audience::Everyone)
        );
        for bad in ["model", "model=", "owner=x", "owner=-5", "size=1"] {
            assert!(bad.parse::<Change>().is_err(), "{bad}");
        }
        assert_eq!(
            "modle=a".parse::<Change>().unwrap_err().next_step(),
            Some("did you mean model?")
        );
    }
}
