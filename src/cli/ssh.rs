//! `clawdwako ssh`

use super::keeper::Keeper;
use super::{Context, work};
use crate::deploy::care;
use crate::error::Result;

/// Arguments of `ssh`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako ssh demo
  clawdwako ssh demo -- df -h /")]
pub struct SshArgs {
    /// The bot; may be left out if there is only one
    pub name: Option<String>,
    /// A command to run there instead of a shell
    #[arg(last = true, value_name = "CMD")]
    pub command: Vec<String>,
}

pub(super) async fn run(args: SshArgs, context: &Context) -> Result<()> {
    let store = context.store().await?;
    let (bot, deployment) = Keeper::Here(store.clone()).bot(context, args.name.as_deref()).await?;
    let platform = work::standing(context, store).await?;
    let mut session = care::session(&platform, &bot, &deployment).await?;
    // As ssh does: the words are joined, and the shell on the other side reads them.
    let command = (!args.command.is_empty()).then(|| args.command.join(" "));
    let code = session
        .interactive(command.as_deref(), &context.config.terminal_type)
        .await?;
    session.close().await;
    // What went wrong there was said there.
    context.printer.exit_with(u8::try_from(code).unwrap_or(1));
    Ok(())
}
