//! One bot through whatever a user does in any order, killed anywhere, with faults of the clouds
//! and models; after each act what must be true is looked at. A failure is shrunk to the
//! shortest list of acts, which reads like a script.

use super::verbs::Verb;
use super::world::{HAIKU, OPUS, World, count};
use crate::support::alone::alone;
use clawdwako::error::{Error, Kind};
use clawdwako::model::{BotStatus, DeploymentStatus, ProviderKind};
use clawdwako::provider::ResourceKind;
use clawdwako::sandbox::fault::{self, Rule};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::time::Duration;

/// How long an act may take. After each error of its servers Telegram's client waits ten seconds
/// by itself, and there can be eight: with the tries after them that is a minute and a half.
const LIMIT: Duration = Duration::from_secs(300);
/// The one bot.
const NAME: &str = "demo";

/// One act of the user, and what goes wrong in it.
#[derive(Debug, Clone)]
struct Act {
    verb: Verb,
    /// Killed at that pass; see `passes`.
    killed_at: Option<u32>,
    fault: Option<Rule>,
}

/// Where faults are, by patterns of the stand-ins' paths; `CLOUD` is the bot's cloud.
const PLACES: [&str; 6] = [
    "/CLOUD/*",
    "/CLOUD/*/servers*",
    "/CLOUD/*/droplets*",
    "/telegram/*",
    "/anthropic/*",
    "/*",
];

fn a_fault() -> impl Strategy<Value = Rule> {
    let kinds = prop::sample::select(vec![
        fault::Kind::Status(401),
        fault::Kind::Status(404),
        fault::Kind::Status(409),
        fault::Kind::Status(422),
        fault::Kind::Status(423),
        fault::Kind::Status(500),
        fault::Kind::Status(502),
        fault::Kind::LostReply,
        fault::Kind::HalfBody,
        fault::Kind::BadJson,
        fault::Kind::NoCredit,
        fault::Kind::Slow(30),
    ]);
    (prop::sample::select(PLACES.to_vec()), kinds, 1..9u32, any::<bool>()).prop_map(|(path, kind, times, posts)| Rule {
        path: path.into(),
        method: posts.then(|| "POST".into()),
        times,
        kind,
        code: None,
        message: None,
    })
}

fn an_act(verbs: &'static [Verb]) -> impl Strategy<Value = Act> {
    let verb = prop::sample::select(verbs);
    // A stop has two passes, a deployment some ninety: both must be met.
    let killed_at = prop_oneof![3 => Just(None), 1 => (1..9u32).prop_map(Some), 1 => (1..95u32).prop_map(Some)];
    let fault = prop::option::weighted(0.4, a_fault());
    (verb, killed_at, fault).prop_map(|(verb, killed_at, fault)| Act { verb, killed_at, fault })
}

#[test]
fn whatever_a_user_does_nothing_is_lost_doubled_or_left() {
    if !alone("lives::chance::whatever_a_user_does_nothing_is_lost_doubled_or_left") {
        return;
    }
    let whole = std::env::var("CLAWDWAKO_TESTS").is_ok_and(|v| v == "whole");
    let cases = if whole { 300 } else { 10 };
    let providers = prop::sample::select(vec![ProviderKind::Hetzner, ProviderKind::DigitalOcean]);
    // A deployment begins each life: before it there is nothing that could go wrong.
    let first = an_act(&[Verb::Deploy]);
    let lives = (providers, first, prop::collection::vec(an_act(&Verb::ALL), 0..6));
    let mut runner = TestRunner::new(Config {
        cases,
        max_shrink_iters: 60,
        max_shrink_time: 120_000,
        failure_persistence: None,
        ..Config::default()
    });
    let began = std::time::Instant::now();
    let outcome = runner.run(&lives, |(provider, first, mut acts)| {
        acts.insert(0, first);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let ended = runtime.block_on(live(provider, &acts));
        runtime.shutdown_timeout(Duration::from_secs(1));
        ended.map_err(|why| {
            eprintln!("{provider}, {acts:?}: {why}");
            TestCaseError::fail(why)
        })
    });
    if let Err(e) = outcome {
        panic!("{e}");
    }
    println!("FIGURE {cases} lives in {:?}", began.elapsed());
}

/// Lives one life; answers what was not as it must be.
async fn live(provider: ProviderKind, acts: &[Act]) -> Result<(), String> {
    let world = World::start(|_| None).await;
    for (n, act) in acts.iter().enumerate() {
        perform(&world, provider, act)
            .await
            .map_err(|e| format!("after act {}: {e}", n + 1))?;
    }
    // Whatever happened, the same command again brings it to its end.
    let end = async {
        for verb in [Verb::Destroy, Verb::Deploy, Verb::Destroy] {
            let act = Act {
                verb,
                killed_at: None,
                fault: None,
            };
            perform(&world, provider, &act).await?;
        }
        Ok(())
    };
    end.await.map_err(|e: String| format!("at the end: {e}"))
}

async fn perform(world: &World, provider: ProviderKind, act: &Act) -> Result<(), String> {
    let before = world.bot(NAME).await.map(|(bot, _)| bot.status);
    if let Some(rule) = &act.fault {
        let path = rule.path.replace("CLOUD", provider.as_str());
        world.stand_ins.world.faults.add(Rule { path, ..rule.clone() });
    }
    world.passes.begin(act.killed_at.unwrap_or(0));
    let process = world.process();
    // What a command does is too much for the stack of a test's thread to be handed on by value.
    let run = Box::pin(tokio::time::timeout(LIMIT, act.verb.run(&process, NAME, provider)));
    let ended = world.passes.unless_killed(run).await.transpose();
    let ended = ended.map_err(|_| format!("{:?} did not end within {LIMIT:?}", act.verb))?;
    process.end().await;
    world.passes.begin(0);
    world.stand_ins.world.faults.clear();
    let clean = act.fault.is_none();
    match ended {
        Some(Err(e)) => named(&e, clean && before != Some(BotStatus::Failed))?,
        Some(Ok(())) => reached(world, act.verb, before).await?,
        None => {}
    }
    holds(world).await
}

/// An error has a name, and a next step where somebody can take one.
fn named(e: &Error, clean: bool) -> Result<(), String> {
    let told = format!("{}: {} ({:?})", e.kind().code(), e.message(), e.next_step());
    if e.kind() == Kind::Internal || e.next_step().is_none_or(str::is_empty) {
        return Err(format!("an error that helps nobody: {told}"));
    }
    // Without a fault only what makes no sense now may be refused.
    if clean && e.kind() != Kind::State {
        return Err(format!("nothing was wrong, and yet: {told}"));
    }
    Ok(())
}

/// What a verb that ended well must have reached.
async fn reached(world: &World, verb: Verb, before: Option<BotStatus>) -> Result<(), String> {
    let now = world.bot(NAME).await.map(|(bot, _)| (bot.status, bot.model));
    let status = now.as_ref().map(|(status, _)| *status);
    let model = now.as_ref().map(|(_, model)| model.as_str());
    let fine = match verb {
        Verb::Destroy => status.is_none(),
        Verb::Deploy if before == Some(BotStatus::Stopped) => status == before,
        Verb::Deploy => status == Some(BotStatus::Active) || before == Some(BotStatus::Deploying),
        _ if before.is_none() => status.is_none(),
        Verb::Stop => status == Some(BotStatus::Stopped),
        Verb::Start => status == Some(BotStatus::Active),
        Verb::Opus => (status, model) == (Some(BotStatus::Active), Some(OPUS)),
        Verb::Haiku => (status, model) == (Some(BotStatus::Active), Some(HAIKU)),
        Verb::Resume => status == Some(BotStatus::Active) || status.is_none(),
    };
    match fine {
        true => Ok(()),
        false => Err(format!("{verb:?} ended well, from {before:?} to {now:?}")),
    }
}

/// What is always true between two processes.
async fn holds(world: &World) -> Result<(), String> {
    let all = world.resources().await;
    for kind in [ResourceKind::Server, ResourceKind::SshKey, ResourceKind::Firewall] {
        if count(&all, kind) > 1 {
            return Err(format!("doubled: {all:?}"));
        }
    }
    let running: Vec<_> = world.fleet.servers().iter().flat_map(|s| s.running()).collect();
    if running.len() > 1 {
        return Err(format!("two agents run: {running:?}"));
    }
    let Some((bot, deployment)) = world.bot(NAME).await else {
        return match all.is_empty() {
            true => Ok(()),
            false => Err(format!("left over, and nobody knows of it: {all:?}")),
        };
    };
    let model = running.first().map(|(_, model)| model.as_str());
    let fine = match bot.status {
        BotStatus::Active => {
            deployment.status == DeploymentStatus::Active
                && count(&all, ResourceKind::Server) == 1
                && model == Some(bot.model.as_str())
        }
        BotStatus::Stopped => deployment.status == DeploymentStatus::Stopped && running.is_empty(),
        _ => deployment.status != DeploymentStatus::Destroyed,
    };
    match fine {
        true => Ok(()),
        false => Err(format!(
            "the store says {} and {}, the cloud has {all:?}, and {running:?} runs",
            bot.status, deployment.status
        )),
    }
}
