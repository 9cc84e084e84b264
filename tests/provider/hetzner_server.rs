//! Hetzner: the life of a server.

use super::hetzner::{failed, server};
use super::support::{Cloud, labels, offer, spec, tag};
use clawdwako::error::Kind;
use clawdwako::model::ProviderKind::Hetzner;
use clawdwako::provider::{Instance, LABEL, Offer};
use clawdwako::secrets::Secret;
use serde_json::{Value, json};
use std::time::Duration;

/// A cloud that knows the key and the image, and whose list of servers answers as told.
async fn cloud(servers: impl IntoIterator<Item = Value>) -> Cloud {
    let cloud = Cloud::start().await;
    let answers = servers.into_iter().map(|s| (200, json!({"servers": s})));
    cloud.on("GET /servers", answers).await;
    cloud
        .on(
            "GET /ssh_keys/11",
            [(200, json!({"ssh_key": {"id": 11, "name": "our-key"}}))],
        )
        .await;
    let image = |id: u32, arch: &str, deprecated: Value| {
        json!({"id": id, "name": "ubuntu-24.04", "architecture": arch, "status": "available",
            "deprecated": deprecated, "disk_size": 5})
    };
    let images = json!([image(1, "x86", Value::Null), image(2, "arm", Value::Null)]);
    cloud.list("/images?name=ubuntu-24.04", images).await;
    cloud.list("/images?name=debian-12", json!([])).await;
    cloud
}

fn created() -> (u16, Value) {
    let action = json!({"id": 900, "command": "create_server", "status": "running", "error": null});
    (
        201,
        json!({"server": server("initializing"), "action": action, "next_actions": [], "root_password": null}),
    )
}

fn offers() -> [Offer; 3] {
    [
        offer("cx23", "fsn1", "x86_64"),
        offer("cax11", "nbg1", "aarch64"),
        offer("cpx22", "hel1", "x86_64"),
    ]
}

#[tokio::test]
async fn an_order_names_everything_at_once() {
    let cloud = cloud([json!([])]).await;
    cloud.on("POST /servers", [created()]).await;
    let made = cloud
        .provider(Hetzner)
        .ensure_instance(&tag(), &spec(), &offers())
        .await
        .unwrap();
    assert_eq!(
        (made.id.as_str(), made.action_id.as_deref(), made.running),
        ("100", Some("900"), false)
    );
    assert_eq!(
        made.ipv4.as_deref(),
        Some("198.51.100.11"),
        "the address is known from the start"
    );
    assert_eq!(made.ipv6.as_deref(), Some("2001:db8:1::1"));
    let sent = cloud.bodies("POST", "/servers").await;
    super::specs::valid("hetzner", "create_server_request", &sent[0]);
    let expected = json!({
        "name": tag().resource_name(), "server_type": "cx23", "location": "fsn1", "image": "ubuntu-24.04",
        "ssh_keys": ["our-key"], "firewalls": [{"firewall": 22}], "labels": labels(),
        "public_net": {"enable_ipv4": true, "enable_ipv6": true},
        "user_data": "#cloud-config\n", "start_after_create": true,
    });
    assert_eq!(sent, [expected]);
}

#[tokio::test]
async fn a_sold_out_type_leads_to_the_next_and_any_other_refusal_does_not() {
    let c = cloud([json!([])]).await;
    c.on(
        "POST /servers",
        [
            (412, failed("resource_unavailable")),
            (422, failed("placement_error")),
            created(),
        ],
    )
    .await;
    c.provider(Hetzner)
        .ensure_instance(&tag(), &spec(), &offers())
        .await
        .unwrap();
    let sent = c.bodies("POST", "/servers").await;
    let tried: Vec<_> = sent
        .iter()
        .map(|b| format!("{}@{}", b["server_type"], b["location"]).replace('"', ""))
        .collect();
    assert_eq!(tried, ["cx23@fsn1", "cax11@nbg1", "cpx22@hel1"]);

    let c = cloud([json!([])]).await;
    c.on("POST /servers", [(412, failed("resource_unavailable"))]).await;
    let e = c
        .provider(Hetzner)
        .ensure_instance(&tag(), &spec(), &offers())
        .await
        .unwrap_err();
    assert_eq!((e.kind(), c.count("POST", "/servers").await), (Kind::Unavailable, 3));

    let c = cloud([json!([])]).await;
    c.on("POST /servers", [(403, failed("resource_limit_exceeded"))]).await;
    let e = c
        .provider(Hetzner)
        .ensure_instance(&tag(), &spec(), &offers())
        .await
        .unwrap_err();
    assert_eq!((e.kind(), c.count("POST", "/servers").await), (Kind::Quota, 1));
}

#[tokio::test]
async fn a_lost_reply_does_not_buy_twice() {
    let there = json!([server("running")]);
    // Seen only at the fourth look: not at the start, nor twice after the lost reply.
    let c = cloud([json!([]), json!([]), json!([]), json!([]), there.clone()]).await;
    c.on("POST /servers", [(502, Value::Null)]).await;
    let found = c
        .provider(Hetzner)
        .ensure_instance(&tag(), &spec(), &offers())
        .await
        .unwrap();
    assert_eq!((found.id.as_str(), c.count("POST", "/servers").await), ("100", 1));

    // What was there before is not bought at all.
    let c = cloud([there]).await;
    let found = c
        .provider(Hetzner)
        .ensure_instance(&tag(), &spec(), &offers())
        .await
        .unwrap();
    assert_eq!(
        (found.id.as_str(), found.running, c.count("POST", "/servers").await),
        ("100", true, 0)
    );
}

#[tokio::test]
async fn a_taken_name_is_adopted_only_with_our_label() {
    let c = cloud([json!([]), json!([]), json!([server("running")])]).await;
    c.on("POST /servers", [(409, failed("uniqueness_error"))]).await;
    let found = c
        .provider(Hetzner)
        .ensure_instance(&tag(), &spec(), &offers())
        .await
        .unwrap();
    assert_eq!(found.id, "100");

    let c = cloud([json!([])]).await;
    c.on("POST /servers", [(409, failed("uniqueness_error"))]).await;
    let e = c
        .provider(Hetzner)
        .ensure_instance(&tag(), &spec(), &offers())
        .await
        .unwrap_err();
    assert_eq!((e.kind(), c.count("POST", "/servers").await), (Kind::Exists, 1));
}

#[tokio::test]
async fn images_are_chosen_by_name_and_architecture_or_by_number() {
    let c = cloud([json!([])]).await;
    let p = c.provider(Hetzner);
    let mut s = spec();
    s.image = "debian-12".into();
    assert_eq!(
        p.ensure_instance(&tag(), &s, &offers()).await.unwrap_err().kind(),
        Kind::Usage
    );
    // A snapshot of an ARM server, whose disk the first ARM offer is too small for.
    let snapshot = json!({"id": 77, "name": null, "architecture": "arm", "status": "available", "disk_size": 80});
    c.on("GET /images/77", [(200, json!({"image": snapshot}))]).await;
    c.on("POST /servers", [created()]).await;
    s.image = "77".into();
    let mut large = offer("cax21", "nbg1", "aarch64");
    large.disk_gb = 80;
    let all = [offers().to_vec(), vec![large]].concat();
    p.ensure_instance(&tag(), &s, &all).await.unwrap();
    let sent = c.bodies("POST", "/servers").await;
    assert_eq!(
        (sent.len(), &sent[0]["server_type"], &sent[0]["image"]),
        (1, &json!("cax21"), &json!("77"))
    );
    let e = p.ensure_instance(&tag(), &s, &offers()).await.unwrap_err();
    assert_eq!((e.kind(), c.count("POST", "/servers").await), (Kind::Usage, 1));
    s.image = "78".into();
    assert_eq!(
        p.ensure_instance(&tag(), &s, &all).await.unwrap_err().kind(),
        Kind::Usage
    );
}

#[tokio::test]
async fn user_data_that_is_too_long_is_not_sent() {
    let c = cloud([json!([])]).await;
    let mut s = spec();
    s.user_data = Secret::new("x".repeat(32 * 1024 + 1));
    let e = c
        .provider(Hetzner)
        .ensure_instance(&tag(), &s, &offers())
        .await
        .unwrap_err();
    assert!(e.message().contains("32769 bytes") && c.count("POST", "/servers").await == 0);
}

fn ordered() -> Instance {
    Instance {
        id: "100".into(),
        name: "n".into(),
        size: String::new(),
        region: String::new(),
        ipv4: None,
        ipv6: None,
        running: false,
        action_id: Some("900".into()),
    }
}

fn action(status: &str, error: Value) -> (u16, Value) {
    (
        200,
        json!({"action": {"id": 900, "command": "create_server", "status": status, "error": error}}),
    )
}

#[tokio::test]
async fn waiting_follows_the_action_then_the_server_and_labels_the_addresses() {
    let c = Cloud::start().await;
    c.on(
        "GET /actions/900",
        [
            action("running", Value::Null),
            action("new-in-2031", Value::Null),
            action("success", Value::Null),
        ],
    )
    .await;
    let status = |s: &str| (200, json!({"server": server(s)}));
    c.on(
        "GET /servers/100",
        [status("initializing"), status("starting"), status("running")],
    )
    .await;
    let ip = |id: u32, labels: Value| (200, json!({"primary_ip": {"id": id, "name": "ip", "labels": labels}}));
    c.on("GET /primary_ips/501", [ip(501, json!({"team": "red"}))]).await;
    c.on("GET /primary_ips/502", [ip(502, labels())]).await;
    c.on("PUT /primary_ips/501", [(423, failed("locked")), (200, json!({}))])
        .await;
    let deadline = Duration::from_secs(10);
    let up = c.provider(Hetzner).wait_running(&ordered(), deadline).await.unwrap();
    assert!(up.running && up.ipv4.is_some() && up.action_id.is_none());
    assert_eq!(
        (
            c.count("GET", "/actions/900").await,
            c.count("GET", "/servers/100").await
        ),
        (3, 3)
    );
    let put = c.bodies("PUT", "/primary_ips/501").await;
    super::specs::valid("hetzner", "replace_primary_ip_request", &put[1]);
    assert_eq!(
        put[1],
        json!({"labels": {"team": "red", LABEL: labels()[LABEL]}, "auto_delete": true})
    );
    assert_eq!(c.count("PUT", "/primary_ips/502").await, 0, "it has the label already");
}

#[tokio::test]
async fn a_failed_action_is_told_in_its_own_words() {
    for (code, kind) in [
        ("resource_unavailable", Kind::Unavailable),
        ("action_failed", Kind::Upstream),
    ] {
        let c = Cloud::start().await;
        c.on(
            "GET /actions/900",
            [action("error", json!({"code": code, "message": "no room"}))],
        )
        .await;
        let e = c
            .provider(Hetzner)
            .wait_running(&ordered(), Duration::from_secs(10))
            .await
            .unwrap_err();
        assert_eq!(e.kind(), kind);
        assert!(
            e.message().contains("no room") && e.message().contains(code) && e.next_step().is_some(),
            "{e}"
        );
    }
}

#[tokio::test]
async fn waiting_ends_at_the_deadline_and_when_the_server_is_gone() {
    let c = Cloud::start().await;
    c.on("GET /actions/900", [(404, failed("not_found"))]).await;
    c.on("GET /servers/100", [(200, json!({"server": server("off")}))])
        .await;
    let e = c
        .provider(Hetzner)
        .wait_running(&ordered(), Duration::from_millis(50))
        .await
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Timeout);
    assert!(e.message().contains("it is off"), "{e}");
    let c = Cloud::start().await;
    c.on("GET /actions/900", [action("running", Value::Null)]).await;
    let e = c
        .provider(Hetzner)
        .wait_running(&ordered(), Duration::from_millis(50))
        .await
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Timeout);
    let c = Cloud::start().await;
    let e = c
        .provider(Hetzner)
        .wait_running(&ordered(), Duration::from_secs(5))
        .await
        .unwrap_err();
    assert_eq!(e.kind(), Kind::NotFound);
}
