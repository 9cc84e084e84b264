//! `clawdwako open`

use super::{Context, work};
use crate::deploy;
use crate::error::{Result, internal};
use crate::store::Owner;
use serde_json::json;
use std::io::IsTerminal;
use std::net::{Ipv4Addr, SocketAddr};

/// Arguments of `open`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako open demo
  clawdwako open demo --port 18000 --no-browser

The dashboard listens on the server's loopback alone; the tunnel lasts until Ctrl-C.")]
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
    let (bot, deployment) = context.bot(&store, args.name.as_deref()).await?;
    let user = work::agent_user(&bot, &deployment)?;
    let port = deployment
        .facts
        .agent
        .port
        .ok_or_else(|| internal("the agent's port is not known"))?;
    let owner = Owner::Bot(bot.id.clone());
    let token = store.secret(&owner, deploy::secret_names::GATEWAY).await?;
    context
        .printer
        .note(&format!("Opening a tunnel to the agent of {} ({user}) …", bot.name));
    let session = work::session(&store, &bot, &deployment).await?;
    let mut tunnel = session
        .tunnel(SocketAddr::from((Ipv4Addr::LOCALHOST, args.port)), port)
        .await?;
    // Behind `#`, the token stays in the browser: it is in no request and no server's log.
    let plain = format!("http://{}/", tunnel.local());
    let whole = format!("{plain}#token={}", token.expose());
    // The token is a secret: people get it on their screen, `--json` does not.
    context.printer.line(&json!({"url": plain}), || whole.clone())?;
    if !args.no_browser && std::io::stdout().is_terminal() {
        // Without a browser the address on the screen is enough.
        let _ = open::that_detached(&whole);
    }
    context.printer.note("Ctrl-C closes it.");
    Err(tunnel.broken().await)
}
