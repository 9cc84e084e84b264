//! What DigitalOcean's stand-in does and refuses.

use crate::support::cloud::{Answer, Clouds};
use serde_json::{Value, json};
use std::time::Duration;

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHmcVdzydp72a/B69nmENZvCvjuk7xGpKdi5CvhkmNsv user";
const FINGERPRINT: &str = "af:0d:c5:57:a8:fd:b2:82:5e:d4:c1:65:f0:0c:8a:9d";

fn order(name: &str) -> Value {
    json!({"name": name, "size": "s-2vcpu-4gb", "image": "ubuntu-24-04-x64", "region": "fra1", "tags": ["ours"]})
}

/// An order with other fields.
fn with(fields: Value) -> Value {
    let mut order = order("x");
    for (key, value) in fields.as_object().unwrap() {
        order[key] = value.clone();
    }
    order
}

async fn make(clouds: &Clouds, body: Value) -> Answer {
    clouds.digitalocean("POST", "/v2/droplets", Some(body)).await
}

#[track_caller]
fn refused(answer: Answer, status: u16, id: &str, message: &str) -> Answer {
    let body = &answer.body;
    assert_eq!(
        (answer.status, body["id"].as_str()),
        (status, Some(id)),
        "{}",
        answer.text
    );
    assert!(body["message"].as_str().unwrap().contains(message), "{}", answer.text);
    answer
}

#[tokio::test]
async fn a_droplet_is_new_then_active_then_gone() {
    let clouds = Clouds::start().await;
    let made = make(&clouds, order("one")).await.expect(202).body;
    let path = format!("/v2/droplets/{}", made["droplet"]["id"]);
    assert_eq!(made["droplet"]["status"], "new");
    assert_eq!(made["droplet"]["networks"], json!({"v4": [], "v6": []}));
    assert_eq!(made["links"]["actions"][0]["rel"], "create");
    refused(
        clouds.digitalocean("GET", &path, None).await,
        404,
        "not_found",
        "could not be found",
    );
    let listed = clouds
        .digitalocean("GET", "/v2/droplets?tag_name=ours", None)
        .await
        .expect(200)
        .body;
    assert_eq!(
        listed["meta"]["total"], 1,
        "the tag finds it although the id does not yet"
    );
    let action = clouds.digitalocean_action(&made["links"]["actions"][0]["id"]).await;
    assert_eq!(
        (&action["status"], &action["type"]),
        (&json!("completed"), &json!("create"))
    );
    let droplet = clouds.digitalocean("GET", &path, None).await.expect(200).body["droplet"].clone();
    assert_eq!(droplet["status"], "active");
    let v4 = droplet["networks"]["v4"].as_array().unwrap();
    let public = v4.iter().find(|n| n["type"] == "public").unwrap();
    assert_eq!(public["ip_address"], "198.18.0.11");
    assert!(
        v4.iter().any(|n| n["type"] == "private"),
        "a client must not take the first address"
    );
    let gone = clouds.digitalocean("DELETE", &path, None).await.expect(204);
    assert_eq!((gone.text.as_str(), gone.header("content-type")), ("", None));
    refused(clouds.digitalocean("GET", &path, None).await, 404, "not_found", "");
    refused(clouds.digitalocean("DELETE", &path, None).await, 404, "not_found", "");
}

#[tokio::test]
async fn names_repeat_and_a_tag_deletes_all() {
    let clouds = Clouds::start().await;
    make(&clouds, order("same")).await.expect(202);
    make(&clouds, order("same")).await.expect(202);
    let mut other = order("same");
    other["tags"] = json!(["theirs"]);
    make(&clouds, other).await.expect(202);
    refused(
        clouds.digitalocean("DELETE", "/v2/droplets", None).await,
        400,
        "bad_request",
        "tag_name",
    );
    clouds
        .digitalocean("DELETE", "/v2/droplets?tag_name=nobody", None)
        .await
        .expect(404);
    clouds
        .digitalocean("DELETE", "/v2/droplets?tag_name=ours", None)
        .await
        .expect(204);
    let left = clouds.digitalocean("GET", "/v2/droplets?name=same", None).await.body;
    assert_eq!(
        (&left["meta"]["total"], &left["droplets"][0]["tags"]),
        (&json!(1), &json!(["theirs"]))
    );
}

#[tokio::test]
async fn a_create_that_cannot_be_is_refused_as_the_real_one_refuses_it() {
    let clouds = Clouds::start().await;
    for (fields, message) in [
        (json!({"name": ""}), "Name can't be blank"),
        (json!({"name": "under_score"}), "hostname characters"),
        (json!({"size": "huge"}), "invalid size"),
        (json!({"image": "windows"}), "invalid image"),
        (json!({"image": 7}), "invalid image"),
        (json!({"region": "mars1"}), "invalid region"),
        (json!({"region": "sfo1"}), "not available in this region"),
        (json!({"size": "1gb"}), "not available in this region"),
        (json!({"size": "s-1vcpu-2gb"}), "not available in this region"),
        (json!({"ssh_keys": [1]}), "invalid key identifiers"),
        (json!({"tags": ["a b"]}), "tag"),
        (json!({"user_data": "x".repeat(64 * 1024 + 1)}), "too long"),
    ] {
        refused(make(&clouds, with(fields)).await, 422, "unprocessable_entity", message);
    }
    make(
        &clouds,
        with(json!({"image": 210_000_001, "user_data": "x".repeat(64 * 1024)})),
    )
    .await
    .expect(202);
    clouds
        .digitalocean_state()
        .refuse_next("*", "Size is not available in this region.");
    refused(
        make(&clouds, order("x")).await,
        422,
        "unprocessable_entity",
        "not available",
    );
    clouds.digitalocean_state().set_droplet_limit(1);
    let full = make(&clouds, order("x")).await;
    refused(full, 422, "unprocessable_entity", "will exceed your droplet limit");
    clouds.digitalocean_state().set_droplet_limit(5);
    clouds.digitalocean_state().set_status("locked", "unpaid");
    refused(make(&clouds, order("x")).await, 403, "forbidden", "locked");
    let account = clouds.digitalocean("GET", "/v2/account", None).await.body["account"].clone();
    assert_eq!(
        (&account["status"], &account["status_message"]),
        (&json!("locked"), &json!("unpaid"))
    );
}

#[tokio::test]
async fn credentials_scopes_methods_and_paths() {
    let clouds = Clouds::start().await;
    let url = format!("{}/v2/account", clouds.digitalocean_url());
    for token in [None, Some("dop_v1_x")] {
        let answer = clouds.call("GET", &url, token, None).await.expect(401);
        assert_eq!(
            answer.body,
            json!({"id": "Unauthorized", "message": "Unable to authenticate you"})
        );
    }
    let wrong = clouds.digitalocean("PATCH", "/v2/account", None).await.expect(405);
    assert_eq!(wrong.text, "");
    clouds.digitalocean("GET", "/v2/nothing", None).await.expect(404);
    clouds.digitalocean_state().deny("tag:create");
    let answer = refused(make(&clouds, order("x")).await, 403, "Forbidden", "tag:create");
    assert!(answer.body["request_id"].is_string());
    let listed = clouds.digitalocean("GET", "/v2/droplets", None).await.body;
    assert_eq!(listed["meta"]["total"], 0, "a refused create leaves nothing");
    clouds.digitalocean_state().grant("tag:create");
    make(&clouds, order("x")).await.expect(202);
    clouds.digitalocean_state().deny("droplet:read");
    refused(
        clouds.digitalocean("GET", "/v2/droplets", None).await,
        403,
        "Forbidden",
        "droplet:read",
    );
}

#[tokio::test]
async fn three_rate_limits_and_only_those_of_a_minute_tell_the_wait() {
    let clouds = Clouds::start().await;
    let first = clouds.digitalocean("GET", "/v2/account", None).await.expect(200);
    assert_eq!(
        (first.header("ratelimit-limit"), first.header("ratelimit-remaining")),
        (Some("5000"), Some("4999"))
    );
    for _ in 0..10 {
        clouds.digitalocean("GET", "/v2/account/keys", None).await.expect(200);
    }
    let keys = refused(
        clouds.digitalocean("GET", "/v2/account/keys", None).await,
        429,
        "too_many_requests",
        "",
    );
    let wait: u64 = keys.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=6).contains(&wait), "{wait}");
    let one = format!("/v2/account/keys/{FINGERPRINT}");
    clouds.digitalocean("GET", &one, None).await.expect(404);
    clouds.digitalocean_state().set_rate_limits(5000, 1);
    clouds.digitalocean("GET", "/v2/account", None).await.expect(200);
    let burst = clouds.digitalocean("GET", "/v2/account", None).await.expect(429);
    assert!(burst.header("retry-after").is_some());
    clouds.digitalocean_state().set_rate_limits(1, 250);
    clouds.digitalocean("GET", "/v2/account", None).await.expect(200);
    let hour = clouds.digitalocean("GET", "/v2/account", None).await.expect(429);
    assert_eq!(
        (hour.header("retry-after"), hour.header("ratelimit-remaining")),
        (None, Some("0"))
    );
}

#[tokio::test]
async fn keys_go_by_id_and_fingerprint() {
    let clouds = Clouds::start().await;
    let add = async |name: &str, key: &str| {
        clouds
            .digitalocean(
                "POST",
                "/v2/account/keys",
                Some(json!({"name": name, "public_key": key})),
            )
            .await
    };
    refused(add("k", "nonsense").await, 422, "unprocessable_entity", "Key invalid");
    let key = add("k", KEY).await.expect(201).body["ssh_key"].clone();
    assert_eq!(key["fingerprint"], FINGERPRINT);
    refused(add("other", KEY).await, 422, "unprocessable_entity", "already in use");
    for name in [key["id"].to_string(), FINGERPRINT.to_owned()] {
        let found = clouds
            .digitalocean("GET", &format!("/v2/account/keys/{name}"), None)
            .await
            .expect(200)
            .body;
        assert_eq!(found["ssh_key"]["id"], key["id"]);
    }
    let fields = json!({"ssh_keys": [FINGERPRINT, key["id"]]});
    make(&clouds, with(fields)).await.expect(202);
    clouds
        .digitalocean("DELETE", &format!("/v2/account/keys/{FINGERPRINT}"), None)
        .await
        .expect(204);
    clouds
        .digitalocean("DELETE", &format!("/v2/account/keys/{FINGERPRINT}"), None)
        .await
        .expect(404);
}

#[tokio::test]
async fn power_has_one_action_at_a_time() {
    let clouds = Clouds::start().await;
    let made = make(&clouds, order("p")).await.expect(202).body;
    let path = format!("/v2/droplets/{}", made["droplet"]["id"]);
    clouds.digitalocean_action(&made["links"]["actions"][0]["id"]).await;
    clouds.digitalocean("GET", &path, None).await.expect(404);
    for (kind, status) in [
        ("power_off", "off"),
        ("power_on", "active"),
        ("shutdown", "off"),
        ("power_cycle", "active"),
    ] {
        let actions = format!("{path}/actions");
        clouds.digitalocean_state().set_pace(Duration::from_secs(600));
        let action = clouds
            .digitalocean("POST", &actions, Some(json!({"type": kind})))
            .await
            .expect(201)
            .body;
        let second = clouds
            .digitalocean("POST", &actions, Some(json!({"type": "reboot"})))
            .await;
        refused(second, 422, "unprocessable_entity", "pending event");
        clouds.digitalocean_state().set_pace(Duration::from_millis(20));
        clouds.digitalocean_action(&action["action"]["id"]).await;
        let droplet = clouds.digitalocean("GET", &path, None).await.expect(200).body;
        assert_eq!(droplet["droplet"]["status"], status, "after {kind}");
    }
    let rebuild = clouds
        .digitalocean("POST", &format!("{path}/actions"), Some(json!({"type": "rebuild"})))
        .await;
    refused(rebuild, 422, "unprocessable_entity", "not supported");
}

#[tokio::test]
async fn a_droplet_deleted_while_it_is_made_stays_gone() {
    let clouds = Clouds::start().await;
    let made = make(&clouds, order("short")).await.expect(202).body;
    let path = format!("/v2/droplets/{}", made["droplet"]["id"]);
    clouds.digitalocean("DELETE", &path, None).await.expect(204);
    clouds.digitalocean_action(&made["links"]["actions"][0]["id"]).await;
    let left = clouds.digitalocean("GET", "/v2/droplets", None).await.body;
    assert_eq!(left["meta"]["total"], 0);
}

#[tokio::test]
async fn firewalls_take_droplets_and_tags_that_exist() {
    let clouds = Clouds::start().await;
    let made = make(&clouds, order("f")).await.expect(202).body;
    let wall = |fields: Value| {
        let mut wall = json!({
            "name": "w",
            "inbound_rules": [{"protocol": "tcp", "ports": "22", "sources": {"addresses": ["0.0.0.0/0"]}}],
            "outbound_rules": [{"protocol": "udp", "ports": "all", "destinations": {"addresses": ["0.0.0.0/0"]}}],
        });
        for (key, value) in fields.as_object().unwrap() {
            wall[key] = value.clone();
        }
        wall
    };
    let add = async |fields: Value| clouds.digitalocean("POST", "/v2/firewalls", Some(wall(fields))).await;
    refused(
        add(json!({"tags": ["nobody"]})).await,
        422,
        "unprocessable_entity",
        "does not exist",
    );
    refused(
        add(json!({"droplet_ids": [1]})).await,
        422,
        "unprocessable_entity",
        "does not exist",
    );
    refused(
        add(json!({"inbound_rules": [], "outbound_rules": []})).await,
        422,
        "unprocessable_entity",
        "rule",
    );
    refused(add(json!({"name": "a b"})).await, 400, "bad_request", "name");
    let made_wall = add(json!({"tags": ["ours"]})).await.expect(202).body["firewall"].clone();
    assert_eq!(made_wall["outbound_rules"][0]["ports"], "0", "all ports come back as 0");
    refused(add(json!({})).await, 409, "conflict", "duplicate name");
    let of_droplet = format!("/v2/droplets/{}/firewalls", made["droplet"]["id"]);
    let on = clouds.digitalocean("GET", &of_droplet, None).await.body;
    assert_eq!(on["firewalls"][0]["id"], made_wall["id"], "by its tag");
    let path = format!("/v2/firewalls/{}", made_wall["id"].as_str().unwrap());
    let ids = json!({"droplet_ids": [made["droplet"]["id"]]});
    clouds
        .digitalocean("POST", &format!("{path}/droplets"), Some(ids))
        .await
        .expect(204);
    clouds
        .digitalocean("DELETE", &format!("{path}/tags"), Some(json!({"tags": ["ours"]})))
        .await
        .expect(204);
    let on = clouds.digitalocean("GET", &of_droplet, None).await.body;
    assert_eq!(on["meta"]["total"], 1, "by its id");
    clouds.digitalocean("DELETE", &path, None).await.expect(204);
    clouds.digitalocean("GET", &path, None).await.expect(404);
}

#[tokio::test]
async fn pages_have_links_that_work() {
    let clouds = Clouds::start().await;
    let first = clouds
        .digitalocean("GET", "/v2/sizes?per_page=4", None)
        .await
        .expect(200)
        .body;
    let total = first["meta"]["total"].as_u64().unwrap();
    let (mut next, mut seen) = (
        first["links"]["pages"]["next"].clone(),
        first["sizes"].as_array().unwrap().len(),
    );
    while let Some(link) = next.as_str() {
        let page = clouds
            .call("GET", link, Some(&clouds.world.credentials.digitalocean), None)
            .await
            .expect(200)
            .body;
        seen += page["sizes"].as_array().unwrap().len();
        next = page["links"]["pages"]["next"].clone();
    }
    assert_eq!(seen as u64, total);
    let whole = clouds.digitalocean("GET", "/v2/sizes", None).await.body;
    assert_eq!(whole["links"], json!({}));
    let price = |slug: &str| {
        let sizes = whole["sizes"].as_array().unwrap();
        sizes.iter().find(|s| s["slug"] == slug).unwrap()["price_monthly"].clone()
    };
    assert_eq!(
        (price("s-1vcpu-2gb"), price("s-2vcpu-2gb"), price("s-2vcpu-4gb")),
        (json!(12.0), json!(18.0), json!(24.0))
    );
}
