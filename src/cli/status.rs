//! `clawdwako status`

use super::format::{ago, memory, moment, safe, span};
use super::keeper::{Keeper, Progress};
use super::list::{price, tone};
use super::output::{Printer, Tone};
use super::table::{Table, details, plain};
use super::{Context, work};
use crate::api::types::{HealthView, PackagesView};
use crate::deploy::care;
use crate::error::Result;
use crate::model::{Audience, BotStatus, DeploymentStatus, StepStatus, Summary, now};
use serde_json::{Value, json};
use std::time::Duration;

/// How often `--watch` looks.
const PAUSE: Duration = Duration::from_secs(1);
/// The same at a control server, which counts requests.
const REMOTE_PAUSE: Duration = Duration::from_secs(3);

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako status demo
  clawdwako status demo --watch
  clawdwako status demo --packages    all that npm installed with the agent
  clawdwako status --json       one document; with --watch one a line")]
pub struct StatusArgs {
    /// The bot; may be left out if there is only one
    name: Option<String>,
    /// Look again until its work is over
    #[arg(long, short)]
    watch: bool,
    /// Do not ask the agent itself; only what the store knows
    #[arg(long, conflicts_with = "watch")]
    quick: bool,
    /// List what npm installed with the agent: name, version and the registry's hash
    #[arg(long, conflicts_with_all = ["watch", "quick"])]
    packages: bool,
}

struct Seen {
    now: Progress,
    /// What the agent itself says, if it was asked.
    health: Option<HealthView>,
}

/// What the agent says of itself; its server is asked from where the bot is kept.
async fn health(context: &Context, keeper: &Keeper, now: &Progress) -> Result<Option<HealthView>> {
    match keeper {
        Keeper::Here(store) => {
            let platform = work::standing(context, store.clone()).await?;
            let looked = care::look(&platform, &now.bot, &now.deployment).await;
            Ok(Some(HealthView::of(looked)))
        }
        Keeper::There(client) => Ok(client.look(&now.bot.id).await?.health),
    }
}

pub(super) async fn run(args: StatusArgs, context: &Context) -> Result<()> {
    let keeper = Keeper::of(context).await?;
    let (bot, deployment) = keeper.bot(context, args.name.as_deref()).await?;
    if args.packages {
        let packages = keeper.packages(&deployment).await?;
        return context
            .printer
            .result(&packages, || listed(&packages, &context.printer));
    }
    let mut seen = Seen {
        now: keeper.progress(&bot, &deployment).await?,
        health: None,
    };
    if !args.watch {
        if !args.quick && seen.now.bot.status == BotStatus::Active {
            seen.health = health(context, &keeper, &seen.now).await?;
        }
        let document = seen.document();
        return context.printer.result(&document, || seen.text(&context.printer));
    }
    let pause = match keeper {
        Keeper::Here(_) => PAUSE,
        Keeper::There(_) => REMOTE_PAUSE,
    };
    let mut last = Value::Null;
    loop {
        let document = seen.document();
        if document != last {
            context.printer.line(&document, || seen.text(&context.printer))?;
            last = document;
        }
        if !busy(seen.now.deployment.status) {
            return Ok(());
        }
        tokio::time::sleep(pause).await;
        seen.now = keeper.progress(&bot, &deployment).await?;
    }
}

fn listed(list: &PackagesView, printer: &Printer) -> String {
    let mut table = Table::new(printer, &["name", "version", "integrity"]).whole(&[0, 1]);
    for p in &list.packages {
        let integrity = p.integrity.as_deref().unwrap_or("-");
        table.row(vec![plain(&p.name), plain(&p.version), plain(integrity)]);
    }
    let sum = format!("{} packages, SHA-256 of the list {}", list.count, list.sha256);
    format!("{}\n\n{sum}\n", table.render("no packages").trim_end())
}

/// Whether work is going on, or waits to be.
pub(super) fn busy(status: DeploymentStatus) -> bool {
    use DeploymentStatus::{Deploying, Destroying, Pending};
    matches!(status, Pending | Deploying | Destroying)
}

impl Seen {
    /// The agent's version, as it says itself, else as it was installed.
    fn version(&self) -> Option<String> {
        let told = self.health.as_ref().and_then(|h| h.version.clone());
        told.or_else(|| self.now.deployment.facts.agent.version.clone())
    }

    /// The agent's process now, else the one that was proved to answer.
    fn pid(&self) -> Option<u32> {
        let told = self.health.as_ref().and_then(|h| h.pid);
        // A stopped agent has none, whatever number it had.
        told.or(self
            .now
            .deployment
            .facts
            .agent
            .pid
            .filter(|_| self.now.bot.status != BotStatus::Stopped))
    }

    /// What does not shut the agent in as it should, if anything does not.
    fn cage(&self) -> Option<String> {
        let cage = self.health.as_ref()?.cage.as_ref().filter(|cage| !cage.safe)?;
        let mend = format!(": `clawdwako restart {}` puts it right", self.now.bot.name);
        let mend = if cage.restart_mends { mend.as_str() } else { "" };
        Some(format!("not fully: {}{mend}", cage.text))
    }

    fn document(&self) -> Value {
        json!({
            "bot": Summary::of(&self.now.bot, &self.now.deployment),
            "agent": {"version": self.version(), "pid": self.pid(), "facts": self.now.deployment.facts.agent},
            "answered_at": self.now.deployment.facts.answered_at,
            "health": self.health,
            "jobs": self.now.jobs,
            "steps": self.now.steps,
        })
    }

    fn text(&self, printer: &Printer) -> String {
        let (b, d, f) = (&self.now.bot, &self.now.deployment, &self.now.deployment.facts);
        let size = f.size.as_ref().map(|size| match f.memory_mb {
            Some(mb) => format!("{size}, {}", memory(mb)),
            None => size.clone(),
        });
        let owner = match b.audience {
            Audience::Owner(id) => id.to_string(),
            Audience::Everyone => "open to everyone".to_owned(),
        };
        let mut text = format!(
            "{}  {}\n",
            printer.paint(Tone::Strong, &safe(&b.name)),
            printer.paint(tone(b.status), b.status.as_str())
        );
        text.push_str(&details(&[
            ("link", b.link()),
            ("model", Some(b.model.clone())),
            ("owner", Some(owner)),
            ("provider", Some(d.provider.to_string())),
            ("region", f.region.clone()),
            ("size", size),
            ("address", f.ipv4.clone().or(f.ipv6.clone())),
            ("a month", price(d)),
            ("agent", self.health.as_ref().map(|h| h.text.clone())),
            ("shut in", self.cage()),
            ("version", self.version()),
            ("process", self.pid().map(|p| p.to_string())),
            (
                "answered",
                f.answered_at.map(|at| format!("{} ({})", moment(at), ago(at, now()))),
            ),
            ("made", Some(moment(b.created_at))),
            ("why", b.failure.clone()),
        ]));
        if d.status != DeploymentStatus::Active && !self.now.steps.is_empty() {
            text.push_str("\nsteps\n");
            for step in &self.now.steps {
                let mark = match step.status {
                    StepStatus::Done => printer.paint(Tone::Good, "✓"),
                    StepStatus::Failed => printer.paint(Tone::Bad, "✗"),
                    StepStatus::Running => printer.paint(Tone::Warn, "…"),
                };
                let took = step.duration_ms.map(|ms| format!("  {}", span(ms))).unwrap_or_default();
                text.push_str(&format!("{mark} {}{took}\n", safe(&step.name.replace('_', " "))));
            }
        }
        text
    }
}
