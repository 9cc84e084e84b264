//! A destroy that goes on after its server is gone, one that does not see its server, and what may
//! follow one that was begun.

use super::verbs::Verb;
use super::world::{Process, World};
use crate::support::alone::alone;
use clawdwako::deploy::{self, Reporter};
use clawdwako::error::Kind;
use clawdwako::jobs::drain;
use clawdwako::model::{BotStatus, DeploymentStatus, Event, EventKind, ProviderKind};
use clawdwako::sandbox::fault::{self, Rule};
use clawdwako::store::Worker;
use std::sync::Mutex;

/// What is warned of.
#[derive(Default)]
struct Warnings(Mutex<Vec<String>>);

impl Reporter for Warnings {
    fn event(&self, event: &Event) {
        if event.kind == EventKind::Warning {
            self.0.lock().unwrap().push(event.text.clone());
        }
    }
}

#[tokio::test]
async fn it_does_not_knock_at_a_server_that_is_deleted() {
    if !alone("lives::gone::it_does_not_knock_at_a_server_that_is_deleted") {
        return;
    }
    let world = World::start(|_| None).await;
    let process = world.process();
    let new = world.wanted("demo", ProviderKind::Hetzner).await;
    process.deploy(new).await.unwrap();
    world.stand_ins.world.faults.add(Rule {
        path: "/hetzner/v1/firewalls/*".into(),
        method: Some("DELETE".into()),
        times: u32::MAX,
        kind: fault::Kind::Status(403),
        code: None,
        message: None,
    });
    Verb::Destroy
        .run(&process, "demo", ProviderKind::Hetzner)
        .await
        .unwrap_err();
    process.end().await;
    let (bot, deployment) = world.bot("demo").await.unwrap();
    assert_eq!(bot.status, BotStatus::Failed);
    assert!(world.fleet.servers().is_empty(), "the server went before");

    world.stand_ins.world.faults.clear();
    let (worker, warnings) = (Worker::named("the next process"), Warnings::default());
    deploy::begin_destroy(&world.platform, &bot, &deployment).await.unwrap();
    drain(&world.platform, &deployment.id, &worker, &warnings)
        .await
        .unwrap();
    assert_eq!(*warnings.0.lock().unwrap(), Vec::<String>::new());
    assert!(world.bot("demo").await.is_none());
    assert!(world.resources().await.is_empty());
}

#[tokio::test]
async fn nothing_but_a_destroy_follows_one_that_was_begun() {
    if !alone("lives::gone::nothing_but_a_destroy_follows_one_that_was_begun") {
        return;
    }
    let (world, hetzner) = (World::start(|_| None).await, ProviderKind::Hetzner);
    let process = world.process();
    let new = world.wanted("demo", hetzner).await;
    process.deploy(new).await.unwrap();
    let (bot, deployment) = world.bot("demo").await.unwrap();
    // Written down, and nobody is at it yet.
    deploy::begin_destroy(&world.platform, &bot, &deployment).await.unwrap();
    assert_eq!(world.bot("demo").await.unwrap().1.status, DeploymentStatus::Active);
    nothing_else_follows(&process).await;
    world.stand_ins.world.faults.add(Rule {
        path: "/hetzner/v1/servers*".into(),
        method: None,
        times: u32::MAX,
        kind: fault::Kind::Status(403),
        code: None,
        message: None,
    });
    Verb::Destroy.run(&process, "demo", hetzner).await.unwrap_err();
    world.stand_ins.world.faults.clear();
    assert_eq!(world.bot("demo").await.unwrap().1.status, DeploymentStatus::Stuck);
    nothing_else_follows(&process).await;
    Verb::Destroy.run(&process, "demo", hetzner).await.unwrap();
    process.end().await;
    assert!(world.resources().await.is_empty());
}

/// Each is refused, and changes nothing.
async fn nothing_else_follows(process: &Process<'_>) {
    let now = async || {
        let (bot, deployment) = process.world.bot("demo").await.unwrap();
        (bot.status, deployment.status)
    };
    let before = now().await;
    for verb in [Verb::Deploy, Verb::Start, Verb::Stop, Verb::Haiku] {
        let e = verb.run(process, "demo", ProviderKind::Hetzner).await.unwrap_err();
        assert_eq!(e.kind(), Kind::State, "{verb:?}: {e:?}");
        assert!(
            e.next_step().unwrap().contains("clawdwako destroy demo"),
            "{verb:?}: {e:?}"
        );
        assert_eq!(now().await, before, "{verb:?}");
    }
}

/// A cloud's list can be behind, and by its id a new server is not found at first.
#[tokio::test]
async fn it_deletes_by_its_id_what_no_list_shows() {
    if !alone("lives::gone::it_deletes_by_its_id_what_no_list_shows") {
        return;
    }
    for (provider, list) in [
        (ProviderKind::Hetzner, "/hetzner/v1/servers"),
        (ProviderKind::DigitalOcean, "/digitalocean/v2/droplets"),
    ] {
        let world = World::start(|_| None).await;
        let process = world.process();
        let new = world.wanted("demo", provider).await;
        process.deploy(new).await.unwrap();
        world.stand_ins.world.faults.add(Rule {
            path: list.into(),
            method: Some("GET".into()),
            times: u32::MAX,
            kind: fault::Kind::EmptyPage,
            code: None,
            message: None,
        });
        Verb::Destroy.run(&process, "demo", provider).await.unwrap();
        process.end().await;
        world.stand_ins.world.faults.clear();
        assert!(world.fleet.servers().is_empty(), "{provider}: the server stays");
        assert!(world.resources().await.is_empty(), "{provider}");
    }
}
