//! DigitalOcean: the life of a droplet.

use super::digitalocean::{droplet, failed, gone};
use super::support::{Cloud, do_tag, offer, spec, tag};
use clawdwako::error::Kind;
use clawdwako::model::ProviderKind::DigitalOcean;
use clawdwako::provider::Instance;
use serde_json::{Value, json};
use std::time::Duration;

/// A cloud whose searches by tag and by name answer as told.
async fn cloud(by_tag: &[Value], by_name: &[Value]) -> Cloud {
    let cloud = Cloud::start().await;
    for (query, lists) in [
        (format!("tag_name={}", do_tag()), by_tag),
        (format!("name={}", tag().resource_name()), by_name),
    ] {
        let answers: Vec<_> = lists.iter().map(|l| (200, json!({"droplets": l}))).collect();
        cloud.on(&format!("GET /droplets?{query}"), answers).await;
    }
    cloud
}

fn created() -> (u16, Value) {
    let links = json!({"actions": [{"id": 5, "rel": "other"}, {"id": 900, "rel": "create", "href": "x"}]});
    (202, json!({"droplet": droplet(100, "new"), "links": links}))
}

#[tokio::test]
async fn an_order_carries_the_tags_and_answers_with_the_right_action() {
    let c = cloud(&[json!([])], &[json!([])]).await;
    c.on("POST /droplets", [created()]).await;
    let all = [offer("s-1vcpu-2gb", "fra1", "x86_64")];
    let made = c
        .provider(DigitalOcean)
        .ensure_instance(&tag(), &spec(), &all)
        .await
        .unwrap();
    assert_eq!(
        (made.id.as_str(), made.action_id.as_deref(), made.running),
        ("100", Some("900"), false)
    );
    assert_eq!((made.ipv4, made.region.as_str()), (None, "fra1"));
    let sent = c.bodies("POST", "/droplets").await;
    super::specs::valid("digitalocean", "droplets", &sent[0]);
    let expected = json!({
        "name": tag().resource_name(), "size": "s-1vcpu-2gb", "region": "fra1", "image": "ubuntu-24-04-x64",
        "ssh_keys": [11], "tags": [do_tag(), "clawdwako"], "ipv6": true, "monitoring": false, "backups": false,
        "user_data": "#cloud-config\n",
    });
    assert_eq!(sent, [expected]);
}

#[tokio::test]
async fn images_are_named_in_their_spelling_and_snapshots_by_number() {
    for (ours, theirs) in [
        ("debian-12", json!("debian-12-x64")),
        ("ubuntu-22.04", json!("ubuntu-22-04-x64")),
        ("195932981", json!(195_932_981)),
    ] {
        let c = cloud(&[json!([])], &[json!([])]).await;
        c.on("POST /droplets", [created()]).await;
        let mut s = spec();
        s.image = ours.into();
        c.provider(DigitalOcean)
            .ensure_instance(&tag(), &s, &[offer("a", "fra1", "x86_64")])
            .await
            .unwrap();
        assert_eq!(c.bodies("POST", "/droplets").await[0]["image"], theirs);
    }
}

#[tokio::test]
async fn a_lost_reply_does_not_buy_twice_though_the_search_lags() {
    let none = json!([]);
    let there = json!([droplet(101, "new"), droplet(100, "active")]);
    // The search by tag never sees it; the one by name does at the fifth look.
    let by_name = [none.clone(), none.clone(), none.clone(), none.clone(), there.clone()];
    let c = cloud(std::slice::from_ref(&none), &by_name).await;
    c.on("POST /droplets", [(504, Value::Null)]).await;
    let all = [offer("a", "fra1", "x86_64")];
    let found = c
        .provider(DigitalOcean)
        .ensure_instance(&tag(), &spec(), &all)
        .await
        .unwrap();
    assert_eq!(
        (found.id.as_str(), c.count("POST", "/droplets").await),
        ("100", 1),
        "the oldest of two"
    );

    // One that has our name but not our tag is a stranger's.
    let mut stranger = droplet(100, "active");
    stranger["tags"] = json!([]);
    let c = cloud(&[none], &[json!([stranger])]).await;
    assert!(c.provider(DigitalOcean).find_instance(&tag()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_create_that_never_gets_through_is_tried_three_times() {
    let c = cloud(&[json!([])], &[json!([])]).await;
    c.on("POST /droplets", [(500, failed("server_error", "Server Error"))])
        .await;
    let e = c
        .provider(DigitalOcean)
        .ensure_instance(&tag(), &spec(), &[offer("a", "fra1", "x86_64")])
        .await
        .unwrap_err();
    assert_eq!((e.kind(), c.count("POST", "/droplets").await), (Kind::Upstream, 3));
}

#[tokio::test]
async fn a_closed_region_leads_to_the_next_and_a_full_account_does_not() {
    let all = [offer("a", "fra1", "x86_64"), offer("a", "ams3", "x86_64")];
    let c = cloud(&[json!([])], &[json!([])]).await;
    c.on(
        "POST /droplets",
        [
            (422, failed("unprocessable_entity", "Region is not available")),
            created(),
        ],
    )
    .await;
    c.provider(DigitalOcean)
        .ensure_instance(&tag(), &spec(), &all)
        .await
        .unwrap();
    assert_eq!(c.bodies("POST", "/droplets").await[1]["region"], "ams3");
    let c = cloud(&[json!([])], &[json!([])]).await;
    let full = "creating this/these droplet(s) will exceed your droplet limit";
    c.on("POST /droplets", [(422, failed("unprocessable_entity", full))])
        .await;
    let e = c
        .provider(DigitalOcean)
        .ensure_instance(&tag(), &spec(), &all)
        .await
        .unwrap_err();
    assert_eq!((e.kind(), c.count("POST", "/droplets").await), (Kind::Quota, 1));
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

fn action(status: &str) -> (u16, Value) {
    (200, json!({"action": {"id": 900, "status": status, "type": "create"}}))
}

#[tokio::test]
async fn a_new_droplet_may_be_unknown_also_after_a_long_action() {
    let c = Cloud::start().await;
    // Longer than a new droplet may stay unseen.
    let long = std::iter::repeat_n(action("in-progress"), 20).chain([action("completed")]);
    c.on("GET /actions/900", long).await;
    c.on(
        "GET /droplets/100",
        [gone(), (200, json!({"droplet": droplet(100, "active")}))],
    )
    .await;
    let up = c
        .provider(DigitalOcean)
        .wait_running(&ordered(), Duration::from_secs(30))
        .await
        .unwrap();
    assert_eq!(up.ipv4.as_deref(), Some("198.51.100.7"));
}

#[tokio::test]
async fn a_new_droplet_may_be_unknown_at_first() {
    let c = Cloud::start().await;
    c.on("GET /actions/900", [action("in-progress"), action("completed")])
        .await;
    let is = |status: &str| (200, json!({"droplet": droplet(100, status)}));
    c.on("GET /droplets/100", [gone(), gone(), is("new"), is("active")])
        .await;
    let up = c
        .provider(DigitalOcean)
        .wait_running(&ordered(), Duration::from_secs(10))
        .await
        .unwrap();
    assert_eq!(
        (up.ipv4.as_deref(), up.ipv6.as_deref()),
        (Some("198.51.100.7"), Some("2001:db8::7")),
        "the public ones"
    );
    assert_eq!(
        (
            c.count("GET", "/actions/900").await,
            c.count("GET", "/droplets/100").await
        ),
        (2, 4)
    );
}

#[tokio::test]
async fn waiting_ends_when_it_failed_is_gone_or_takes_too_long() {
    let is = |status: &str| (200, json!({"droplet": droplet(100, status)}));
    let c = Cloud::start().await;
    c.on("GET /actions/900", [action("errored")]).await;
    let wait = async |c: &Cloud, ms| {
        let p = c.provider(DigitalOcean);
        p.wait_running(&ordered(), Duration::from_millis(ms)).await.unwrap_err()
    };
    assert_eq!(wait(&c, 10_000).await.kind(), Kind::Upstream);
    // Seen, then gone; and never seen at all. The action is not known (any more) either.
    for answers in [vec![is("new"), gone()], vec![gone()]] {
        let c = Cloud::start().await;
        c.on("GET /actions/900", [gone()]).await;
        c.on("GET /droplets/100", answers).await;
        assert_eq!(wait(&c, 10_000).await.kind(), Kind::NotFound);
    }
    let c = Cloud::start().await;
    c.on("GET /actions/900", [action("completed")]).await;
    c.on("GET /droplets/100", [is("new")]).await;
    assert_eq!(wait(&c, 50).await.kind(), Kind::Timeout);
}
