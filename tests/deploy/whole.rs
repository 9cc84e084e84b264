//! A whole deployment, to the model's answer and to its end: clouds, server and agent are played, all
//! else is real.

use crate::lives::world::{OPUS, World};
use crate::support::alone::alone;
use crate::support::fleet::Mishap;
use clawdwako::deploy::{self, Step, care, secret_names};
use clawdwako::error::Kind;
use clawdwako::model::{BotStatus, DeploymentStatus, JobKind, JobStatus, ProviderKind};
use clawdwako::openclaw::catalog::AGENT_VERSION;
use clawdwako::provider::ResourceKind;
use clawdwako::store::Owner;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[tokio::test]
async fn a_deployment_goes_through_every_step_until_its_bot_answers() {
    if !alone("deploy::whole::a_deployment_goes_through_every_step_until_its_bot_answers") {
        return;
    }
    let world = World::start(|_| None).await;
    let (process, store) = (world.process(), &world.platform.store);
    let new = world.wanted("demo", ProviderKind::Hetzner).await;
    let token = new.token.clone();
    let outcome = process.deploy(new).await.unwrap();
    assert_eq!(outcome.bot.status, BotStatus::Active);

    let (bot, deployment) = world.bot("demo").await.unwrap();
    assert_eq!(
        (bot.status, deployment.status),
        (BotStatus::Active, DeploymentStatus::Active)
    );
    let steps = store.steps(&deployment.id).await.unwrap();
    let done: Vec<_> = steps
        .iter()
        .map(|s| (Step::by_name(&s.name).unwrap(), s.status.as_str()))
        .collect();
    let all = Step::ALL.iter().filter(|s| s.job() != JobKind::DestroyServer);
    assert_eq!(done, all.map(|&s| (s, "done")).collect::<Vec<_>>());
    let jobs = store.jobs(&deployment.id).await.unwrap();
    assert!(jobs.iter().all(|j| j.status == JobStatus::Done && j.attempts == 1));

    let facts = &deployment.facts;
    assert!(facts.answered_at.is_some());
    assert_eq!(facts.agent.version.as_deref(), Some(AGENT_VERSION));
    assert_eq!(facts.agent.packages.as_ref().map(|p| p.count), Some(2));
    assert_eq!((facts.agent.port, facts.agent.pid), (Some(18_789), Some(101)));
    // What its server has: this agent and no other, with this token and model.
    let running: Vec<_> = world.fleet.servers().iter().map(|s| s.running()).collect();
    let its = (token.expose().to_owned(), OPUS.to_owned());
    assert_eq!(running, [[its].into()]);
    for kind in [ResourceKind::Server, ResourceKind::SshKey, ResourceKind::Firewall] {
        assert_eq!(
            crate::lives::world::count(&world.resources().await, kind),
            1,
            "{kind:?}"
        );
    }
    // The key that the server's first boot was given is good for nothing any more.
    let names = store.secret_names(&Owner::Bot(bot.id.clone())).await.unwrap();
    let names: Vec<_> = names.iter().map(|(name, _)| name.as_str()).collect();
    assert!(!names.contains(&secret_names::HOST_KEY_ONCE), "{names:?}");
    assert_eq!(facts.host_key, facts.next_host_key);

    care::stop(&world.platform, &bot, &deployment).await.unwrap();
    assert!(world.fleet.servers().iter().all(|s| s.running().is_empty()));
    let (bot, deployment) = world.bot("demo").await.unwrap();
    assert_eq!(bot.status, BotStatus::Stopped);
    deploy::begin_destroy(&world.platform, &bot, &deployment).await.unwrap();
    process.work(&deployment.id).await.unwrap();
    assert!(world.bot("demo").await.is_none());
    assert!(world.resources().await.is_empty() && world.fleet.servers().is_empty());
    process.end().await;
}

/// What the script takes for well is looked at once more here: its server's word is not enough.
#[tokio::test]
async fn an_agent_with_another_hash_than_the_registrys_is_not_started() {
    if !alone("deploy::whole::an_agent_with_another_hash_than_the_registrys_is_not_started") {
        return;
    }
    let (mended, started) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (is_mended, starts) = (mended.clone(), started.clone());
    let world = World::start(move |script| {
        starts.fetch_or(script == "start", Ordering::SeqCst);
        let other = script == "install_openclaw" && !is_mended.load(Ordering::SeqCst);
        other.then_some(Mishap::OtherPackage)
    })
    .await;
    let process = world.process();
    let new = world.wanted("demo", ProviderKind::DigitalOcean).await;
    let e = process.deploy(new).await.unwrap_err();
    assert_eq!(e.kind(), Kind::Remote, "{e:?}");
    assert!(e.message().contains("of the agent with its hash"), "{e:?}");
    let (bot, deployment) = world.bot("demo").await.unwrap();
    assert_eq!(bot.status, BotStatus::Failed);
    assert!(deployment.facts.agent.packages.is_none());
    assert!(!started.load(Ordering::SeqCst));
    // Once the server has what the registry has, the same command goes on.
    mended.store(true, Ordering::SeqCst);
    deploy::begin_resume(&world.platform, &bot, &deployment).await.unwrap();
    process.work(&deployment.id).await.unwrap();
    let (bot, _) = world.bot("demo").await.unwrap();
    assert_eq!(bot.status, BotStatus::Active);
    process.end().await;
}
