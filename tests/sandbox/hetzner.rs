//! What Hetzner's stand-in does and refuses.

use crate::support::cloud::{Answer, Clouds};
use base64::Engine;
use serde_json::{Value, json};
use std::time::Duration;

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHmcVdzydp72a/B69nmENZvCvjuk7xGpKdi5CvhkmNsv user";
const FINGERPRINT: &str = "af:0d:c5:57:a8:fd:b2:82:5e:d4:c1:65:f0:0c:8a:9d";

fn order(name: &str) -> Value {
    json!({"name": name, "server_type": "cx23", "image": "debian-12", "location": "fsn1"})
}

async fn make(clouds: &Clouds, body: Value) -> Answer {
    clouds.hetzner("POST", "/servers", Some(body)).await
}

/// An order with other fields.
fn with(name: &str, fields: Value) -> Value {
    let mut order = order(name);
    for (key, value) in fields.as_object().unwrap() {
        order[key] = value.clone();
    }
    order
}

#[tokio::test]
async fn a_server_lives_and_leaves_nothing() {
    let clouds = Clouds::start().await;
    let made = make(&clouds, order("one")).await.expect(201).body;
    let (server, path) = (&made["server"], format!("/servers/{}", made["server"]["id"]));
    assert_eq!(server["status"], "initializing");
    assert!(server.get("datacenter").is_none());
    assert_eq!(
        server["public_net"]["ipv4"]["ip"], "198.18.0.11",
        "the address is there at once"
    );
    assert_eq!(made["action"]["status"], "running");
    assert_eq!(made["next_actions"][0]["command"], "start_server");
    assert_eq!(made["next_actions"][0]["parent_id"], made["action"]["id"]);
    assert!(made["root_password"].is_string(), "nobody could log in otherwise");
    assert!(made["action"]["id"].as_i64().unwrap() > i64::from(u32::MAX));
    let action = clouds.hetzner_action(&made["next_actions"][0]).await;
    assert_eq!(
        (&action["status"], &action["progress"]),
        (&json!("success"), &json!(100))
    );
    let server = clouds.hetzner("GET", &path, None).await.expect(200).body;
    assert_eq!(server["server"]["status"], "running");
    let gone = clouds.hetzner("DELETE", &path, None).await.expect(200).body;
    clouds.hetzner_action(&gone["action"]).await;
    clouds.hetzner("GET", &path, None).await.refused(404, "not_found");
    clouds.hetzner("DELETE", &path, None).await.refused(404, "not_found");
    let ips = clouds.hetzner("GET", "/primary_ips", None).await.body;
    assert_eq!(ips["primary_ips"], json!([]));
    make(&clouds, order("one")).await.expect(201);
}

#[tokio::test]
async fn power_follows_the_actions_and_a_busy_server_is_locked() {
    let clouds = Clouds::start().await;
    let made = make(&clouds, order("p")).await.expect(201).body;
    let path = format!("/servers/{}", made["server"]["id"]);
    let early = clouds.hetzner("POST", &format!("{path}/actions/reboot"), None).await;
    assert!([201, 423].contains(&early.status), "{}", early.text);
    clouds.hetzner_action(&made["next_actions"][0]).await;
    if early.status == 201 {
        clouds.hetzner_action(&early.body["action"]).await;
    }
    for (verb, status) in [
        ("shutdown", "off"),
        ("poweron", "running"),
        ("poweroff", "off"),
        ("reset", "running"),
    ] {
        clouds.hetzner_state().set_pace(Duration::from_secs(600));
        let action = clouds
            .hetzner("POST", &format!("{path}/actions/{verb}"), None)
            .await
            .expect(201)
            .body;
        clouds.hetzner("DELETE", &path, None).await.refused(423, "locked");
        clouds.hetzner_state().set_pace(Duration::from_millis(20));
        clouds.hetzner_action(&action["action"]).await;
        let server = clouds.hetzner("GET", &path, None).await.body;
        assert_eq!(server["server"]["status"], status, "after {verb}");
    }
    let rebuild = clouds
        .hetzner(
            "POST",
            &format!("{path}/actions/rebuild"),
            Some(json!({"image": "debian-12"})),
        )
        .await;
    rebuild.refused(422, "unsupported_error");
    clouds
        .hetzner("POST", &format!("{path}/actions/dance"), None)
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn the_token_comes_after_the_path_and_every_answer_is_numbered() {
    let clouds = Clouds::start().await;
    let servers = format!("{}/servers", clouds.hetzner_url());
    let none = clouds
        .call("GET", &servers, None, None)
        .await
        .refused(401, "unauthorized");
    assert_eq!(none.body["error"]["message"], "token is required");
    let bad = clouds
        .call("GET", &servers, Some("x"), None)
        .await
        .refused(401, "unauthorized");
    let nowhere = format!("{}/nothing", clouds.hetzner_url());
    let unknown = clouds.call("GET", &nowhere, None, None).await.refused(404, "not_found");
    clouds
        .hetzner("PATCH", "/servers", None)
        .await
        .refused(405, "method_not_allowed");
    let good = clouds.hetzner("GET", "/servers", None).await.expect(200);
    let ids: Vec<&str> = [&none, &bad, &unknown, &good]
        .map(|a| a.header("x-correlation-id").unwrap())
        .into();
    assert!(
        ids.iter()
            .all(|id| id.len() == 16 && ids.iter().filter(|other| *other == id).count() == 1),
        "{ids:?}"
    );
}

#[tokio::test]
async fn the_rate_limit_counts_down_and_refuses_without_retry_after() {
    let clouds = Clouds::start().await;
    let first = clouds.hetzner("GET", "/locations", None).await.expect(200);
    assert_eq!(
        (first.header("ratelimit-limit"), first.header("ratelimit-remaining")),
        (Some("3600"), Some("3599"))
    );
    let reset: i64 = first.header("ratelimit-reset").unwrap().parse().unwrap();
    assert!((reset - jiff::Timestamp::now().as_second()).abs() <= 2);
    clouds.hetzner_state().set_rate_limit(2);
    clouds.hetzner("GET", "/locations", None).await.expect(200);
    clouds.hetzner("GET", "/locations", None).await.expect(200);
    let refused = clouds
        .hetzner("GET", "/locations", None)
        .await
        .refused(429, "rate_limit_exceeded");
    assert_eq!(
        (refused.header("retry-after"), refused.header("ratelimit-remaining")),
        (None, Some("0"))
    );
}

#[tokio::test]
async fn a_create_that_cannot_be_is_refused_as_the_real_one_refuses_it() {
    let clouds = Clouds::start().await;
    make(&clouds, order("taken")).await.expect(201);
    make(&clouds, order("taken")).await.refused(409, "uniqueness_error");
    for (fields, field) in [
        (json!({"name": "under_score"}), "name"),
        (json!({"server_type": "cx22"}), "server_type"),
        (json!({"image": "windows"}), "image"),
        (json!({"image": "310000001", "server_type": "cax11"}), "image"),
        (json!({"location": "mars1"}), "location"),
        (json!({"datacenter": "fsn1-dc14"}), "datacenter"),
        (json!({"ssh_keys": ["nobody"]}), "ssh_keys"),
        (json!({"firewalls": [{"firewall": 1}]}), "firewalls"),
        (json!({"labels": {"k": "x".repeat(64)}}), "labels"),
        (json!({"labels": {"hetzner.cloud/k": "v"}}), "labels"),
        (json!({"user_data": "x".repeat(32 * 1024 + 1)}), "user_data"),
    ] {
        let refused = make(&clouds, with("x", fields.clone()))
            .await
            .refused(422, "invalid_input");
        assert_eq!(refused.body["error"]["details"]["fields"][0]["name"], field, "{fields}");
        assert!(refused.body["error"]["details"]["fields"][0]["messages"][0].is_string());
    }
    make(&clouds, with("x", json!({"server_type": "cx23", "location": "ash"})))
        .await
        .refused(422, "invalid_input");
    make(&clouds, with("x", json!({"server_type": "cpx11"})))
        .await
        .refused(422, "invalid_input");
    make(&clouds, with("x", json!({"location": "hel1"})))
        .await
        .refused(412, "resource_unavailable");
    let url = format!("{}/servers", clouds.hetzner_url());
    let broken = reqwest::Client::new()
        .post(&url)
        .bearer_auth(&clouds.world.credentials.hetzner)
        .body("{");
    assert_eq!(broken.send().await.unwrap().status(), 400);
    make(&clouds, with("full", json!({"user_data": "x".repeat(32 * 1024)})))
        .await
        .expect(201);
}

#[tokio::test]
async fn stock_limits_and_queued_refusals() {
    let clouds = Clouds::start().await;
    clouds.hetzner_state().set_available("cx23", "*", false).unwrap();
    let types = clouds
        .hetzner("GET", "/server_types?name=cx23", None)
        .await
        .expect(200)
        .body;
    let places = types["server_types"][0]["locations"].as_array().unwrap().clone();
    assert!(
        places
            .iter()
            .all(|p| p["available"] == false && p["recommended"] == false)
    );
    make(&clouds, order("a")).await.refused(412, "resource_unavailable");
    clouds.hetzner_state().set_available("cx23", "fsn1", true).unwrap();
    for code in ["placement_error", "resource_unavailable", "conflict"] {
        clouds.hetzner_state().refuse_next("cx23", code).unwrap();
    }
    make(&clouds, order("a")).await.refused(422, "placement_error");
    make(&clouds, order("a")).await.refused(412, "resource_unavailable");
    make(&clouds, order("a")).await.refused(409, "conflict");
    make(&clouds, order("a")).await.expect(201);
    assert!(clouds.hetzner_state().refuse_next("cx23", "no_such_code").is_err());
    assert!(clouds.hetzner_state().set_available("cx22", "fsn1", true).is_err());
    clouds.hetzner_state().set_limits(1, 10);
    let full = make(&clouds, order("b")).await.refused(403, "resource_limit_exceeded");
    assert_eq!(full.body["error"]["details"]["limits"][0]["name"], "server_limit");
    clouds.hetzner_state().set_limits(10, 1);
    let full = make(&clouds, order("b")).await.refused(403, "resource_limit_exceeded");
    assert_eq!(full.body["error"]["details"]["limits"][0]["name"], "primary_ip_limit");
    let bare = with("b", json!({"public_net": {"enable_ipv4": false}}));
    let bare = make(&clouds, bare).await.expect(201).body;
    assert_eq!(bare["server"]["public_net"]["ipv4"], Value::Null);
}

#[tokio::test]
async fn prices_with_the_address_are_those_of_november_2026() {
    let clouds = Clouds::start().await;
    let pricing = clouds.hetzner("GET", "/pricing", None).await.expect(200).body["pricing"].clone();
    let net = |price: &Value| price["price_monthly"]["net"].as_str().unwrap().parse::<f64>().unwrap();
    let at = |prices: &Value| {
        let prices = prices.as_array().unwrap();
        prices.iter().find(|p| p["location"] == "fsn1").map(net).unwrap()
    };
    let ipv4 = pricing["primary_ips"]
        .as_array()
        .unwrap()
        .iter()
        .find(|p| p["type"] == "ipv4")
        .unwrap();
    let address = at(&ipv4["prices"]);
    let types = clouds.hetzner("GET", "/server_types?per_page=50", None).await.body;
    for (name, wanted) in [("cx23", 5.99), ("cax11", 6.49), ("cpx12", 11.99), ("cpx22", 19.99)] {
        let of = |list: &Value| {
            list.as_array()
                .unwrap()
                .iter()
                .find(|t| t["name"] == name)
                .map(|t| at(&t["prices"]))
                .unwrap()
        };
        assert!((of(&types["server_types"]) + address - wanted).abs() < 0.001, "{name}");
        assert!(
            (of(&pricing["server_types"]) + address - wanted).abs() < 0.001,
            "{name}"
        );
    }
}

#[tokio::test]
async fn lists_are_paged_sorted_and_chosen_from() {
    let clouds = Clouds::start().await;
    for n in 0..30 {
        let fields = json!({"labels": {"clawdwako-deployment": format!("d{n}"), "odd": format!("{}", n % 2)}});
        make(&clouds, with(&format!("s{n:02}"), fields)).await.expect(201);
    }
    let first = clouds
        .hetzner("GET", "/servers?label_selector=clawdwako-deployment", None)
        .await
        .expect(200);
    let page = &first.body["meta"]["pagination"];
    assert_eq!(first.body["servers"].as_array().unwrap().len(), 25);
    assert_eq!(
        (&page["next_page"], &page["last_page"], &page["total_entries"]),
        (&json!(2), &json!(2), &json!(30))
    );
    let link = first
        .header("link")
        .unwrap()
        .trim_start_matches('<')
        .split('>')
        .next()
        .unwrap()
        .to_owned();
    let second = clouds
        .call("GET", &link, Some(&clouds.world.credentials.hetzner), None)
        .await
        .expect(200)
        .body;
    assert_eq!(second["servers"].as_array().unwrap().len(), 5);
    assert_eq!(
        (
            &second["meta"]["pagination"]["next_page"],
            &second["meta"]["pagination"]["previous_page"]
        ),
        (&Value::Null, &json!(1))
    );
    let most = clouds
        .hetzner("GET", "/servers?per_page=500", None)
        .await
        .expect(200)
        .body;
    assert_eq!(most["meta"]["pagination"]["per_page"], 50);
    let names = async |query: &str| -> Vec<String> {
        let body = clouds
            .hetzner("GET", &format!("/servers?{query}"), None)
            .await
            .expect(200)
            .body;
        body["servers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("name=s07").await, ["s07"]);
    assert_eq!(names("label_selector=clawdwako-deployment%3Dd7").await, ["s07"]);
    assert_eq!(
        names("label_selector=clawdwako-deployment+in+(d1,d2),odd%3D1").await,
        ["s01"]
    );
    assert_eq!(names("sort=name:desc&per_page=2").await, ["s29", "s28"]);
    assert_eq!(names("label_selector=!odd").await, [""; 0]);
    clouds
        .hetzner("GET", "/servers?sort=price", None)
        .await
        .refused(422, "invalid_input");
    clouds
        .hetzner("GET", "/servers?page=0", None)
        .await
        .refused(422, "invalid_input");
    clouds
        .hetzner("GET", "/servers?label_selector=a+b", None)
        .await
        .refused(422, "invalid_input");
}

#[tokio::test]
async fn actions_are_asked_for_by_id_only() {
    let clouds = Clouds::start().await;
    let made = make(&clouds, order("a")).await.expect(201).body;
    clouds
        .hetzner("GET", "/actions", None)
        .await
        .refused(410, "deprecated_api_endpoint");
    let query = format!(
        "/actions?id={}&id={}&id=1",
        made["action"]["id"], made["next_actions"][0]["id"]
    );
    let both = clouds.hetzner("GET", &query, None).await.expect(200).body;
    assert_eq!(both["actions"].as_array().unwrap().len(), 2);
    clouds
        .hetzner("GET", "/actions/1", None)
        .await
        .refused(404, "not_found");
    clouds
        .hetzner("GET", "/datacenters", None)
        .await
        .refused(410, "deprecated_api_endpoint");
}

#[tokio::test]
async fn keys_are_unique_by_name_and_by_key() {
    let clouds = Clouds::start().await;
    let add = async |name: &str, key: &str| {
        clouds
            .hetzner("POST", "/ssh_keys", Some(json!({"name": name, "public_key": key})))
            .await
    };
    add("k", "not a key").await.refused(422, "invalid_input");
    let made = add("k", KEY).await.expect(201).body;
    assert_eq!(made["ssh_key"]["fingerprint"], FINGERPRINT);
    let twin = add("other", KEY).await.refused(409, "uniqueness_error");
    assert_eq!(
        twin.body["error"]["message"],
        "SSH key with the same fingerprint already exists"
    );
    let second = KEY.replace("HmcVdzy", "HmcVdzz");
    add("k", &second).await.refused(409, "uniqueness_error");
    let found = clouds
        .hetzner("GET", &format!("/ssh_keys?fingerprint={FINGERPRINT}"), None)
        .await
        .body;
    assert_eq!(found["ssh_keys"][0]["id"], made["ssh_key"]["id"]);
    let none = clouds.hetzner("GET", "/ssh_keys?fingerprint=00:00", None).await.body;
    assert_eq!(none["ssh_keys"], json!([]));
    let server = make(&clouds, with("s", json!({"ssh_keys": ["k"]})))
        .await
        .expect(201)
        .body;
    assert_eq!(server["root_password"], Value::Null);
    let path = format!("/ssh_keys/{}", made["ssh_key"]["id"]);
    clouds.hetzner("DELETE", &path, None).await.expect(204);
    clouds.hetzner("DELETE", &path, None).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_firewall_in_use_stays_until_its_server_is_gone() {
    let clouds = Clouds::start().await;
    let wall = json!({"name": "w", "rules": [{"direction": "in", "protocol": "tcp", "port": "22", "source_ips": ["0.0.0.0/0"]}]});
    let made = clouds
        .hetzner("POST", "/firewalls", Some(wall.clone()))
        .await
        .expect(201)
        .body;
    clouds
        .hetzner("POST", "/firewalls", Some(wall))
        .await
        .refused(409, "uniqueness_error");
    let path = format!("/firewalls/{}", made["firewall"]["id"]);
    let fields = json!({"firewalls": [{"firewall": made["firewall"]["id"]}]});
    let server = make(&clouds, with("s", fields)).await.expect(201).body;
    assert_eq!(
        server["server"]["public_net"]["firewalls"][0]["id"],
        made["firewall"]["id"]
    );
    let shown = clouds.hetzner("GET", &path, None).await.body;
    assert_eq!(
        shown["firewall"]["applied_to"][0]["server"]["id"],
        server["server"]["id"]
    );
    clouds
        .hetzner("DELETE", &path, None)
        .await
        .refused(422, "resource_in_use");
    clouds.hetzner_action(&server["next_actions"][0]).await;
    let gone = clouds
        .hetzner("DELETE", &format!("/servers/{}", server["server"]["id"]), None)
        .await
        .expect(200)
        .body;
    clouds.hetzner_action(&gone["action"]).await;
    clouds.hetzner("DELETE", &path, None).await.expect(204);
}

#[tokio::test]
async fn an_address_can_outlive_its_server() {
    let clouds = Clouds::start().await;
    clouds.hetzner_state().keep_addresses(true);
    let made = make(&clouds, order("s")).await.expect(201).body;
    let path = format!("/primary_ips/{}", made["server"]["public_net"]["ipv4"]["id"]);
    clouds
        .hetzner("DELETE", &path, None)
        .await
        .refused(422, "must_be_unassigned");
    clouds.hetzner_action(&made["next_actions"][0]).await;
    let gone = clouds
        .hetzner("DELETE", &format!("/servers/{}", made["server"]["id"]), None)
        .await
        .expect(200)
        .body;
    clouds.hetzner_action(&gone["action"]).await;
    let left = clouds.hetzner("GET", &path, None).await.expect(200).body["primary_ip"].clone();
    assert_eq!(
        (&left["assignee_type"], &left["assignee_id"]),
        (&json!("unassigned"), &Value::Null)
    );
    clouds.hetzner("DELETE", &path, None).await.expect(204);
    clouds.hetzner("GET", &path, None).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_create_goes_on_when_its_client_is_gone() {
    let clouds = Clouds::start().await;
    let url = format!("{}/servers", clouds.hetzner_url());
    // Sent, and hung up on without waiting for the answer.
    use tokio::io::AsyncWriteExt;
    let url = url::Url::parse(&url).unwrap();
    let body = order("orphan").to_string();
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        url.path(),
        clouds.world.credentials.hetzner,
        body.len()
    );
    let mut socket = tokio::net::TcpStream::connect((url.host_str().unwrap(), url.port().unwrap()))
        .await
        .unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    drop(socket);
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    loop {
        let found = clouds.hetzner("GET", "/servers?name=orphan", None).await.body;
        if found["servers"][0]["public_net"]["ipv4"]["ip"].is_string() {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{found}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    make(&clouds, order("orphan")).await.refused(409, "uniqueness_error");
}

#[tokio::test]
async fn packed_user_data_may_be_longer_when_unpacked() {
    use std::io::Write;
    let clouds = Clouds::start().await;
    let long = format!("#cloud-config\n# {}\n", "x".repeat(60 * 1024));
    make(&clouds, with("plain", json!({"user_data": long})))
        .await
        .refused(422, "invalid_input");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(long.as_bytes()).unwrap();
    let packed = base64::engine::general_purpose::STANDARD.encode(gzip.finish().unwrap());
    make(&clouds, with("packed", json!({"user_data": packed})))
        .await
        .expect(201);
}

#[tokio::test]
async fn images_come_by_architecture_and_the_snapshot_by_id() {
    let clouds = Clouds::start().await;
    let both = clouds.hetzner("GET", "/images?name=debian-12", None).await.body;
    assert_eq!(both["images"].as_array().unwrap().len(), 2);
    let arm = clouds
        .hetzner("GET", "/images?name=debian-12&architecture=arm", None)
        .await
        .body;
    assert_eq!(arm["images"][0]["architecture"], "arm");
    let snapshots = clouds.hetzner("GET", "/images?type=snapshot", None).await.body;
    assert_eq!(
        (&snapshots["images"][0]["name"], &snapshots["images"][0]["description"]),
        (&Value::Null, &json!("golden"))
    );
    let made = make(
        &clouds,
        with("g", json!({"image": snapshots["images"][0]["id"].to_string()})),
    )
    .await
    .expect(201)
    .body;
    assert_eq!(made["server"]["image"]["type"], "snapshot");
    let arm = make(&clouds, with("a", json!({"server_type": "cax11"})))
        .await
        .expect(201)
        .body;
    assert_eq!(arm["server"]["image"]["architecture"], "arm");
}
