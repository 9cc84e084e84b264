//! `clawdwako deploy`: from flags, settings and answers to an order.

mod host;
mod order;
mod owner;

pub(super) use order::{known_model_key, model_key};

use super::format::money;
use super::keeper::Keeper;
use super::output::Tone;
use super::table::details;
use super::{Context, remote, work};
use crate::api::client::Client;
use crate::api::types::DeployRequest;
use crate::deploy::{self, NewBot, Plan};
use crate::error::{Kind, Result, usage};
use crate::model::{Bot, BotStatus, Deployment, ProviderKind, Summary};
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `deploy`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako deploy demo --model claude-opus
  clawdwako deploy demo --model gpt-5 --provider hetzner --dry-run
  clawdwako deploy demo --model gemini --host root@203.0.113.7 --ssh-key key
  clawdwako deploy demo --model gpt-5 --token-file - --owner 1234 --yes < t
  clawdwako deploy demo --sandbox --model claude-opus --yes

What is missing is asked for on a terminal. The same name again goes on where
it stopped. Tokens and keys come from prompts, `clawdwako secrets set`, files
or the environment, never from flags.")]
pub struct DeployArgs {
    /// Your name for the bot: lower-case letters, digits and -
    #[arg(value_parser = name)]
    pub name: Option<String>,
    /// claude-opus, claude-sonnet, claude-haiku, gpt-5, gemini, gemini-flash or PROVIDER/MODEL
    #[arg(long)]
    pub model: Option<String>,
    /// Telegram id of the one person that the bot answers
    #[arg(long, value_name = "TELEGRAM_ID", value_parser = clap::value_parser!(i64).range(1..))]
    pub owner: Option<i64>,
    /// Let the bot answer everybody, at your cost
    #[arg(long, conflicts_with = "owner")]
    pub open_to_everyone: bool,
    /// File with the bot's Telegram token; - is standard input
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub token_file: Option<PathBuf>,
    /// Where the server comes from: hetzner, digitalocean or existing
    #[arg(long, value_enum, help_heading = "Server", hide_possible_values = true)]
    pub provider: Option<Place>,
    /// The provider's name of a region (`clawdwako regions`)
    #[arg(long, help_heading = "Server")]
    pub region: Option<String>,
    /// The provider's name of a server type (`clawdwako sizes`); the cheapest that fits, if left out
    #[arg(long, help_heading = "Server")]
    pub size: Option<String>,
    /// What the server runs: debian-12, ubuntu-24.04, ubuntu-22.04, or an image's id
    #[arg(long, help_heading = "Server")]
    pub image: Option<String>,
    /// A server that you have: root, or a user who may sudo without a password
    #[arg(long, value_name = "USER@IP[:PORT]", help_heading = "Server")]
    pub host: Option<String>,
    /// Private key for --host
    #[arg(long, value_name = "FILE", requires = "host", help_heading = "Server", value_hint = clap::ValueHint::FilePath)]
    pub ssh_key: Option<PathBuf>,
    /// Host key of --host, as `ssh-ed25519 AAAA…`; else your known_hosts is asked
    #[arg(long, value_name = "KEY", requires = "host", help_heading = "Server")]
    pub host_key: Option<String>,
    /// The agent's version; the one that clawdwako was tested with, if left out
    #[arg(long, value_name = "VERSION")]
    pub agent_version: Option<String>,
    /// Show the steps, what will be made and its price; make nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Return at once; `clawdwako status --watch` shows how it goes
    #[arg(long, conflicts_with = "dry_run")]
    pub detach: bool,
}

/// Where servers come from, on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Place {
    /// Hetzner Cloud
    Hetzner,
    /// DigitalOcean
    #[value(name = "digitalocean")]
    DigitalOcean,
    /// A server that you have (--host)
    Existing,
}

impl From<Place> for ProviderKind {
    fn from(place: Place) -> ProviderKind {
        match place {
            Place::Hetzner => ProviderKind::Hetzner,
            Place::DigitalOcean => ProviderKind::DigitalOcean,
            Place::Existing => ProviderKind::Existing,
        }
    }
}

fn name(text: &str) -> Result<String> {
    // clap shows the message alone: the rule has to be in it.
    deploy::check_name(text).map_err(|e| usage(format!("{}: {}", e.message(), e.next_step().unwrap_or_default())))?;
    Ok(text.to_owned())
}

pub(super) async fn run(args: DeployArgs, context: &Context) -> Result<()> {
    if context.config.remote.wanted {
        order::demand_remote(&args, context)?;
    }
    let (dry_run, detach) = (args.dry_run, args.detach);
    let name = order::name(&args, context).await?;
    let keeper = Keeper::of(context).await?;
    let found = keeper.find(&name).await?;
    // The same name again: go on where it stopped, or say what is there.
    if let Some((bot, deployment)) = &found
        && (dry_run || matches!(bot.status, BotStatus::Active | BotStatus::Stopped))
    {
        let summary = Summary::of(bot, deployment);
        return context.printer.line(&json!({"exists": summary}), || {
            format!(
                "{name} is there already, and {}; `clawdwako status {name}` shows it, `clawdwako set` changes it",
                bot.status
            )
        });
    }
    let store = match keeper {
        Keeper::Here(store) => store,
        Keeper::There(client) => return there(args, name, found, context, &client).await,
    };
    if let Some((bot, deployment)) = found {
        deploy::demand_kept(&bot, &store.jobs(&deployment.id).await?)?;
        let platform = work::platform(context, store.clone(), deployment.provider).await?;
        if deploy::nothing_made(&platform, &deployment).await? {
            // It failed before it made anything: what is asked for now counts, not what was.
            deploy::forget(&platform, &bot, &deployment).await?;
        } else {
            deploy::begin_resume(&platform, &bot, &deployment).await?;
            return go(context, &platform, &name, &deployment.id, detach).await;
        }
    }
    let model = order::model(&args, context).await?;
    owner::can_be_known(&args, context)?;
    let provider = order::provider(&args, context).await?;
    let platform = work::platform(context, store, provider).await?;
    let order = order::gather(name.clone(), model, provider, &args, context, &platform.store).await?;
    if dry_run {
        let plan = deploy::plan(&platform, order.planned()).await?;
        return context
            .printer
            .line(&json!({"plan": plan}), || plan_text(&plan, context));
    }
    // Last, since it has the user leave the terminal for a moment.
    let audience = owner::find(&args, &order.token, context).await?;
    let (_, deployment) = deploy::create(&platform, order.answering(audience)).await?;
    go(context, &platform, &name, &deployment.id, detach).await
}

/// Has the control server deploy.
async fn there(
    args: DeployArgs,
    name: String,
    found: Option<(Bot, Deployment)>,
    context: &Context,
    client: &Client,
) -> Result<()> {
    let request = order::remote_request(&args, context);
    let detach = args.detach;
    let (bot, deployment) = match found {
        Some(found) => found,
        None => create(client, name, &args, context).await?,
    };
    let request = DeployRequest {
        bot_id: bot.id.clone(),
        ..request
    };
    let begin = || async { client.deploy(&request).await.map(drop) };
    if detach {
        begin().await?;
        return detached(context, &bot.name, &deployment.id);
    }
    work::show(context, remote::run(context, client, &bot, begin).await?)
}

/// Has the control server write the bot down. One that is there now, and was not before, is this
/// one: its server ended between writing it down and saying so.
async fn create(client: &Client, name: String, args: &DeployArgs, context: &Context) -> Result<(Bot, Deployment)> {
    let wanted = order::remote_bot(name.clone(), args, context).await?;
    match client.create_bot(&wanted).await {
        Ok(made) => Ok(made.records()),
        Err(e) if e.kind() == Kind::Exists => {
            let telegram_id = crate::telegram::parse_token(&wanted.token)?;
            let there = client.find_bot(&name).await?.filter(|b| b.telegram_id == telegram_id);
            there.map(|b| b.records()).ok_or(e)
        }
        Err(e) => Err(e),
    }
}

fn detached(context: &Context, name: &str, id: &str) -> Result<()> {
    context
        .printer
        .line(&json!({"detached": {"name": name, "deployment_id": id}}), || {
            format!("{name} goes on in the background; `clawdwako status {name} --watch` shows how")
        })
}

async fn go(context: &Context, platform: &deploy::Platform, name: &str, id: &str, detach: bool) -> Result<()> {
    if detach {
        work::detach(context, name)?;
        return detached(context, name, id);
    }
    let outcome = work::run(context, platform, id).await?;
    work::show(context, outcome)
}

fn plan_text(plan: &Plan, context: &Context) -> String {
    let mut text = details(&[
        ("bot", Some(format!("{} (@{})", plan.name, plan.username))),
        ("model", Some(plan.model.clone())),
        ("agent", Some(plan.agent_version.clone())),
        ("provider", Some(plan.provider.to_string())),
        (
            "a month",
            plan.offer
                .as_ref()
                .map(|o| format!("{} ({} in {})", money(o.price_month, &o.currency), o.size, o.region)),
        ),
    ]);
    if !plan.creates.is_empty() {
        text.push_str("\nmakes\n");
        for thing in &plan.creates {
            text.push_str(&format!("  {}\n", super::format::safe(thing)));
        }
    }
    text.push_str("\nsteps\n");
    for step in &plan.steps {
        text.push_str(&format!("  {}\n", step.title));
    }
    text.push_str(
        &context
            .printer
            .paint(Tone::Strong, "\nNothing was made, and nothing is paid for."),
    );
    text
}
