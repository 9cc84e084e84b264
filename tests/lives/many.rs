//! A hundred deployments at once, while everything goes wrong now and then, and a third of the
//! processes is killed in the middle.

use super::verbs::Verb;
use super::world::{World, count};
use crate::support::alone::alone;
use crate::support::fleet::Mishap;
use clawdwako::model::{BotStatus, ProviderKind};
use clawdwako::provider::ResourceKind;
use clawdwako::sandbox::fault::{self, Rule};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const BOTS: usize = 100;
/// How often a user gives the same command again before a bot counts as lost.
const PATIENCE: u32 = 20;

#[derive(Default)]
struct Figures {
    kills: AtomicU32,
    errors: AtomicU32,
    mishaps: AtomicU32,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_at_once_all_answer_and_all_go() {
    if !alone("lives::many::a_hundred_at_once_all_answer_and_all_go") {
        return;
    }
    let figures = Arc::new(Figures::default());
    let counted = Arc::clone(&figures);
    let world = Arc::new(
        World::start(move |_| {
            let mishap = match fastrand::u32(0..100) {
                0 => Mishap::CutBefore,
                1 => Mishap::CutAfter,
                2 => Mishap::Fails,
                3..10 => Mishap::Late(Duration::from_millis(fastrand::u64(1..2000))),
                _ => return None,
            };
            counted.mishaps.fetch_add(1, Ordering::Relaxed);
            Some(mishap)
        })
        .await,
    );
    let (took, deployed) = all(&world, &figures, Verb::Deploy).await;
    let servers = world.resources().await;
    for kind in [ResourceKind::Server, ResourceKind::SshKey, ResourceKind::Firewall] {
        assert_eq!(count(&servers, kind), BOTS, "{kind:?}");
    }
    let running: Vec<_> = world.fleet.servers().iter().flat_map(|s| s.running()).collect();
    let tokens: BTreeMap<_, _> = running.iter().cloned().collect();
    assert_eq!((running.len(), tokens.len()), (BOTS, BOTS), "one agent for each token");
    // Some servers are made and given up again on the way: they must not stay.
    println!(
        "FIGURE {BOTS} deployments at once: all answer after {took:.1?}, {} servers made, {deployed} commands, \
         {} killed, {} ended with an error, {} scripts met with a mishap",
        world.fleet.made(),
        figures.kills.load(Ordering::Relaxed),
        figures.errors.load(Ordering::Relaxed),
        figures.mishaps.load(Ordering::Relaxed),
    );
    let (took, destroyed) = all(&world, &figures, Verb::Destroy).await;
    let left = world.resources().await;
    assert!(left.is_empty(), "{left:?}");
    println!("FIGURE all are gone after {took:.1?} and {destroyed} commands");
}

/// Has all bots do the same at once, in trouble; answers how long and how many commands it took.
/// The trouble ends with it: what the test then looks at must not be hidden by a fault of its own.
async fn all(world: &Arc<World>, figures: &Arc<Figures>, verb: Verb) -> (Duration, u32) {
    let trouble = tokio::spawn(make_trouble(Arc::clone(world)));
    let begun = Instant::now();
    let mut users = tokio::task::JoinSet::new();
    for n in 0..BOTS {
        let (world, figures) = (Arc::clone(world), Arc::clone(figures));
        users.spawn(async move { insist(&world, &figures, n, verb).await });
    }
    let commands = users.join_all().await.into_iter().sum();
    let took = begun.elapsed();
    trouble.abort();
    // An abort is done only once the task was waited for.
    let _ = trouble.await;
    world.stand_ins.world.faults.clear();
    (took, commands)
}

/// A user who gives the same command until it is done.
async fn insist(world: &World, figures: &Figures, n: usize, verb: Verb) -> u32 {
    let name = format!("bot-{n}");
    let provider = if n.is_multiple_of(2) {
        ProviderKind::Hetzner
    } else {
        ProviderKind::DigitalOcean
    };
    let mut last = String::new();
    for command in 1..=PATIENCE {
        let process = world.process();
        let killed = async {
            match command == 1 && n.is_multiple_of(3) {
                true => tokio::time::sleep(Duration::from_millis(fastrand::u64(100..8000))).await,
                false => std::future::pending().await,
            }
        };
        tokio::select! {
            ended = verb.run(&process, &name, provider) => if let Err(e) = ended {
                assert_ne!(e.kind(), clawdwako::error::Kind::Internal, "{}", e.message());
                last = e.message();
                figures.errors.fetch_add(1, Ordering::Relaxed);
            },
            () = killed => drop(figures.kills.fetch_add(1, Ordering::Relaxed)),
        }
        process.end().await;
        let status = world.bot(&name).await.map(|(bot, _)| bot.status);
        if status == (verb == Verb::Deploy).then_some(BotStatus::Active) {
            return command;
        }
    }
    panic!("{name} is lost: {last}");
}

/// Adds a fault every now and then.
async fn make_trouble(world: Arc<World>) {
    let kinds = [
        fault::Kind::Status(429),
        fault::Kind::Status(500),
        fault::Kind::Status(503),
        fault::Kind::LostReply,
        fault::Kind::HalfBody,
        fault::Kind::BadJson,
        fault::Kind::Slow(500),
    ];
    let places = ["/hetzner/*", "/digitalocean/*", "/telegram/*", "/anthropic/*"];
    loop {
        // On a slow machine they would pile up faster than they are met.
        while world.stand_ins.world.faults.list().len() > 3 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        world.stand_ins.world.faults.add(Rule {
            path: places[fastrand::usize(..places.len())].into(),
            method: None,
            times: fastrand::u32(1..4),
            kind: kinds[fastrand::usize(..kinds.len())].clone(),
            code: None,
            message: None,
        });
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
