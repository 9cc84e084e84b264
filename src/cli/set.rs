//! `clawdwako set NAME model=… owner=…`

use super::{Context, not_connected};
use crate::config::nearest;
use crate::error::{Error, Result, usage};

/// Arguments of `set`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako set demo model=claude-sonnet
  clawdwako set demo owner=123456789
  clawdwako set demo owner=everyone

The agent is restarted, and has to answer; else the old settings come back.")]
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
    /// Another owner; none is "open to everyone".
    Owner(Option<i64>),
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
            ("owner", "everyone") => Ok(Change::Owner(None)),
            ("owner", id) => match id.parse() {
                Ok(id) if id > 0 => Ok(Change::Owner(Some(id))),
                _ => Err(usage(format!("{id:?} is no Telegram id")).hint("it is a number; or say owner=everyone")),
            },
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
    let store = context.store().await?;
    context.bot(&store, Some(&args.name)).await?;
    Err(not_connected("set"))
}

#[cfg(test)]
mod tests {
    use super::Change;

    #[test]
    fn changes() {
        assert_eq!("model=a/b".parse::<Change>().unwrap(), Change::Model("a/b".into()));
        assert_eq!("owner=7".parse::<Change>().unwrap(), Change::Owner(Some(7)));
        assert_eq!("owner=everyone".parse::<Change>().unwrap(), Change::Owner(None));
        for bad in ["model", "model=", "owner=x", "owner=-5", "size=1"] {
            assert!(bad.parse::<Change>().is_err(), "{bad}");
        }
        assert_eq!(
            "modle=a".parse::<Change>().unwrap_err().next_step(),
            Some("did you mean model?")
        );
    }
}
