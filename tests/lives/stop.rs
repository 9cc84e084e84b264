//! A stop that is cut off: its record says nothing that the server does not.

use super::verbs::Verb;
use super::world::World;
use crate::support::alone::alone;
use clawdwako::deploy::{self, care};
use clawdwako::error::Kind;
use clawdwako::model::{BotStatus, DeploymentStatus, ProviderKind};

#[tokio::test]
async fn a_stop_that_is_cut_off_is_told_and_ends_when_it_is_given_again() {
    if !alone("lives::stop::a_stop_that_is_cut_off_is_told_and_ends_when_it_is_given_again") {
        return;
    }
    let world = World::start(|_| None).await;
    let process = world.process();
    let new = world.wanted("demo", ProviderKind::Hetzner).await;
    process.deploy(new).await.unwrap();
    let runs = || world.fleet.servers().iter().any(|s| !s.running().is_empty());
    // Before the script, and after it but before its end is told.
    for (killed_at, runs_then) in [(1, true), (2, false)] {
        let (bot, deployment) = world.bot("demo").await.unwrap();
        assert_eq!((bot.status, runs()), (BotStatus::Active, true));
        world.passes.begin(killed_at);
        let stop = care::stop(&world.platform, &bot, &deployment);
        let ended = world.passes.unless_killed(stop).await;
        assert!(ended.is_none(), "it was not cut off: {ended:?}");
        world.passes.begin(0);
        let (bot, deployment) = world.bot("demo").await.unwrap();
        assert_eq!(runs(), runs_then);
        assert_eq!(
            (bot.status, deployment.status),
            (BotStatus::Failed, DeploymentStatus::Failed)
        );
        let why = bot.failure.unwrap();
        assert!(
            why.contains("clawdwako stop demo") && why.contains("clawdwako start demo"),
            "{why}"
        );

        for verb in [Verb::Stop, Verb::Start] {
            verb.run(&process, "demo", ProviderKind::Hetzner).await.unwrap();
            let (bot, _) = world.bot("demo").await.unwrap();
            let status = if verb == Verb::Stop {
                BotStatus::Stopped
            } else {
                BotStatus::Active
            };
            assert_eq!((bot.status, bot.failure, runs()), (status, None, verb == Verb::Start));
        }
    }
    process.end().await;
}

#[tokio::test]
async fn a_stop_takes_nothing_from_work_that_was_begun_meanwhile() {
    if !alone("lives::stop::a_stop_takes_nothing_from_work_that_was_begun_meanwhile") {
        return;
    }
    let world = World::start(|_| None).await;
    let process = world.process();
    let new = world.wanted("demo", ProviderKind::Hetzner).await;
    process.deploy(new).await.unwrap();
    // What the stop has read, before somebody else began a start.
    let (bot, deployment) = world.bot("demo").await.unwrap();
    deploy::begin_start(&world.platform, &bot, &deployment).await.unwrap();
    let e = care::stop(&world.platform, &bot, &deployment).await.unwrap_err();
    assert_eq!(e.kind(), Kind::Busy, "{e:?}");
    let (now, _) = world.bot("demo").await.unwrap();
    assert_eq!(now.status, BotStatus::Deploying);
    process.work(&deployment.id).await.unwrap();
    let (now, _) = world.bot("demo").await.unwrap();
    assert_eq!(now.status, BotStatus::Active);
    process.end().await;
}
