//! A server is ordered once, also where its order was cut off and shows late.

use super::ground::{CLOUDS, Ground, begins, quiet, work};
use clawdwako::deploy::{Step, begin_destroy, create};
use clawdwako::error::Kind;
use clawdwako::model::{Bot, BotStatus, Deployment, ProviderKind};
use clawdwako::provider::ResourceKind;
use clawdwako::sandbox::fault::{self, Rule};
use clawdwako::store::Worker;
use std::time::Duration;
use tokio::sync::Notify;

/// How often a list leaves a new server out that shows late: as often as anybody looks, before an
/// order, who does not wait for it.
fn late(cloud: ProviderKind) -> u32 {
    match cloud {
        ProviderKind::Hetzner => 3,
        // It is asked for by its tag and by its name.
        _ => 6,
    }
}

/// The clients wait for twenty such pauses at least: far longer than those looks take.
async fn ground() -> Ground {
    Ground::paced(Duration::from_millis(40)).await
}

fn servers(cloud: ProviderKind) -> &'static str {
    match cloud {
        ProviderKind::Hetzner => "/hetzner/v1/servers",
        _ => "/digitalocean/v2/droplets",
    }
}

/// Has the list of servers be empty for so many looks.
fn hide(ground: &Ground, cloud: ProviderKind, times: u32) {
    list(ground, cloud, times, fault::Kind::EmptyPage);
}

/// Has the list of servers be like that for so many looks, after what was said of it before.
fn list(ground: &Ground, cloud: ProviderKind, times: u32, kind: fault::Kind) {
    ground.stand_ins.world.faults.add(Rule {
        path: servers(cloud).into(),
        method: Some("GET".into()),
        times,
        kind,
        code: None,
        message: None,
    });
}

/// A deployment that ended while it ordered its server; the order came through. Answers its id.
async fn cut_off(ground: &Ground, cloud: ProviderKind) -> (Bot, Deployment, String) {
    let (bot, deployment) = ground.made("demo", cloud, Some(ResourceKind::Firewall)).await;
    ground.begin_step(&deployment.id, Step::CreateServer).await;
    let server = ground.order(&bot, &deployment).await;
    (bot, deployment, server)
}

/// Works a deployment off until it would knock at its server.
async fn until_connect(ground: &Ground, deployment: &Deployment) {
    let came = Notify::new();
    let told = |event: &_| {
        if begins(event, Step::Connect) {
            came.notify_one();
        }
    };
    tokio::select! {
        () = came.notified() => {}
        ended = work(&ground.platform, &deployment.id, told) => panic!("{ended:?}"),
    }
    let store = ground.store();
    store.end_leases_of(Worker::this().name()).await.unwrap();
}

#[tokio::test]
async fn a_server_whose_order_was_cut_off_is_found_though_it_shows_late() {
    for cloud in CLOUDS {
        let ground = ground().await;
        let (bot, deployment, server) = cut_off(&ground, cloud).await;
        let ordered = ground.changes("POST", servers(cloud)).len();
        hide(&ground, cloud, late(cloud));
        until_connect(&ground, &deployment).await;
        assert_eq!(ground.changes("POST", servers(cloud)).len(), ordered, "{cloud}");
        let (_, now) = ground.records(&bot.id).await;
        assert_eq!(now.facts.instance_id, Some(server), "{cloud}");
        assert!(now.facts.price_month.is_some() && now.facts.ipv4.is_some());
        assert_eq!(ground.left(&deployment).await, 3, "{cloud}");
    }
}

/// Where the order never came through, one is made.
#[tokio::test]
async fn a_server_that_was_never_ordered_is() {
    let (ground, cloud) = (Ground::quick().await, ProviderKind::Hetzner);
    let (bot, deployment) = ground.made("demo", cloud, Some(ResourceKind::Firewall)).await;
    ground.begin_step(&deployment.id, Step::CreateServer).await;
    until_connect(&ground, &deployment).await;
    assert_eq!(ground.changes("POST", servers(cloud)).len(), 1);
    assert_eq!(ground.left(&deployment).await, 3);
    let (_, now) = ground.records(&bot.id).await;
    assert!(now.facts.instance_id.is_some());
}

/// Nobody may be billed for a server that its destroy did not see.
#[tokio::test]
async fn a_destroy_finds_the_server_whose_order_was_cut_off() {
    for cloud in CLOUDS {
        let ground = ground().await;
        let (bot, deployment, server) = cut_off(&ground, cloud).await;
        begin_destroy(&ground.platform, &bot, &deployment).await.unwrap();
        let hidden = |event: &_| {
            if begins(event, Step::DeleteServer) {
                hide(&ground, cloud, late(cloud));
                // Seen once, and then left out again.
                list(&ground, cloud, 1, fault::Kind::Slow(1));
                hide(&ground, cloud, 2);
            }
        };
        work(&ground.platform, &deployment.id, hidden).await.unwrap();
        let (bot, _) = ground.records(&bot.id).await;
        assert_eq!(bot.status, BotStatus::Destroyed);
        let at_cloud = format!("{}/{server}", servers(cloud));
        assert_eq!(ground.changes("DELETE", servers(cloud)), [at_cloud]);
        assert_eq!(ground.servers().await, 0, "{cloud}");
    }
}

/// The record knows it by its id.
#[tokio::test]
async fn a_destroy_needs_no_list_to_delete_the_server_that_was_noted() {
    for cloud in CLOUDS {
        let ground = Ground::quick().await;
        let (bot, _) = ground.standing("demo", cloud).await;
        hide(&ground, cloud, u32::MAX);
        ground.destroy(&bot, quiet).await.unwrap();
        ground.stand_ins.world.faults.clear();
        assert_eq!(ground.servers().await, 0, "{cloud}");
    }
}

/// An account without room for one more has room for the one that is there.
#[tokio::test]
async fn a_full_account_does_not_stop_what_has_its_server() {
    let (ground, cloud) = (Ground::quick().await, ProviderKind::DigitalOcean);
    let (_, deployment, _) = cut_off(&ground, cloud).await;
    let mut tx = ground.store().begin().await.unwrap();
    tx.forget_steps(&deployment.id, &[Step::CheckAccount.name()])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    ground.stand_ins.world.digitalocean.lock().unwrap().set_droplet_limit(1);
    until_connect(&ground, &deployment).await;
    assert_eq!(ground.left(&deployment).await, 3);
    // A second bot finds no room, and nothing of it is made.
    let new = ground.wanted("second", cloud).await;
    let (_, second) = create(&ground.platform, new).await.unwrap();
    let e = work(&ground.platform, &second.id, quiet).await.unwrap_err();
    assert_eq!(e.kind(), Kind::Quota, "{e:?}");
    assert_eq!(ground.left(&second).await, 0);
}
