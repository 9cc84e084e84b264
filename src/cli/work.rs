//! What verbs that let jobs run have in common: the platform, the run, and how it ended.

use super::format::{money, span};
use super::output::Tone;
use super::{Context, progress};
use crate::deploy::{CloudTokens, Outcome, Platform};
use crate::error::{Error, Kind, Result};
use crate::jobs::{Worker, drain};
use crate::model::{Bot, BotStatus, Deployment, ProviderKind};
use crate::secrets::keyring::SecretName;
use crate::ssh::Session;
use crate::store::{Owner, Store};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use std::io::IsTerminal;
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long an SSH connection to a server that stands may take.
const CONNECT: Duration = Duration::from_secs(30);

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

/// Works the jobs of a deployment off, shows their story, and says how it ended.
///
/// # Errors
/// The failed job's.
pub(super) async fn run(context: &Context, platform: &Platform, deployment_id: &str) -> Result<Outcome> {
    let reporter = progress::reporter(&context.printer);
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
            text.push_str(&qr(link));
        }
    }
    text
}

/// A link as a QR code of half blocks, with a line end in front; nothing if it is too long.
pub(super) fn qr(link: &str) -> String {
    match QrCode::new(link) {
        Ok(code) => format!("\n{}", code.render::<Dense1x2>().build()),
        Err(_) => String::new(),
    }
}

/// Opens an SSH session to a bot's server, with the pinned host key.
///
/// # Errors
/// `wrong_state` if the server is not made yet; what [`Session::connect`] answers.
pub(super) async fn session(store: &Store, bot: &Bot, deployment: &Deployment) -> Result<Session> {
    let f = &deployment.facts;
    let (Some(target), Some(pin)) = (&f.ssh, &f.host_key) else {
        return Err(not_ready(bot));
    };
    let key = store
        .secret(&Owner::Bot(bot.id.clone()), crate::deploy::secret_names::SSH_KEY)
        .await?;
    // While a host key is being replaced, the server may show the old one or the next.
    let pins = match &f.next_host_key {
        Some(next) => format!("{pin}\n{next}"),
        None => pin.clone(),
    };
    Session::connect(target, &key, &pins, CONNECT).await
}

/// The system user that a bot's agent runs as.
///
/// # Errors
/// `wrong_state` if it is not made yet.
pub(super) fn agent_user<'a>(bot: &Bot, deployment: &'a Deployment) -> Result<&'a str> {
    deployment.facts.agent.user.as_deref().ok_or_else(|| not_ready(bot))
}

fn not_ready(bot: &Bot) -> Error {
    Error::new(
        Kind::State,
        format!(
            "the server of {:?} is not ready yet: the bot is {}",
            bot.name, bot.status
        ),
    )
    .hint(format!(
        "`clawdwako status {}` shows how far it is; `clawdwako resume` goes on",
        bot.name
    ))
}
