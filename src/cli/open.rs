//! `clawdwako open`

use super::keeper::Keeper;
use super::{Context, work};
use crate::deploy::care;
use crate::error::{Error, Kind, Result};
use crate::google::flow::open_browser;
use serde_json::json;
use std::io::IsTerminal;
use std::net::{Ipv4Addr, SocketAddr};

/// Arguments of `open`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako open demo
  clawdwako open demo --port 18000 --no-browser

The dashboard listens on the server's loopback alone; the tunnel lasts until
Ctrl-C.")]
pub struct OpenArgs {
    /// The bot; may be left out if there is only one
    pub name: Option<String>,
    /// Local port of the tunnel; any free one if left out
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,
    /// Print the address only
    #[arg(long)]
    pub no_browser: bool,
}

pub(super) async fn run(args: OpenArgs, context: &Context) -> Result<()> {
    let store = context.store().await?;
    let (bot, deployment) = Keeper::Here(store.clone()).bot(context, args.name.as_deref()).await?;
    if deployment.facts.agent.port.is_none() {
        return Err(
            Error::new(Kind::State, format!("the agent of {:?} does not run yet", bot.name))
                .hint(format!("`clawdwako status {}` shows how far it is", bot.name)),
        );
    }
    let platform = work::standing(context, store).await?;
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let care::Dashboard { mut tunnel, token } = care::dashboard(&platform, &bot, &deployment, local).await?;
    // Behind `#`, the token stays in the browser: it is in no request and no server's log.
    let plain = format!("http://{}/", tunnel.local());
    let whole = format!("{plain}#token={}", token.expose());
    // The token is a secret: people get it on their screen, `--json` does not.
    context.printer.line(&json!({"url": plain}), || whole.clone())?;
    if !args.no_browser && std::io::stdout().is_terminal() {
        // Without a browser the address on the screen is enough.
        open_browser(&whole);
    }
    context.printer.note("Ctrl-C closes it.");
    Err(tunnel.broken().await)
}
