//! Whether each bot's token works, nothing else takes its messages, and its server and agent
//! are well.

use super::{Context, Finding};
use crate::cli::work;
use crate::deploy::{Platform, care, secret_names};
use crate::error::Result;
use crate::model::{Bot, BotStatus, Deployment, LOCAL_USER};
use crate::openclaw::cage::Cage;
use crate::openclaw::health::{HealthReport, Verdict, judge};
use crate::store::{BotFilter, Owner};
use crate::telegram::Telegram;
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};

/// How many servers are looked at side by side.
const AT_ONCE: usize = 8;

pub(super) async fn check(context: &Context) -> Vec<Finding> {
    match find(context).await {
        Ok((platform, bots)) => {
            let looks = bots.iter().map(|(bot, deployment)| look(&platform, bot, deployment));
            let found: Vec<Vec<Finding>> = stream::iter(looks).buffered(AT_ONCE).collect().await;
            found.into_iter().flatten().collect()
        }
        Err(e) => vec![Finding::of_error("bots", "the bots cannot be looked at", &e)],
    }
}

async fn find(context: &Context) -> Result<(Platform, Vec<(Bot, Deployment)>)> {
    let store = context.store().await?;
    let bots = store.bots(LOCAL_USER, BotFilter::default()).await?;
    Ok((work::standing(context, store).await?, bots))
}

async fn look(platform: &Platform, bot: &Bot, deployment: &Deployment) -> Vec<Finding> {
    let (telegram, mut found) = tokio::join!(telegram(platform, bot), server(platform, bot, deployment));
    found.insert(0, telegram);
    found
}

async fn telegram(platform: &Platform, bot: &Bot) -> Finding {
    let asked = async {
        let owner = Owner::Bot(bot.id.clone());
        let token = platform.store.secret(&owner, secret_names::TELEGRAM).await?;
        let telegram = Telegram::new(platform.endpoints.telegram.clone(), &token)?;
        let me = telegram.get_me().await?;
        Ok((me, telegram.webhook().await?))
    };
    match asked.await {
        Ok((me, webhook)) if webhook.url.is_some() => Finding::bad(
            "telegram",
            format!(
                "{}: a webhook is set for @{}, so that the agent gets no messages",
                bot.name, me.username
            ),
            format!("stop what set it, then `clawdwako restart {}`", bot.name),
        ),
        Ok((me, _)) => Finding::ok("telegram", format!("{}: the token of @{} works", bot.name, me.username)),
        Err(e) => Finding::of_error("telegram", &bot.name, &e),
    }
}

async fn server(platform: &Platform, bot: &Bot, deployment: &Deployment) -> Vec<Finding> {
    let name = &bot.name;
    if !matches!(bot.status, BotStatus::Active | BotStatus::Stopped) {
        let next = format!("`clawdwako status {name}` tells more; `clawdwako resume {name}` goes on");
        return vec![Finding::warn("agent", format!("{name} is {}", bot.status), next)];
    }
    let looked = care::health(platform, bot, deployment).await;
    let shut_in = looked
        .as_ref()
        .ok()
        .and_then(|report| cage(name, report.cage.as_ref()?));
    let agent = match bot.status {
        BotStatus::Stopped => Finding::ok("agent", format!("{name} is stopped; its server still costs")),
        _ => agent(name, looked),
    };
    [agent].into_iter().chain(shut_in).collect()
}

/// What does not shut the agent in as it should.
fn cage(name: &str, cage: &Cage) -> Option<Finding> {
    let what = || format!("{name}: the agent is not shut in as it should be: {}", cage.text());
    if cage.mends() {
        return Some(Finding::bad("agent", what(), format!("`clawdwako restart {name}`")));
    }
    let next = "the firewall's rules still keep it from the cloud's metadata; for both, use a server with control groups of version 2 and BPF";
    (!cage.is_safe()).then(|| Finding::warn("server", what(), next))
}

fn agent(name: &str, looked: Result<HealthReport>) -> Finding {
    match looked {
        Ok(report) => match judge(&report) {
            Verdict::Well => Finding::ok("agent", format!("{name}: the agent runs, and Telegram is connected")),
            Verdict::Starting(what) => Finding::warn(
                "agent",
                format!("{name}: the agent is starting: {what}"),
                "look again in a minute",
            ),
            Verdict::Stopped => Finding::bad(
                "agent",
                format!("{name}: the agent does not run"),
                format!("`clawdwako start {name}`"),
            ),
            Verdict::Bad(trouble) => Finding::of_error("agent", name, &trouble.into()),
        },
        Err(e) => Finding::of_error("server", name, &e),
    }
}

/// The model keys that are known, each tried by a tiny inference.
pub(super) async fn models(context: &Context) -> Vec<Finding> {
    use crate::openclaw::catalog::{ModelProvider, SHORT_NAMES, parse_model};
    let tries = ModelProvider::ALL.iter().map(|&provider| async move {
        let name = provider.as_str().parse().ok()?;
        // What is wrong with a credential's file was told by the local checks.
        let key = context.find_secret(name).await.ok()??;
        // The smallest model that the table has for the provider costs the least.
        let (short, ..) = SHORT_NAMES.iter().rev().find(|(_, p, _)| *p == provider)?;
        let proof = async {
            let model = parse_model(short)?;
            crate::models::prove(&context.http()?, &context.config.endpoints, &model, &key.value).await
        };
        let what = format!("{} (key from {})", provider.title(), key.source);
        Some(match proof.await {
            Ok(()) => Finding::ok("models", format!("{what}: {short} answers")),
            Err(e) => Finding::of_error("models", &what, &e),
        })
    });
    join_all(tries).await.into_iter().flatten().collect()
}
