//! Live answers that were recorded, and the official schemas.

use super::support::Cloud;
use crate::support::spec::{kept, recorded};
use clawdwako::model::ProviderKind::{DigitalOcean, Hetzner};
use clawdwako::provider::OfferFilter;
use serde_json::{Value, json};

/// Asserts that a request's body fits the official schema: `cloud` is `hetzner` with the name of
/// a schema, or `digitalocean` with the path that it is posted to.
pub fn valid(cloud: &str, name: &str, body: &Value) {
    let (document, target) = match cloud {
        "hetzner" => ("hetzner.json", format!("#/components/schemas/{name}")),
        _ => (
            "digitalocean.json",
            format!(
                "#/paths/~1v2~1{}/post/requestBody/content/application~1json/schema",
                name.replace('/', "~1")
            ),
        ),
    };
    let spec = kept(document);
    let schema = json!({"$ref": target, "components": spec["components"], "paths": spec["paths"]});
    let validator = jsonschema::draft4::new(&schema).unwrap();
    let faults: Vec<String> = validator.iter_errors(body).map(|e| e.to_string()).collect();
    assert!(faults.is_empty(), "{name}: {faults:#?}");
}

#[tokio::test]
async fn recorded_answers_of_hetzner_are_understood() {
    let names = ["server-types", "locations", "servers", "ssh-keys", "create-server"];
    let [types, locations, servers, keys, created] = names.map(|n| recorded(&format!("hetzner-{n}")));
    let cloud = Cloud::start().await;
    cloud.on("GET /server_types", [(200, types.clone())]).await;
    cloud.on("GET /locations", [(200, locations.clone())]).await;
    cloud.on("GET /pricing", [(200, super::hetzner::pricing())]).await;
    cloud
        .on(
            "GET /servers?label_selector=clawdwako-deployment",
            [(200, servers.clone())],
        )
        .await;
    cloud.on("GET /servers", [(200, json!({"servers": []}))]).await;
    cloud.on("GET /ssh_keys", [(200, keys.clone())]).await;
    cloud.list("/firewalls", json!([])).await;
    cloud.list("/primary_ips", json!([])).await;
    let image = json!({"id": 1, "name": "ubuntu-24.04", "architecture": "x86", "status": "available", "deprecated": null, "disk_size": 5});
    cloud.list("/images", json!([image])).await;
    cloud
        .on("GET /ssh_keys/11", [(200, json!({"ssh_key": keys["ssh_keys"][0]}))])
        .await;
    cloud.on("POST /servers", [(201, created.clone())]).await;
    let p = cloud.provider(Hetzner);
    assert_eq!(p.regions().await.unwrap().len(), 6);
    let sizes = p.sizes().await.unwrap();
    let find = |size: &str, region: &str| sizes.iter().find(|o| o.size == size && o.region == region);
    assert_eq!(
        find("cx23", "fsn1").map(|o| (o.price_month, o.memory_mb)),
        Some((3.49 + 0.5, 4096))
    );
    assert!(
        find("cax11", "ash").is_none(),
        "a price is listed there, but not the type"
    );
    assert!(!find("cpx11", "fsn1").unwrap().available && find("cpx11", "ash").unwrap().available);
    let filter = OfferFilter {
        min_memory_mb: 2048,
        ..OfferFilter::default()
    };
    let offers = p.offers(&filter).await.unwrap();
    assert!(
        offers
            .iter()
            .all(|o| o.available && o.memory_mb >= 2048 && o.price_month <= 2.5 * offers[0].price_month)
    );
    assert_eq!(p.resources(None).await.unwrap().len(), 3 + 1);
    let made = p
        .ensure_instance(&super::support::tag(), &super::support::spec(), &offers)
        .await
        .unwrap();
    assert_eq!(
        (made.id.as_str(), made.action_id.as_deref()),
        ("120704776", Some("610873205655089"))
    );
    assert_eq!(
        (made.region.as_str(), made.ipv4.as_deref()),
        ("nbg1", Some("198.51.100.11"))
    );
}

#[tokio::test]
async fn recorded_answers_of_digitalocean_are_understood() {
    let names = ["account", "sizes", "regions", "droplets", "ssh-keys", "create-server"];
    let [account, sizes, regions, droplets, keys, created] = names.map(|n| recorded(&format!("digitalocean-{n}")));
    let cloud = Cloud::start().await;
    cloud.on("GET /account", [(200, account.clone())]).await;
    cloud.on("GET /sizes", [(200, sizes.clone())]).await;
    cloud.on("GET /regions", [(200, regions.clone())]).await;
    cloud.on("GET /droplets", [(200, droplets.clone())]).await;
    cloud.on("GET /account/keys", [(200, keys.clone())]).await;
    cloud.list("/firewalls", json!([])).await;
    cloud.on("POST /droplets", [(202, created.clone())]).await;
    let p = cloud.provider(DigitalOcean);
    let who = p.account().await.unwrap();
    assert_eq!((who.server_limit, who.servers_used, who.warning), (Some(3), 0, None));
    assert_eq!(p.regions().await.unwrap().iter().filter(|r| r.available).count(), 13);
    let filter = OfferFilter {
        min_memory_mb: 2048,
        ..OfferFilter::default()
    };
    let offers = p.offers(&filter).await.unwrap();
    assert_eq!((offers[0].size.as_str(), offers[0].price_month), ("s-1vcpu-2gb", 12.0));
    assert!(offers.iter().all(|o| o.currency == "USD" && o.price_month <= 30.0));
    assert!(p.resources(None).await.unwrap().is_empty());
    let made = p
        .ensure_instance(&super::support::tag(), &super::support::spec(), &offers)
        .await
        .unwrap();
    assert_eq!(
        (made.id.as_str(), made.action_id.as_deref()),
        ("550842125", Some("3038067722"))
    );
    assert_eq!(
        (made.ipv4, made.running),
        (None, false),
        "networks are empty right after a create"
    );
}
