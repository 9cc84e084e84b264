//! `clawdwako secrets set|list|unset`

use super::Context;
use super::context::blocking;
use super::output::Tone;
use super::table::{Table, plain, toned};
use crate::error::{Error, Kind, Result, usage};
use crate::secrets::Secret;
use crate::secrets::keyring::SecretName;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::Read;

/// The longest secret that standard input may bring.
const MAX: u64 = 64 << 10;

/// Arguments of `secrets`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  clawdwako secrets set hetzner
  clawdwako secrets list
  clawdwako secrets set hetzner --remote

Kept in the system's keyring, else in a sealed file. Environment variables such
as HETZNER_API_TOKEN beat what is kept; `clawdwako doctor` says where each came
from. With --remote the control server keeps them, sealed, for your bots there:
`set` sends what is known here, else asks for it.")]
pub struct SecretsArgs {
    /// What to do.
    #[command(subcommand)]
    command: SecretsCommand,
}

#[derive(Debug, Subcommand)]
enum SecretsCommand {
    /// Keep a token or key: asked for without showing it, or read from standard input
    #[command(after_help = "Examples:
  clawdwako secrets set hetzner
  pass show anthropic | clawdwako secrets set anthropic --stdin")]
    Set {
        #[command(flatten)]
        name: Name,
        /// Read the value from standard input
        #[arg(long)]
        stdin: bool,
        /// Takes a value that was given where none belongs, so that no error repeats it.
        #[arg(hide = true, allow_hyphen_values = true)]
        value: Vec<std::ffi::OsString>,
    },
    /// List what is known and where it comes from; values are never shown
    #[command(after_help = "Examples:\n  clawdwako secrets list\n  clawdwako secrets list --json")]
    List,
    /// Forget a token or key
    #[command(after_help = "Example:\n  clawdwako secrets unset openai")]
    Unset {
        #[command(flatten)]
        name: Name,
    },
}

#[derive(Debug, Args)]
struct Name {
    /// Which one
    #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(SecretName::ALL.iter().map(|n| n.as_str())))]
    name: String,
}

impl Name {
    fn parse(&self) -> Result<SecretName> {
        self.name.parse()
    }
}

pub(super) async fn run(args: SecretsArgs, context: &mut Context) -> Result<()> {
    match args.command {
        SecretsCommand::Set { value, .. } if !value.is_empty() => Err(usage(
            "a secret does not belong on the command line, where others can read it",
        )
        .hint("leave the value out to be asked for it, or pipe it in with --stdin")),
        SecretsCommand::Set { name, stdin, .. } => set(name.parse()?, stdin, context).await,
        SecretsCommand::List => list(context).await,
        SecretsCommand::Unset { name } => unset(name.parse()?, context).await,
    }
}

async fn set(name: SecretName, stdin: bool, context: &Context) -> Result<()> {
    // What is known here already is what the control server is to have, too.
    let known = match context.config.remote.wanted && !stdin {
        true => context.find_secret(name).await?,
        false => None,
    };
    let secret = match known {
        _ if stdin => blocking(read_stdin).await?,
        Some(known) => known.value,
        None => {
            let how = "it on standard input, with --stdin";
            context.prompt.secret(name.title(), how).await?
        }
    };
    if secret.is_empty() {
        return Err(usage(format!("the {} is empty", name.title())));
    }
    if name == SecretName::Telegram {
        crate::telegram::parse_token(&secret)?;
    } else if secret.expose().chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(usage(format!(
            "the {} holds spaces or line breaks, which no such value has",
            name.title()
        ))
        .hint("copy it again"));
    }
    if context.config.remote.wanted {
        let client = context.client().await?;
        client.keep_secret(name, &secret).await?;
        let document = json!({"secret": name.as_str(), "kept_in": client.server()});
        return context
            .printer
            .result(&document, || format!("{} kept by {}", name.title(), client.server()));
    }
    let keyring = context.keyring();
    let place = blocking(move || keyring.set(name, &secret)).await?;
    let document = json!({"secret": name.as_str(), "kept_in": place});
    context
        .printer
        .result(&document, || format!("{} kept in the {place}", name.title()))?;
    if let Some(variable) = name.variable()
        && context.config.secrets.contains_key(&name)
    {
        context.printer.warn(&format!(
            "{variable} or the config file gives one too, and beats the one that is kept"
        ));
    }
    Ok(())
}

async fn list(context: &Context) -> Result<()> {
    let rows = match context.config.remote.wanted {
        true => kept_there(context).await?,
        false => kept_here(context).await?,
    };
    let document: Vec<_> = rows
        .iter()
        .map(|(name, source)| json!({"name": name.as_str(), "set": source.is_some(), "source": source}))
        .collect();
    context.printer.result(&json!({"secrets": document}), || {
        let mut table = Table::new(&context.printer, &["name", "what", "from"]);
        for (name, source) in &rows {
            let from = match source {
                Some(source) => toned(source, Tone::Good),
                None => toned("not set", Tone::Dim),
            };
            table.row(vec![plain(name.as_str()), plain(name.title()), from]);
        }
        table.render("The control server keeps no secrets of yours.")
    })
}

/// Every secret, and where it comes from.
async fn kept_here(context: &Context) -> Result<Vec<(SecretName, Option<String>)>> {
    let keyring = context.keyring();
    let kept = blocking(move || keyring.list()).await?;
    let source = |name: SecretName| {
        let kept = kept.iter().find(|(n, _)| *n == name).map(|(_, s)| s);
        let given = context.config.secrets.get(&name).map(|s| &s.source);
        given.or(kept).map(ToString::to_string)
    };
    Ok(SecretName::ALL.iter().map(|&name| (name, source(name))).collect())
}

/// The secrets that the control server keeps for the user.
async fn kept_there(context: &Context) -> Result<Vec<(SecretName, Option<String>)>> {
    let client = context.client().await?;
    let kept = client.secrets().await?;
    let source = Some(client.server().to_string());
    // A newer server may keep some that this version has no name for.
    let known = kept.iter().filter_map(|s| s.name.parse().ok());
    Ok(known.map(|name| (name, source.clone())).collect())
}

async fn unset(name: SecretName, context: &Context) -> Result<()> {
    if context.config.remote.wanted {
        context.client().await?.forget_secret(name).await?;
        return forgotten(name, context);
    }
    let keyring = context.keyring();
    if !blocking(move || keyring.delete(name)).await? {
        return Err(Error::new(Kind::NotFound, format!("no {} is kept", name.title()))
            .hint("`clawdwako secrets list` shows where each comes from"));
    }
    forgotten(name, context)
}

fn forgotten(name: SecretName, context: &Context) -> Result<()> {
    context
        .printer
        .result(&json!({"secret": name.as_str(), "kept_in": null}), || {
            format!("{} forgotten", name.title())
        })
}

fn read_stdin() -> Result<Secret> {
    let mut text = zeroize::Zeroizing::new(String::new());
    std::io::stdin()
        .take(MAX)
        .read_to_string(&mut text)
        .map_err(|e| Error::new(Kind::Io, "standard input cannot be read").because(e))?;
    Ok(Secret::new(text.trim()))
}
