//! What verbs that let jobs run have in common: the platform, the run, and how it ended.

use super::format::{money, span};
use super::output::Tone;
use super::{Context, progress};
use crate::deploy::{CloudTokens, Outcome, Platform};
use crate::error::{Error, Kind, Result};
use crate::google::flow::qr;
use crate::jobs::drain;
use crate::model::{BotStatus, ProviderKind};
use crate::secrets::keyring::SecretName;
use crate::store::{Store, Worker};
use std::io::IsTerminal;
use std::process::{Command, Stdio};

/// The platform that jobs run on. The token of the cloud that is needed is asked for where it
/// is missing, and kept: without it the server could not be destroyed later.
///
/// # Errors
/// `needs_user` if the token is missing and nobody can be asked.
pub(super) async fn platform(context: &Context, store: Store, needed: ProviderKind) -> Result<Platform> {
    if let Some(name) = super::context::secret_of(needed) {
        context.secret_to_keep(name).await?;
    }
    let find = |name| async move { Ok::<_, Error>(context.find_secret(name).await?.map(|found| found.value)) };
    Ok(Platform {
        store,
        http: context.http()?,
        endpoints: context.config.endpoints.clone(),
        tokens: CloudTokens {
            hetzner: find(SecretName::Hetzner).await?,
            digitalocean: find(SecretName::DigitalOcean).await?,
        },
    })
}

/// The platform for what only talks to a server that stands: no cloud's token is asked for.
///
/// # Errors
/// As [`Context::find_secret`].
pub(super) async fn standing(context: &Context, store: Store) -> Result<Platform> {
    platform(context, store, ProviderKind::Existing).await
}

/// Works the jobs of a deployment off, shows their story, and says how it ended.
///
/// # Errors
/// The failed job's.
pub(super) async fn run(context: &Context, platform: &Platform, deployment_id: &str) -> Result<Outcome> {
    let reporter = progress::reporter(&context.printer, context.lines);
    drain(platform, deployment_id, &Worker::this(), &*reporter).await
}

/// Starts a process that goes on with a bot's jobs, and leaves it to itself.
///
/// # Errors
/// `io` if it cannot be started.
pub(super) fn detach(context: &Context, bot: &str) -> Result<()> {
    use std::os::unix::process::CommandExt;
    let failed = |e: std::io::Error| Error::new(Kind::Io, "the background process could not be started").because(e);
    let mut command = Command::new(std::env::current_exe().map_err(failed)?);
    command.args(["resume", bot, "--no-input", "--quiet"]);
    if let Some(file) = &context.flags.config {
        command.arg("--config").arg(std::path::absolute(file).map_err(failed)?);
    }
    command.args(["--profile", &context.config.profile]);
    if context.config.sandbox {
        command.arg("--sandbox");
    }
    command
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C in this terminal is not meant for it.
        .process_group(0);
    command.spawn().map_err(failed)?;
    Ok(())
}

/// Shows how a deployment ended: as the last JSON line, or for people with link and QR code.
///
/// # Errors
/// `wrong_state` if the bot does not answer.
pub(super) fn show(context: &Context, outcome: Outcome) -> Result<()> {
    let outcome = if outcome.bot.status == BotStatus::Destroyed {
        outcome
    } else {
        outcome.active()?
    };
    context.printer.line(&outcome, || text(context, &outcome))
}

fn text(context: &Context, outcome: &Outcome) -> String {
    let printer = &context.printer;
    let name = super::format::safe(&outcome.bot.name);
    let took = span(outcome.total_ms);
    if outcome.bot.status == BotStatus::Destroyed {
        return format!("{name} is destroyed; nothing of it is left ({took})");
    }
    let f = &outcome.deployment.facts;
    let mut text = format!("{} answers, after {took}", printer.paint(Tone::Strong, &name));
    if let (Some(price), Some(currency)) = (f.price_month, &f.currency) {
        text.push_str(&format!(", for {} a month", money(price, currency)));
    }
    if let Some(link) = &outcome.link {
        text.push_str(&format!("\n{link}"));
        if std::io::stdout().is_terminal() {
            text.push('\n');
            text.push_str(&qr(link).unwrap_or_default());
        }
    }
    text
}
