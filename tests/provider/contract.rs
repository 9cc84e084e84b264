//! What every cloud, real or stand-in, has to hold to: a server's whole life.

use crate::support::cloud::Clouds;
use clawdwako::http::Endpoints;
use clawdwako::model::{ProviderKind, new_id};
use clawdwako::provider::{InstanceSpec, OfferFilter, Provider, ResourceKind, Tag};
use clawdwako::secrets::Secret;
use russh::keys::PrivateKey;
use russh::keys::ssh_key::private::Ed25519Keypair;
use std::collections::HashSet;
use std::time::Duration;
use url::Url;

/// How long a server may take to run, and everything to be gone.
const PATIENCE: Duration = Duration::from_secs(300);

/// Rents one server and gives everything back. Needs an account in which nothing of this new
/// deployment can be, and room for one server.
pub async fn contract(provider: Provider) {
    let tag = Tag {
        deployment_id: new_id(),
        bot_name: "contract".into(),
    };
    let id = Some(tag.deployment_id.as_str());
    // So that a call can run on any thread.
    let (of_thread, of_tag) = (provider.clone(), tag.clone());
    let found = tokio::spawn(async move { of_thread.find_instance(&of_tag).await })
        .await
        .unwrap()
        .unwrap();
    assert!(found.is_none());
    assert!(provider.resources(id).await.unwrap().is_empty());

    let before = provider.account().await.unwrap();
    let regions: HashSet<String> = provider.regions().await.unwrap().into_iter().map(|r| r.name).collect();
    let sizes = provider.sizes().await.unwrap();
    assert!(!sizes.is_empty() && sizes.iter().all(|o| regions.contains(&o.region)));
    assert!(
        sizes.windows(2).all(|w| w[0].price_month <= w[1].price_month),
        "cheapest first"
    );
    let filter = OfferFilter {
        min_memory_mb: 2048,
        ..OfferFilter::default()
    };
    let offers = provider.offers(&filter).await.unwrap();
    assert!(
        offers
            .iter()
            .all(|o| o.available && o.memory_mb >= 2048 && o.price_month > 0.0)
    );
    let least = offers.iter().map(|o| o.memory_mb).min().unwrap();
    let by_plan = |most| OfferFilter {
        max_memory_mb: Some(most),
        ..filter.clone()
    };
    let small = provider.offers(&by_plan(least)).await.unwrap();
    assert!(!small.is_empty() && small.iter().all(|o| o.memory_mb == least));
    assert_eq!(provider.offers(&by_plan(1)).await.unwrap_err().kind().code(), "quota");
    let nowhere = OfferFilter {
        region: Some("nowhere1".into()),
        ..filter
    };
    assert_eq!(provider.offers(&nowhere).await.unwrap_err().kind().code(), "usage");

    let public = new_public_key();
    let key = provider.ensure_ssh_key(&tag, &public).await.unwrap();
    let firewall = provider.ensure_firewall(&tag).await.unwrap();
    let spec = InstanceSpec {
        image: "ubuntu-24.04".into(),
        ssh_key_id: key.clone(),
        firewall_id: firewall.clone(),
        user_data: Secret::new("#cloud-config\n{}\n"),
    };
    let ordered = provider.ensure_instance(&tag, &spec, &offers).await.unwrap();
    // Again, as after a kill: the same things, not new ones.
    assert_eq!(provider.ensure_ssh_key(&tag, &public).await.unwrap(), key);
    assert_eq!(provider.ensure_firewall(&tag).await.unwrap(), firewall);
    assert_eq!(
        provider.ensure_instance(&tag, &spec, &offers).await.unwrap().id,
        ordered.id
    );

    let up = provider.wait_running(&ordered, PATIENCE).await.unwrap();
    assert!(up.running && up.id == ordered.id);
    assert!(up.ipv4.as_ref().unwrap().parse::<std::net::Ipv4Addr>().is_ok());
    let found = provider.find_instance(&tag).await.unwrap().unwrap();
    assert_eq!((found.id, found.ipv4), (up.id.clone(), up.ipv4));
    assert_eq!(provider.account().await.unwrap().servers_used, before.servers_used + 1);

    let mine = provider.resources(id).await.unwrap();
    let told: HashSet<(String, &str)> = mine.iter().map(|r| (format!("{:?}", r.kind), r.id.as_str())).collect();
    let expected = [("Server", &up.id), ("Firewall", &firewall), ("SshKey", &key)];
    assert_eq!(
        told,
        expected.into_iter().map(|(k, i)| (k.to_owned(), i.as_str())).collect()
    );
    let server = mine.iter().find(|r| r.kind == ResourceKind::Server).unwrap();
    assert!(server.price_month.unwrap() > 0.0 && server.currency.is_some() && server.created_at.is_some());
    let all = provider.resources(None).await.unwrap();
    assert!(
        mine.iter()
            .all(|m| all.iter().any(|a| a.id == m.id && a.kind == m.kind))
    );

    for resource in &mine {
        provider.delete(resource).await.unwrap();
        provider.delete(resource).await.unwrap();
    }
    assert!(provider.find_instance(&tag).await.unwrap().is_none());
    assert!(provider.resources(id).await.unwrap().is_empty(), "nothing is left");
    assert_eq!(provider.account().await.unwrap().servers_used, before.servers_used);
}

fn new_public_key() -> String {
    let mut seed = [0u8; 32];
    getrandom::fill(&mut seed).unwrap();
    let key = PrivateKey::from(Ed25519Keypair::from_seed(&seed));
    key.public_key().to_openssh().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stand_in_clouds_hold_to_it() {
    let clouds = Clouds::start().await;
    let address = |text: String| Url::parse(&text).unwrap();
    let endpoints = Endpoints {
        hetzner: address(format!("{}/", clouds.hetzner_url())),
        digitalocean: address(format!("{}/v2/", clouds.digitalocean_url())),
        ..Endpoints::default()
    };
    let http = clawdwako::http::Http::new()
        .unwrap()
        .with_pause(Duration::from_millis(50));
    let credentials = &clouds.world.credentials;
    for (kind, token) in [
        (ProviderKind::Hetzner, &credentials.hetzner),
        (ProviderKind::DigitalOcean, &credentials.digitalocean),
    ] {
        contract(Provider::new(kind, &http, &endpoints, Some(&Secret::new(token.clone()))).unwrap()).await;
    }
}

/// A real account, when the tester gives one on purpose; costs a few cents.
#[tokio::test]
async fn real_clouds_hold_to_it() {
    for (kind, variable) in [
        (ProviderKind::Hetzner, "CLAWDWAKO_TEST_HETZNER_TOKEN"),
        (ProviderKind::DigitalOcean, "CLAWDWAKO_TEST_DIGITALOCEAN_TOKEN"),
    ] {
        let Ok(token) = std::env::var(variable) else {
            crate::support::leave_out(
                &format!("the contract on a real {kind} account"),
                &format!("{variable} is not set"),
            );
            continue;
        };
        let http = clawdwako::http::Http::new().unwrap();
        let endpoints = clawdwako::http::Endpoints::default();
        contract(Provider::new(kind, &http, &endpoints, Some(&Secret::new(token))).unwrap()).await;
    }
}
