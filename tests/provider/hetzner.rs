//! Hetzner: lists, prices, keys, firewalls, what is ours, errors.

use super::support::{Cloud, FINGERPRINT, ID, KEY, TOKEN, labels, tag};
use clawdwako::error::Kind;
use clawdwako::model::ProviderKind::Hetzner;
use clawdwako::provider::{LABEL, OfferFilter, Resource, ResourceKind};
use serde_json::{Value, json};

pub fn failed(code: &str) -> Value {
    json!({"error": {"code": code, "message": format!("it is {code}"), "details": null}})
}

pub fn pricing() -> Value {
    json!({"pricing": {"currency": "EUR", "vat_rate": "0", "primary_ips": [
        {"type": "ipv6", "prices": [{"location": "fsn1", "price_monthly": {"net": "0.00", "gross": "0"}}]},
        {"type": "ipv4", "prices": [{"location": "fsn1", "price_monthly": {"net": "0.5000", "gross": "0"}}]},
    ]}})
}

pub fn server_type(name: &str, arch: &str, net: &str, locations: Value) -> Value {
    json!({"id": 1, "name": name, "cores": 2, "memory": 4.0, "disk": 40, "architecture": arch,
        "deprecation": null, "locations": locations, "a_field_of_2031": [1],
        "prices": [{"location": "fsn1", "price_monthly": {"net": net, "gross": "9"}}]})
}

pub fn server(status: &str) -> Value {
    json!({"id": 100, "name": tag().resource_name(), "status": status, "labels": labels(),
        "created": "2026-11-22T10:00:00+00:00",
        "server_type": server_type("cx23", "x86", "5.49", json!([])),
        "location": {"id": 1, "name": "fsn1"},
        "public_net": {"firewalls": [], "ipv4": {"id": 501, "ip": "198.51.100.11"},
                       "ipv6": {"id": 502, "ip": "2001:db8:1::/64"}}})
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
async fn what_can_be_ordered_comes_from_the_types_locations_and_prices() {
    let cloud = Cloud::start().await;
    let at =
        |available: bool| json!([{"name": "fsn1", "available": available, "recommended": true, "deprecation": null}]);
    let old =
        json!([{"name": "fsn1", "available": true, "deprecation": {"unavailable_after": "2099-01-01T00:00:00Z"}}]);
    let gone =
        json!([{"name": "fsn1", "available": true, "deprecation": {"unavailable_after": "2020-01-01T00:00:00Z"}}]);
    let types = json!([
        server_type("gone", "x86", "1", gone),
        server_type("sold-out", "x86", "2", at(false)),
        server_type("old", "x86", "3", old),
        server_type("arm", "arm", "6.0000", at(true)),
        server_type("intel", "x86", "5.4900000000", at(true)),
        server_type("elsewhere", "x86", "1", json!([{"name": "ash", "available": true}])),
    ]);
    cloud.list("/server_types", types).await;
    cloud.on("GET /pricing", [(200, pricing())]).await;
    cloud
        .list(
            "/locations",
            json!([{"name": "fsn1", "city": "Falkenstein", "country": "DE"},
        {"name": "ash", "city": "Ashburn, VA", "country": "US"}]),
        )
        .await;
    let p = cloud.provider(Hetzner);
    let offers = p.offers(&OfferFilter::default()).await.unwrap();
    let told: Vec<_> = offers
        .iter()
        .map(|o| (o.size.as_str(), o.arch.as_str(), o.price_month))
        .collect();
    assert_eq!(
        told,
        [("intel", "x86_64", 5.99), ("arm", "aarch64", 6.5)],
        "with the IPv4 address"
    );
    assert_eq!((offers[0].memory_mb, offers[0].currency.as_str()), (4096, "EUR"));
    let named = OfferFilter {
        size: Some("old".into()),
        ..OfferFilter::default()
    };
    assert_eq!(
        p.offers(&named).await.unwrap()[0].size,
        "old",
        "a deprecated type that is named"
    );
    let sizes: Vec<_> = p
        .sizes()
        .await
        .unwrap()
        .into_iter()
        .map(|o| (o.size, o.available))
        .collect();
    let expected = [
        ("gone", false),
        ("sold-out", false),
        ("old", true),
        ("intel", true),
        ("arm", true),
    ];
    assert_eq!(
        sizes,
        expected.map(|(s, a)| (s.to_owned(), a)),
        "cheapest first, all of them"
    );
    let regions = p.regions().await.unwrap();
    let told: Vec<_> = regions.iter().map(|r| (r.title.as_str(), r.available)).collect();
    assert_eq!(told, [("Falkenstein, DE", true), ("Ashburn, VA, US", false)]);
}

#[tokio::test]
async fn all_pages_are_read_though_totals_are_null() {
    let cloud = Cloud::start().await;
    let page = |ids: Value, next: Value| json!({"servers": ids, "meta": {"pagination": {"next_page": next, "last_page": null, "total_entries": null}}});
    cloud
        .on(
            "GET /servers?page=1&per_page=50",
            [(200, page(json!([{}, {}]), json!(2)))],
        )
        .await;
    cloud
        .on("GET /servers?page=2", [(200, page(json!([{}]), Value::Null))])
        .await;
    let account = cloud.provider(Hetzner).account().await.unwrap();
    assert_eq!((account.servers_used, cloud.count("GET", "/servers").await), (3, 2));
    let bearer = &cloud.requests("GET", "/servers").await[0].headers["authorization"];
    assert_eq!(bearer.to_str().unwrap(), format!("Bearer {TOKEN}"));
}

#[tokio::test]
async fn a_refused_token_is_told_with_the_correlation_id_and_never_quoted() {
    let cloud = Cloud::start().await;
    let echo = json!({"error": {"code": "unauthorized", "message": format!("unable to authenticate {TOKEN}")}});
    cloud.on("GET /servers", [(401, echo)]).await;
    let e = cloud.provider(Hetzner).account().await.unwrap_err();
    assert_eq!(e.kind(), Kind::Auth);
    assert!(e.message().contains("corr-1") && e.message().contains("unable"), "{e}");
    assert!(!format!("{e:?} {:?}", e.next_step()).contains(TOKEN));
    assert!(e.next_step().unwrap().contains("clawdwako secrets set hetzner"));
}

#[tokio::test]
async fn a_key_of_ours_is_found_again_and_a_strangers_is_left_alone() {
    let cloud = Cloud::start().await;
    let key = json!({"id": 7, "name": tag().resource_name(), "labels": labels(), "public_key": KEY});
    let none = json!({"ssh_keys": []});
    let ours = format!("GET /ssh_keys?label_selector={LABEL}%3D%3D{ID}");
    cloud
        .on(&ours, [(200, none.clone()), (200, json!({"ssh_keys": [key]}))])
        .await;
    cloud.on("POST /ssh_keys", [(201, json!({"ssh_key": key}))]).await;
    let p = cloud.provider(Hetzner);
    assert_eq!(p.ensure_ssh_key(&tag(), KEY).await.unwrap(), "7");
    assert_eq!(p.ensure_ssh_key(&tag(), KEY).await.unwrap(), "7");
    assert_eq!(cloud.count("POST", "/ssh_keys").await, 1);
    let other = KEY.replace("NsvA", "").replace("HmcV", "HmcW");
    assert_eq!(p.ensure_ssh_key(&tag(), &other).await.unwrap_err().kind(), Kind::State);

    let cloud = Cloud::start().await;
    cloud.on(&ours, [(200, none)]).await;
    cloud.on("POST /ssh_keys", [(409, failed("uniqueness_error"))]).await;
    let theirs = json!([{"id": 8, "name": "laptop", "labels": {}, "public_key": KEY}]);
    cloud
        .list(
            &format!("/ssh_keys?fingerprint={}", FINGERPRINT.replace(':', "%3A")),
            theirs,
        )
        .await;
    let e = cloud.provider(Hetzner).ensure_ssh_key(&tag(), KEY).await.unwrap_err();
    assert_eq!(e.kind(), Kind::Exists);
    assert!(
        e.message().contains("\"laptop\" (id 8)") && e.next_step().is_some(),
        "{e}"
    );
    assert_eq!(cloud.count("POST", "/ssh_keys").await, 1);
}

#[tokio::test]
async fn the_firewall_lets_in_ssh_and_ping_and_is_made_once_though_the_reply_was_lost() {
    let cloud = Cloud::start().await;
    let none = json!({"firewalls": []});
    let there = json!({"firewalls": [{"id": 9, "name": tag().resource_name(), "labels": labels()}]});
    cloud
        .on("GET /firewalls", [(200, none.clone()), (200, none), (200, there)])
        .await;
    cloud.on("POST /firewalls", [(504, failed("timeout"))]).await;
    assert_eq!(cloud.provider(Hetzner).ensure_firewall(&tag()).await.unwrap(), "9");
    let sent = cloud.bodies("POST", "/firewalls").await;
    assert_eq!(sent.len(), 1);
    super::specs::valid("hetzner", "create_firewall_request", &sent[0]);
    assert_eq!(sent[0]["labels"], labels());
    let rules: Vec<_> = sent[0]["rules"].as_array().unwrap().iter().collect();
    assert!(
        rules
            .iter()
            .all(|r| r["direction"] == "in" && r["source_ips"] == json!(["0.0.0.0/0", "::/0"]))
    );
    let doors: Vec<_> = rules
        .iter()
        .map(|r| (r["protocol"].as_str().unwrap(), r["port"].as_str()))
        .collect();
    assert_eq!(doors, [("tcp", Some("22")), ("icmp", None)]);
}

#[tokio::test]
async fn a_locked_or_used_thing_is_waited_for() {
    let cloud = Cloud::start().await;
    let firewall = json!({"firewall": {"id": 9, "name": "n", "labels": labels()}});
    cloud.on("GET /firewalls/9", [(200, firewall)]).await;
    let busy = ["resource_in_use", "locked", "conflict"].map(|code| (422, failed(code)));
    cloud
        .on("DELETE /firewalls/9", busy.into_iter().chain([(204, Value::Null)]))
        .await;
    cloud
        .provider(Hetzner)
        .delete(&resource(ResourceKind::Firewall, "9"))
        .await
        .unwrap();
    assert_eq!(cloud.count("DELETE", "/firewalls/9").await, 4);
}

#[tokio::test]
async fn waiting_for_a_used_thing_ends() {
    let cloud = Cloud::start().await;
    let firewall = json!({"firewall": {"id": 9, "name": "n", "labels": labels()}});
    cloud.on("GET /firewalls/9", [(200, firewall)]).await;
    cloud
        .on("DELETE /firewalls/9", [(422, failed("resource_in_use"))])
        .await;
    let e = cloud
        .provider(Hetzner)
        .delete(&resource(ResourceKind::Firewall, "9"))
        .await
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Busy);
}

#[tokio::test]
async fn deleting_waits_until_the_server_is_gone_and_gone_already_is_well() {
    let cloud = Cloud::start().await;
    let there = || (200, json!({"server": server("running")}));
    cloud
        .on(
            "GET /servers/100",
            [there(), there(), there(), (404, failed("not_found"))],
        )
        .await;
    cloud
        .on(
            "DELETE /servers/100",
            [(200, json!({"action": {"id": 1, "status": "running"}}))],
        )
        .await;
    let address = json!({"primary_ip": {"id": 501, "name": "ip", "labels": {}}});
    cloud.on("GET /primary_ips/501", [(200, address)]).await;
    cloud.on("PUT /primary_ips/501", [(200, json!({}))]).await;
    let p = cloud.provider(Hetzner);
    let it = resource(ResourceKind::Server, "100");
    p.delete(&it).await.unwrap();
    assert_eq!(
        (
            cloud.count("GET", "/servers/100").await,
            cloud.count("DELETE", "/servers/100").await
        ),
        (4, 1)
    );
    let put = cloud.bodies("PUT", "/primary_ips/501").await;
    assert_eq!(
        put,
        [json!({"labels": labels(), "auto_delete": true})],
        "its address goes with it"
    );
    p.delete(&it).await.unwrap();
    assert_eq!(cloud.count("DELETE", "/servers/100").await, 1);
}

#[tokio::test]
async fn what_lost_our_label_is_not_deleted() {
    let cloud = Cloud::start().await;
    for (path, key) in [
        ("servers", "server"),
        ("firewalls", "firewall"),
        ("ssh_keys", "ssh_key"),
        ("primary_ips", "primary_ip"),
    ] {
        let mut thing = server("running");
        thing["labels"] = json!({LABEL: "another"});
        cloud
            .on(&format!("GET /{path}/100"), [(200, json!({ key: thing }))])
            .await;
    }
    use ResourceKind::{Address, Firewall, Server, SshKey};
    for kind in [Server, Firewall, SshKey, Address] {
        let e = cloud
            .provider(Hetzner)
            .delete(&resource(kind, "100"))
            .await
            .unwrap_err();
        assert_eq!(
            e.kind(),
            Kind::State,
            "and no DELETE, which would be a 404 here and pass"
        );
    }
}

#[tokio::test]
async fn resources_are_what_carries_the_label_with_prices_and_free_addresses_only() {
    let cloud = Cloud::start().await;
    let address = |id: u32, assignee: Value, kind: &str| {
        json!({"id": id, "name": "ip", "type": "ipv4", "labels": labels(), "assignee_id": assignee,
            "assignee_type": kind, "location": {"name": "fsn1"}, "created": "2026-11-22T10:00:00Z"})
    };
    let part = json!([{"id": 1, "name": "p", "labels": labels(), "created": "2026-11-22T10:00:00+00:00"}]);
    cloud.list("/servers", json!([server("off")])).await;
    cloud.list("/firewalls", part.clone()).await;
    cloud.list("/ssh_keys", part).await;
    let addresses = json!([
        address(501, json!(100), "server"),
        address(502, Value::Null, "unassigned")
    ]);
    cloud.list("/primary_ips", addresses).await;
    cloud.on("GET /pricing", [(200, pricing())]).await;
    let p = cloud.provider(Hetzner);
    let all = p.resources(None).await.unwrap();
    use ResourceKind::{Address, Firewall, Server, SshKey};
    let told: Vec<_> = all.iter().map(|r| (r.kind, r.id.as_str(), r.price_month)).collect();
    let expected = [
        (Server, "100", Some(5.99)),
        (Firewall, "1", None),
        (SshKey, "1", None),
        (Address, "502", Some(0.5)),
    ];
    assert_eq!(told, expected);
    assert!(
        all.iter()
            .all(|r| r.deployment_id == ID && r.created_at == Some(1_795_341_600_000))
    );
    p.resources(Some(ID)).await.unwrap();
    let asked = cloud.requests("GET", "/servers").await;
    let selector = |n: usize| {
        asked[n]
            .url
            .query_pairs()
            .find(|(k, _)| k == "label_selector")
            .unwrap()
            .1
            .into_owned()
    };
    assert_eq!((selector(0), selector(1)), (LABEL.to_owned(), format!("{LABEL}=={ID}")));
}
