//! DigitalOcean: the account, prices, keys, firewalls, what is ours.

use super::support::{Cloud, FINGERPRINT, ID, KEY, do_tag, tag};
use clawdwako::error::Kind;
use clawdwako::model::ProviderKind::DigitalOcean;
use clawdwako::provider::{OfferFilter, Resource, ResourceKind};
use serde_json::{Value, json};

pub fn failed(id: &str, message: &str) -> Value {
    json!({"id": id, "message": message, "request_id": "req-1"})
}

pub fn gone() -> (u16, Value) {
    (
        404,
        failed("not_found", "The resource you requested could not be found."),
    )
}

pub fn droplet(id: u32, status: &str) -> Value {
    let networks = match status {
        "new" => json!({"v4": [], "v6": []}),
        _ => {
            json!({"v4": [{"ip_address": "10.0.0.5", "type": "private"}, {"ip_address": "198.51.100.7", "type": "public"}],
                    "v6": [{"ip_address": "2001:db8::7", "type": "public"}]})
        }
    };
    json!({"id": id, "name": tag().resource_name(), "status": status, "created_at": "2026-11-22T10:00:00Z",
        "size_slug": "s-1vcpu-2gb", "region": {"slug": "fra1"}, "networks": networks, "tags": [do_tag(), "clawdwako"],
        "size": {"slug": "s-1vcpu-2gb", "memory": 2048, "vcpus": 1, "disk": 50, "price_monthly": 12, "available": true}})
}

fn resource(kind: ResourceKind, id: &str) -> Resource {
    Resource {
        kind,
        id: id.into(),
        name: "n".into(),
        deployment_id: ID.into(),
        price_month: None,
        currency: None,
        created_at: None,
    }
}

#[tokio::test]
async fn the_account_decides_before_anything_is_bought() {
    let account = |status: &str, limit: u32| {
        let a = json!({"status": status, "status_message": "see billing", "droplet_limit": limit, "email": "a@b.c"});
        (200, json!({ "account": a }))
    };
    let answers = [
        account("active", 4),
        account("warning", 4),
        account("active", 3),
        account("locked", 4),
    ];
    let c = Cloud::start().await;
    c.on(
        "GET /account",
        answers
            .into_iter()
            .chain([(401, failed("Unauthorized", "Unable to authenticate you"))]),
    )
    .await;
    c.on(
        "GET /droplets",
        [(200, json!({"droplets": [{}], "meta": {"total": 3}}))],
    )
    .await;
    let p = c.provider(DigitalOcean);
    let good = p.account().await.unwrap();
    assert_eq!(
        (good.name.as_deref(), good.server_limit, good.servers_used, good.warning),
        (Some("a@b.c"), Some(4), 3, None)
    );
    assert!(p.account().await.unwrap().warning.unwrap().contains("see billing"));
    let full = p.account().await.unwrap_err();
    assert!(full.kind() == Kind::Quota && full.message().contains("3 of at most 3"));
    let locked = p.account().await.unwrap_err();
    assert!(locked.kind() == Kind::Auth && locked.message().contains("locked: see billing"));
    let refused = p.account().await.unwrap_err();
    assert!(
        refused.kind() == Kind::Auth && refused.message().contains("req-1"),
        "{refused}"
    );
    assert!(refused.next_step().unwrap().contains("secrets set digitalocean"));
}

#[tokio::test]
async fn sizes_are_for_open_regions_and_lists_have_pages() {
    let size = |slug: &str, memory: u32, price: f64| {
        json!({"slug": slug, "memory": memory, "vcpus": 1, "disk": 50, "price_monthly": price, "available": true,
            "regions": ["fra1", "old1"]})
    };
    let c = Cloud::start().await;
    let more = json!({"pages": {"next": "https://api/v2/sizes?page=2", "last": "x"}});
    let two = json!([size("two", 2048, 12.0), size("four", 4096, 15.5)]);
    c.on(
        "GET /sizes?page=1&per_page=200",
        [(200, json!({"sizes": two, "links": more}))],
    )
    .await;
    c.on(
        "GET /sizes?page=2",
        [(200, json!({"sizes": [size("four-near", 4096, 15.0)], "links": {}}))],
    )
    .await;
    let regions = json!([{"slug": "fra1", "name": "Frankfurt 1", "available": true}, {"slug": "old1", "name": "Old", "available": false}]);
    c.list("/regions", regions).await;
    let p = c.provider(DigitalOcean);
    let offers = p
        .offers(&OfferFilter {
            min_memory_mb: 2048,
            ..OfferFilter::default()
        })
        .await
        .unwrap();
    let told: Vec<_> = offers
        .iter()
        .map(|o| format!("{}@{} {}", o.size, o.region, o.currency))
        .collect();
    assert_eq!(told, ["four-near@fra1 USD", "two@fra1 USD", "four@fra1 USD"]);
    assert_eq!(p.sizes().await.unwrap().iter().filter(|o| !o.available).count(), 3);
    let named = OfferFilter {
        region: Some("old1".into()),
        ..OfferFilter::default()
    };
    assert_eq!(p.offers(&named).await.unwrap_err().kind(), Kind::Unavailable);
    assert!(
        p.regions()
            .await
            .unwrap()
            .iter()
            .any(|r| r.name == "old1" && !r.available)
    );
}

#[tokio::test]
async fn a_key_is_looked_up_by_fingerprint_and_the_list_is_never_read() {
    let c = Cloud::start().await;
    let path = format!("/account/keys/{FINGERPRINT}");
    let ours = json!({"ssh_key": {"id": 7, "name": tag().resource_name(), "fingerprint": FINGERPRINT}});
    let theirs = json!({"ssh_key": {"id": 8, "name": "laptop", "fingerprint": FINGERPRINT}});
    c.on(&format!("GET {path}"), [gone(), (200, ours.clone()), (200, theirs)])
        .await;
    c.on("POST /account/keys", [(201, ours)]).await;
    let p = c.provider(DigitalOcean);
    assert_eq!(p.ensure_ssh_key(&tag(), KEY).await.unwrap(), "7");
    assert_eq!(p.ensure_ssh_key(&tag(), KEY).await.unwrap(), "7");
    let e = p.ensure_ssh_key(&tag(), KEY).await.unwrap_err();
    assert!(
        e.kind() == Kind::Exists && e.message().contains("\"laptop\" (id 8)"),
        "{e}"
    );
    let sent = c.bodies("POST", "/account/keys").await;
    assert_eq!(sent, [json!({"name": tag().resource_name(), "public_key": KEY})]);
    super::specs::valid("digitalocean", "account/keys", &sent[0]);
    assert_eq!(c.count("GET", "/account/keys").await, 0);
}

#[tokio::test]
async fn a_key_that_got_through_though_the_reply_was_lost_is_ours() {
    let c = Cloud::start().await;
    let ours = json!({"ssh_key": {"id": 7, "name": tag().resource_name()}});
    c.on(
        &format!("GET /account/keys/{FINGERPRINT}"),
        [gone(), gone(), (200, ours)],
    )
    .await;
    c.on("POST /account/keys", [(503, Value::Null)]).await;
    assert_eq!(c.provider(DigitalOcean).ensure_ssh_key(&tag(), KEY).await.unwrap(), "7");
    assert_eq!(c.count("POST", "/account/keys").await, 1);
}

#[tokio::test]
async fn the_firewall_covers_the_tag_which_is_made_first() {
    let c = Cloud::start().await;
    let stranger = json!({"id": "x", "name": tag().resource_name(), "tags": null});
    let ours = json!({"id": "fw-1", "name": tag().resource_name(), "tags": [do_tag()]});
    c.on(
        "GET /firewalls",
        [
            (200, json!({"firewalls": [stranger]})),
            (200, json!({"firewalls": [stranger, ours]})),
        ],
    )
    .await;
    let made = json!({"tag": {"name": do_tag()}});
    c.on(&format!("GET /tags/{}", do_tag()), [gone(), (200, made.clone())])
        .await;
    c.on("POST /tags", [(201, made)]).await;
    c.on("POST /firewalls", [(202, json!({"firewall": ours}))]).await;
    let p = c.provider(DigitalOcean);
    assert_eq!(p.ensure_firewall(&tag()).await.unwrap(), "fw-1");
    assert_eq!(p.ensure_firewall(&tag()).await.unwrap(), "fw-1");
    let sent = c.bodies("POST", "/firewalls").await;
    assert_eq!(
        (sent.len(), c.bodies("POST", "/tags").await),
        (1, vec![json!({"name": do_tag()})])
    );
    super::specs::valid("digitalocean", "firewalls", &sent[0]);
    super::specs::valid("digitalocean", "tags", &json!({"name": do_tag()}));
    assert_eq!(sent[0]["tags"], json!([do_tag()]));
    let ports = |rules: &Value| {
        let rules = rules.as_array().unwrap().iter();
        rules
            .map(|r| format!("{} {}", r["protocol"], r["ports"]).replace('"', ""))
            .collect::<Vec<_>>()
    };
    assert_eq!(ports(&sent[0]["inbound_rules"]), ["tcp 22", "icmp 0"]);
    assert_eq!(ports(&sent[0]["outbound_rules"]), ["tcp 0", "udp 0", "icmp 0"]);
}

#[tokio::test]
async fn a_tag_that_cannot_be_had_is_no_firewall_whose_outcome_is_unclear() {
    let silent = || (503, Value::Null);
    // As often as one call is tried, and as one create is.
    for (look, verb, times) in [(silent(), "GET", 5), (gone(), "POST", 3)] {
        let c = Cloud::start().await;
        c.list("/firewalls", json!([])).await;
        let path = format!("/tags/{}", do_tag());
        c.on(&format!("GET {path}"), [look]).await;
        c.on("POST /tags", [silent()]).await;
        let e = c.provider(DigitalOcean).ensure_firewall(&tag()).await.unwrap_err();
        assert_eq!(e.kind(), Kind::Upstream);
        let at = if verb == "GET" { &path } else { "/tags" };
        assert_eq!(c.count(verb, at).await, times, "{verb}");
        assert_eq!(c.count("POST", "/firewalls").await, 0);
    }
}

#[tokio::test]
async fn a_token_that_may_not_make_tags_is_told_so() {
    let c = Cloud::start().await;
    c.list("/firewalls", json!([])).await;
    c.on(&format!("GET /tags/{}", do_tag()), [gone()]).await;
    c.on(
        "POST /tags",
        [(
            403,
            failed("forbidden", "You are not authorized to perform this operation"),
        )],
    )
    .await;
    let e = c.provider(DigitalOcean).ensure_firewall(&tag()).await.unwrap_err();
    assert!(
        e.kind() == Kind::Auth && e.next_step().unwrap().contains("tag:create"),
        "{:?}",
        e.next_step()
    );
}

#[tokio::test]
async fn resources_are_told_by_tag_and_keys_by_name() {
    let c = Cloud::start().await;
    let mut stranger = droplet(1, "active");
    stranger["tags"] = json!(["web"]);
    c.list("/droplets", json!([stranger, droplet(100, "off")])).await;
    let firewalls = json!([{"id": "a", "name": "web", "tags": []}, {"id": "b", "name": "n", "tags": [do_tag()]}]);
    c.list("/firewalls", firewalls).await;
    let other = "f".repeat(32);
    let keys = json!([{"id": 1, "name": "laptop"}, {"id": 2, "name": tag().resource_name()},
        {"id": 3, "name": format!("clawdwako-bot-{other}")}]);
    c.list("/account/keys", keys).await;
    let p = c.provider(DigitalOcean);
    use ResourceKind::{Firewall, Server, SshKey};
    let told = |all: Vec<Resource>| {
        all.into_iter()
            .map(|r| (r.kind, r.id, r.price_month))
            .collect::<Vec<_>>()
    };
    let ours = vec![
        (Server, "100".to_owned(), Some(12.0)),
        (Firewall, "b".to_owned(), None),
        (SshKey, "2".to_owned(), None),
    ];
    assert_eq!(told(p.resources(Some(ID)).await.unwrap()), ours);
    let all = [ours, vec![(SshKey, "3".to_owned(), None)]].concat();
    assert_eq!(told(p.resources(None).await.unwrap()), all);
}

#[tokio::test]
async fn deleting_waits_until_it_is_gone_and_takes_the_tag_last() {
    let c = Cloud::start().await;
    let there = || (200, json!({"droplet": droplet(100, "active")}));
    c.on("GET /droplets/100", [there(), there(), there(), gone()]).await;
    let pending = failed("unprocessable_entity", "Droplet already has a pending event.");
    c.on("DELETE /droplets/100", [(422, pending), (204, Value::Null)]).await;
    c.on("GET /droplets?tag_name=clawdwako", [(200, json!({"droplets": []}))])
        .await;
    c.on(
        &format!("GET /droplets?tag_name={}", do_tag()),
        [(200, json!({"droplets": []}))],
    )
    .await;
    let firewall = json!({"id": "fw", "name": "n", "tags": [do_tag()]});
    c.on(
        "GET /firewalls",
        [
            (200, json!({"firewalls": [firewall]})),
            (200, json!({"firewalls": null})),
        ],
    )
    .await;
    c.on("GET /firewalls/fw", [(200, json!({"firewall": firewall})), gone()])
        .await;
    c.on("DELETE /firewalls/fw", [(204, Value::Null)]).await;
    let tags = [format!("/tags/{}", do_tag()), "/tags/clawdwako".to_owned()];
    for tag in &tags {
        c.on(&format!("DELETE {tag}"), [(204, Value::Null)]).await;
    }
    let p = c.provider(DigitalOcean);
    p.delete(&resource(ResourceKind::Server, "100")).await.unwrap();
    assert_eq!(
        (
            c.count("DELETE", "/droplets/100").await,
            c.count("GET", "/droplets/100").await
        ),
        (2, 4)
    );
    assert_eq!(c.count("DELETE", &tags[0]).await, 0, "it still marks the firewall");
    p.delete(&resource(ResourceKind::Firewall, "fw")).await.unwrap();
    assert_eq!(
        (c.count("DELETE", &tags[0]).await, c.count("DELETE", &tags[1]).await),
        (1, 1)
    );
    // Again: everything is gone already, and that is well.
    p.delete(&resource(ResourceKind::Server, "100")).await.unwrap();
    assert_eq!(c.count("DELETE", "/droplets/100").await, 2);
}

#[tokio::test]
async fn what_lost_our_mark_is_not_deleted_and_a_tag_that_may_not_be_deleted_is_let_be() {
    let c = Cloud::start().await;
    let mut stranger = droplet(100, "active");
    stranger["tags"] = json!(["clawdwako-deployment:another"]);
    c.on("GET /droplets/100", [(200, json!({"droplet": stranger}))]).await;
    c.on(
        "GET /firewalls/100",
        [(200, json!({"firewall": {"id": "100", "name": "n", "tags": []}}))],
    )
    .await;
    c.on(
        "GET /account/keys/100",
        [(200, json!({"ssh_key": {"id": 100, "name": "laptop"}}))],
    )
    .await;
    let p = c.provider(DigitalOcean);
    for kind in [ResourceKind::Server, ResourceKind::Firewall, ResourceKind::SshKey] {
        assert_eq!(p.delete(&resource(kind, "100")).await.unwrap_err().kind(), Kind::State);
    }
    c.on(
        "GET /account/keys/2",
        [
            (200, json!({"ssh_key": {"id": 2, "name": tag().resource_name()}})),
            gone(),
        ],
    )
    .await;
    c.on("DELETE /account/keys/2", [(204, Value::Null)]).await;
    c.list("/droplets", json!([])).await;
    c.list("/firewalls", json!([])).await;
    for tag in [do_tag(), "clawdwako".to_owned()] {
        c.on(&format!("DELETE /tags/{tag}"), [(403, failed("forbidden", "no"))])
            .await;
    }
    p.delete(&resource(ResourceKind::SshKey, "2")).await.unwrap();
    assert_eq!(c.count("DELETE", "/account/keys/2").await, 1);
}
