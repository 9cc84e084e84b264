//! A private host key is kept only for as long as its server does not have it, wherever the run
//! that gives it is killed.

use super::verbs::Verb;
use super::world::World;
use crate::support::alone::alone;
use clawdwako::deploy::{Step, secret_names};
use clawdwako::model::{BotStatus, Deployment, ProviderKind, StepStatus};
use clawdwako::ssh::host_key::{fingerprint, public_of};
use clawdwako::store::Owner;
use std::collections::BTreeSet;

/// More passes than come before the server has its key.
const MOST: u32 = 80;

/// Which private host keys are in the store, by name.
async fn kept(world: &World, deployment: &Deployment) -> BTreeSet<String> {
    let owner = Owner::Bot(deployment.bot_id.clone());
    let names = world.platform.store.secret_names(&owner).await.unwrap();
    let host_keys = [secret_names::HOST_KEY_ONCE, secret_names::HOST_KEY_NEXT];
    let names = names.into_iter().map(|(name, _)| name);
    names.filter(|name| host_keys.contains(&name.as_str())).collect()
}

/// Demands that the only private key among a bot's secrets is the one that signs in, whatever
/// they are called.
async fn demand_no_host_key(world: &World, deployment: &Deployment) {
    let (store, owner) = (&world.platform.store, Owner::Bot(deployment.bot_id.clone()));
    let mut private = Vec::new();
    for (name, _) in store.secret_names(&owner).await.unwrap() {
        let secret = store.secret(&owner, &name).await.unwrap();
        private.extend(public_of(&secret).map(|public| fingerprint(&public).unwrap()));
    }
    let facts = &deployment.facts;
    let signs_in = fingerprint(facts.ssh_public_key.as_ref().unwrap()).unwrap();
    assert_eq!(private, [signs_in]);
    assert!(facts.host_key.is_some(), "the public half is pinned");
    assert_eq!(facts.host_key, facts.next_host_key);
}

async fn steps_done(world: &World, deployment: &Deployment) -> BTreeSet<String> {
    let steps = world.platform.store.steps(&deployment.id).await.unwrap();
    let done = steps.into_iter().filter(|s| s.status == StepStatus::Done);
    done.map(|s| s.name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wherever_it_is_killed_the_store_holds_no_private_host_key_that_its_server_has() {
    if !alone("lives::host_keys::wherever_it_is_killed_the_store_holds_no_private_host_key_that_its_server_has") {
        return;
    }
    let world = World::start(|_| None).await;
    let (mut seen, mut rotated) = (BTreeSet::new(), 0);
    for killed_at in 1..=MOST {
        // Before and after a call at the one cloud, then at the other.
        let provider = [ProviderKind::Hetzner, ProviderKind::DigitalOcean][killed_at as usize / 2 % 2];
        let name = format!("bot-{killed_at}");
        let process = world.process();
        world.passes.begin(killed_at);
        let ended = world
            .passes
            .unless_killed(Verb::Deploy.run(&process, &name, provider))
            .await;
        assert!(ended.is_none(), "it was not killed: {ended:?}");
        world.passes.begin(0);
        process.end().await;
        if let Some((_, deployment)) = world.bot(&name).await {
            let done = steps_done(&world, &deployment).await;
            let has = |step: Step| done.contains(step.name());
            let mut needed = BTreeSet::new();
            if has(Step::MakeKeys) && !has(Step::CreateServer) {
                needed.insert(secret_names::HOST_KEY_ONCE.to_owned());
            }
            if has(Step::MakeKeys) && !has(Step::RotateHostKey) {
                needed.insert(secret_names::HOST_KEY_NEXT.to_owned());
            }
            assert_eq!(
                kept(&world, &deployment).await,
                needed,
                "killed at {killed_at} after {done:?}"
            );
            rotated += u32::from(has(Step::RotateHostKey));
            seen.insert(needed);
        }
        // Somebody goes on with it.
        let process = world.process();
        Verb::Deploy.run(&process, &name, provider).await.unwrap();
        process.end().await;
        let (bot, deployment) = world.bot(&name).await.unwrap();
        assert_eq!(bot.status, BotStatus::Active, "killed at {killed_at}");
        demand_no_host_key(&world, &deployment).await;
        if rotated == 4 {
            assert_eq!(seen.len(), 3, "both keys, one and none were seen: {seen:?}");
            return;
        }
    }
    panic!("no kill came after the rotation in {MOST} passes: {seen:?}");
}
