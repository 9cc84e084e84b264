//! The way into the sandbox: `clawdwako sandbox …`, and `--sandbox` on any other command.

use super::Context;
use super::format::{memory, safe, span};
use super::sandbox::{Command, export_lines, run as act};
use super::table::{Table, plain};
use crate::error::{Error, Kind, Result};
use crate::sandbox::client::{self, Running};
use crate::secrets::Secret;
use reqwest::Method;
use serde_json::{Value, json};

/// Arguments of `sandbox`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako sandbox up --yes
  clawdwako deploy demo --sandbox --model claude-opus --yes
  clawdwako sandbox chat demo \"hello\"
  clawdwako sandbox down

Needs Linux, root and a few packages; says what is missing, and installs it
with --yes.")]
pub struct SandboxArgs {
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

impl SandboxArgs {
    /// Whether this is the sandbox's own process.
    pub(super) fn is_server(&self) -> bool {
        matches!(self.command, Command::Serve(_))
    }
}

pub(super) async fn run(args: SandboxArgs, context: &mut Context) -> Result<()> {
    super::crypto();
    let mut command = args.command;
    if let Command::Chat { name, .. } = &mut command {
        *name = username(name, context).await?;
    }
    let (serving, shell) = (matches!(command, Command::Serve(_)), matches!(command, Command::Env));
    let chat = matches!(command, Command::Chat { .. });
    let bot = matches!(command, Command::Bot { .. });
    let printer = context.printer.clone();
    let (dir, cache) = (
        context.config.dirs.sandbox.clone(),
        context.config.dirs.cache.join("sandbox"),
    );
    let mut progress = |line: &str| printer.note(&safe(line));
    let value = act(command, &dir, &cache, context.yes, &mut progress).await?;
    if serving {
        return Ok(());
    }
    if let Some(username) = value["username"].as_str().filter(|_| bot) {
        context.printer.note(&format!("its token, as @{}:", safe(username)));
    }
    context.printer.result(&value, || match &value {
        _ if shell => export_lines(&value),
        _ if chat => reply(&value),
        // Alone, so that it can be put into a file as it is.
        _ if bot => format!("{}\n", safe(value["token"].as_str().unwrap_or_default())),
        Value::Object(map) if map.contains_key("running") => status(&value, context),
        other => lines(other),
    })
}

/// Takes the sandbox's addresses and credentials over; starts it if it is not up.
///
/// # Errors
/// As [`client::up`].
pub(super) async fn enter(context: &mut Context) -> Result<()> {
    let running = up(context).await?;
    context.enter_sandbox(&running.variables()?)
}

async fn up(context: &Context) -> Result<Running> {
    super::crypto();
    let dirs = &context.config.dirs;
    let printer = context.printer.clone();
    let mut progress = |line: &str| printer.note(&safe(line));
    client::up(&dirs.sandbox, &dirs.cache.join("sandbox"), context.yes, &mut progress).await
}

/// Has the sandbox's BotFather make a bot; answers its token.
///
/// # Errors
/// As [`client::up`]; `upstream` if there is no token in the answer.
pub(super) async fn new_bot(name: &str, context: &Context) -> Result<Secret> {
    let made = up(context)
        .await?
        .control(Method::POST, "telegram/bots", Some(json!({"name": name})))
        .await?;
    match made["token"].as_str() {
        Some(token) => Ok(Secret::new(token)),
        None => Err(Error::new(Kind::Upstream, "the sandbox's BotFather gave no token")),
    }
}

/// The Telegram name of one of our bots; another name is taken as a Telegram name itself.
async fn username(name: &str, context: &Context) -> Result<String> {
    let mut flags = context.flags.clone();
    flags.sandbox = true;
    let config = crate::config::Config::load(&flags, None)?;
    let inside = context.with(config);
    if !inside.store_path().exists() {
        return Ok(name.to_owned());
    }
    let found = inside.store().await?.find_bot(crate::model::LOCAL_USER, name).await?;
    Ok(found
        .and_then(|(bot, _)| bot.username)
        .unwrap_or_else(|| name.to_owned()))
}

/// What a bot said, for people.
fn reply(value: &Value) -> String {
    let text = value["reply"].as_str().unwrap_or_default();
    text.lines().map(|l| format!("{}\n", safe(l))).collect()
}

fn status(value: &Value, context: &Context) -> String {
    if value["running"] != true {
        return "The sandbox does not run: `clawdwako sandbox up` starts it.".to_owned();
    }
    let status = &value["status"];
    let up = status["uptime_s"].as_i64().unwrap_or_default();
    let mut text = format!(
        "The sandbox runs (process {}), for {}.\n",
        status["pid"],
        span(up * 1000)
    );
    let mut table = Table::new(&context.printer, &["id", "name", "address", "memory"]);
    for server in status["servers"].as_array().into_iter().flatten() {
        let word = |key: &str| server[key].as_str().unwrap_or_default().to_owned();
        let mib = server["memory_mb"].as_i64().map(memory).unwrap_or_default();
        table.row(vec![
            plain(word("id")),
            plain(word("hostname")),
            plain(word("ipv4")),
            plain(mib),
        ]);
    }
    text.push_str(&table.render("It has no servers."));
    text
}

/// Any other answer: one line a field.
fn lines(value: &Value) -> String {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| match value {
                Value::String(text) => format!("{key}  {}\n", safe(text)),
                other => format!("{key}  {other}\n"),
            })
            .collect(),
        Value::Null => "Done.".to_owned(),
        other => other.to_string(),
    }
}
