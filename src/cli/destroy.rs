//! `clawdwako destroy`

use super::keeper::Keeper;
use super::list::price;
use super::remote::only_here;
use super::{Context, remote, work};
use crate::deploy;
use crate::error::Result;
use crate::model::ProviderKind;
use serde_json::json;

/// Arguments of `destroy`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako destroy demo
  clawdwako destroy demo --yes --keep-record")]
pub struct DestroyArgs {
    /// The bot; may be left out if there is only one
    pub name: Option<String>,
    /// Keep its record and story, for `list --all` and `logs --deploy`; a control server does so always
    #[arg(long)]
    pub keep_record: bool,
    /// Only give the record up: nothing is deleted, on the server or at the provider
    #[arg(long, conflicts_with = "keep_record")]
    pub forget: bool,
}

pub(super) async fn run(args: DestroyArgs, context: &Context) -> Result<()> {
    let keeper = Keeper::of(context).await?;
    let (bot, deployment) = keeper.bot(context, args.name.as_deref()).await?;
    let saves = price(&deployment)
        .map(|p| format!(", which saves {p} a month"))
        .unwrap_or_default();
    if args.forget {
        let Keeper::Here(store) = keeper else {
            return Err(only_here("destroy --forget"));
        };
        let question = format!(
            "Forget {:?}? What it has at {} is left running and still billed",
            bot.name, deployment.provider
        );
        context.prompt.confirm(&question).await?;
        let platform = work::standing(context, store).await?;
        deploy::forget(&platform, &bot, &deployment).await?;
        return context.printer.line(&json!({"forgotten": bot.name}), || {
            format!("{} is forgotten; nothing was deleted", bot.name)
        });
    }
    if let Keeper::Here(store) = &keeper {
        let local = work::standing(context, store.clone()).await?;
        if deploy::nothing_made(&local, &deployment).await? {
            // Nothing was made, so there is nothing to delete, and no credential is needed for that.
            context
                .prompt
                .confirm(&format!("Destroy {:?}? Nothing of it was made yet", bot.name))
                .await?;
            deploy::forget(&local, &bot, &deployment).await?;
            return context.printer.line(&json!({"forgotten": bot.name}), || {
                format!("{} is destroyed; nothing of it had been made", bot.name)
            });
        }
    }
    let what = match deployment.provider {
        ProviderKind::Existing => "and remove it from your server",
        _ => "with its server and all that is on it",
    };
    context
        .prompt
        .confirm(&format!("Destroy {:?} {what}{saves}?", bot.name))
        .await?;
    let outcome = match keeper {
        Keeper::Here(store) => {
            let platform = work::platform(context, store, deployment.provider).await?;
            deploy::begin_destroy(&platform, &bot, &deployment).await?;
            let outcome = work::run(context, &platform, &deployment.id).await?;
            if !args.keep_record {
                let mut tx = platform.store.begin().await?;
                tx.erase_bot(&bot.id).await?;
                tx.commit().await?;
            }
            outcome
        }
        Keeper::There(client) => {
            let begin = || async { client.destroy_bot(&bot.id).await.map(drop) };
            remote::run(context, &client, &bot, begin).await?
        }
    };
    work::show(context, outcome)
}
