//! Every answer of the stand-in clouds fits the clouds' own documents.

use crate::support::{
    cloud::{Answer, Clouds},
    spec::{self, Spec, recorded},
};
use serde_json::{Value, json};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHmcVdzydp72a/B69nmENZvCvjuk7xGpKdi5CvhkmNsv tour";

/// A client that checks whatever passes.
struct Tour<'a> {
    clouds: &'a Clouds,
    spec: Spec,
    hetzner: bool,
}

impl Tour<'_> {
    /// Calls, checks request and answer, demands the status.
    async fn go(&self, method: &str, path: &str, body: Value, status: u16) -> Value {
        let sent = (!body.is_null()).then(|| body.clone());
        let answer = if self.hetzner {
            self.clouds.hetzner(method, path, sent).await
        } else {
            self.clouds.digitalocean(method, path, sent).await
        };
        if answer.status < 300 {
            let bare = path.split('?').next().unwrap();
            spec::check_request(&self.spec, method, bare, &body).unwrap();
        }
        self.check(method, path, answer, status)
    }

    #[track_caller]
    fn check(&self, method: &str, path: &str, answer: Answer, status: u16) -> Value {
        let answer = answer.expect(status);
        let bare = path.split('?').next().unwrap();
        spec::check_answer(&self.spec, method, bare, status, &answer.body).unwrap();
        if status == 204 {
            assert_eq!((answer.text.as_str(), answer.header("content-type")), ("", None));
        }
        answer.body
    }

    /// Every exception of the document must have happened: a stale one would hide mistakes.
    fn all_exceptions_happened(&self) {
        let (happened, all) = self.spec.exceptions();
        assert_eq!(happened, all);
    }
}

#[tokio::test]
async fn hetzner_answers_as_its_document_says() {
    let spec = Spec::hetzner();
    let clouds = Clouds::start().await;
    let tour = Tour {
        clouds: &clouds,
        spec,
        hetzner: true,
    };
    for path in [
        "/server_types?per_page=5",
        "/server_types/114",
        "/locations?sort=name:desc",
        "/locations/1",
        "/pricing",
        "/images?architecture=x86&type=system&include_deprecated=true",
        "/images?type=snapshot",
        "/images/310000001",
        "/images/310000001/actions",
        "/servers",
        "/ssh_keys",
        "/firewalls",
        "/primary_ips",
    ] {
        tour.go("GET", path, Value::Null, 200).await;
    }
    tour.go("GET", "/datacenters", Value::Null, 410).await;
    let key = tour
        .go(
            "POST",
            "/ssh_keys",
            json!({"name": "tour", "public_key": KEY, "labels": {"a": "b"}}),
            201,
        )
        .await["ssh_key"]["id"]
        .clone();
    tour.go("GET", &format!("/ssh_keys/{key}"), Value::Null, 200).await;
    tour.go("PUT", &format!("/ssh_keys/{key}"), json!({"name": "tour-2"}), 200)
        .await;
    let rules = json!([
        {"direction": "in", "protocol": "tcp", "port": "22", "source_ips": ["0.0.0.0/0", "::/0"]},
        {"direction": "out", "protocol": "icmp", "destination_ips": ["0.0.0.0/0"], "description": "ping"},
    ]);
    let firewall = tour
        .go("POST", "/firewalls", json!({"name": "tour", "rules": rules}), 201)
        .await;
    let firewall = firewall["firewall"]["id"].clone();
    let order = json!({
        "name": "tour", "server_type": "cx23", "image": "debian-12", "location": "fsn1",
        "labels": {"clawdwako-deployment": "d1"}, "ssh_keys": ["tour-2"],
        "firewalls": [{"firewall": firewall}], "user_data": "#cloud-config\n",
    });
    let made = tour.go("POST", "/servers", order.clone(), 201).await;
    let server = made["server"]["id"].clone();
    let first = format!("/servers/{server}");
    tour.go("GET", &format!("/actions/{}", made["action"]["id"]), Value::Null, 200)
        .await;
    let both = format!(
        "/actions?id={}&id={}",
        made["action"]["id"], made["next_actions"][0]["id"]
    );
    tour.go("GET", &both, Value::Null, 200).await;
    clouds.hetzner_action(&made["next_actions"][0]).await;
    tour.go("GET", &both, Value::Null, 200).await;
    tour.go("GET", &first, Value::Null, 200).await;
    tour.go("GET", "/servers?label_selector=clawdwako-deployment", Value::Null, 200)
        .await;
    tour.go("GET", &format!("{first}/actions"), Value::Null, 200).await;
    tour.go(
        "GET",
        &format!("{first}/actions/{}", made["action"]["id"]),
        Value::Null,
        200,
    )
    .await;
    tour.go("GET", "/servers/actions", Value::Null, 200).await;
    tour.go("PUT", &first, json!({"name": "tour-3", "labels": {}}), 200)
        .await;
    let (from, to) = (
        jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1),
        jiff::Timestamp::now(),
    );
    let metrics = format!("{first}/metrics?type=cpu,disk&type=network&start={from}&end={to}");
    tour.go("GET", &metrics, Value::Null, 200).await;
    for action in ["poweroff", "poweron", "reboot", "reset", "shutdown"] {
        let action = tour
            .go("POST", &format!("{first}/actions/{action}"), Value::Null, 201)
            .await;
        clouds.hetzner_action(&action["action"]).await;
    }
    let protection = format!("{first}/actions/change_protection");
    for on in [true, false] {
        let action = tour
            .go("POST", &protection, json!({"delete": on, "rebuild": on}), 201)
            .await;
        clouds.hetzner_action(&action["action"]).await;
        if on {
            tour.go("DELETE", &first, Value::Null, 423).await;
        }
    }
    tour.go("GET", &format!("/firewalls/{firewall}"), Value::Null, 200)
        .await;
    tour.go("GET", &format!("/firewalls/{firewall}/actions"), Value::Null, 200)
        .await;
    tour.go(
        "POST",
        &format!("/firewalls/{firewall}/actions/set_rules"),
        json!({"rules": []}),
        201,
    )
    .await;
    let chosen = json!([{"type": "label_selector", "label_selector": {"selector": "x"}}]);
    for (verb, key) in [
        ("apply_to_resources", "apply_to"),
        ("remove_from_resources", "remove_from"),
    ] {
        tour.go(
            "POST",
            &format!("/firewalls/{firewall}/actions/{verb}"),
            json!({key: chosen}),
            201,
        )
        .await;
        tour.go("GET", "/firewalls", Value::Null, 200).await;
    }
    tour.go(
        "PUT",
        &format!("/firewalls/{firewall}"),
        json!({"labels": {"a": "b"}}),
        200,
    )
    .await;
    tour.go("DELETE", &format!("/firewalls/{firewall}"), Value::Null, 422)
        .await;
    let address = made["server"]["public_net"]["ipv4"]["id"].clone();
    tour.go(
        "PUT",
        &format!("/primary_ips/{address}"),
        json!({"auto_delete": false}),
        200,
    )
    .await;
    tour.go("DELETE", &format!("/primary_ips/{address}"), Value::Null, 422)
        .await;
    let gone = tour.go("DELETE", &first, Value::Null, 200).await;
    clouds.hetzner_action(&gone["action"]).await;
    tour.go("GET", &first, Value::Null, 404).await;
    tour.go("GET", &format!("/primary_ips/{address}"), Value::Null, 200)
        .await;
    tour.go("GET", "/primary_ips", Value::Null, 200).await;
    tour.go("DELETE", &format!("/primary_ips/{address}"), Value::Null, 204)
        .await;
    tour.go("DELETE", &format!("/firewalls/{firewall}"), Value::Null, 204)
        .await;
    tour.go("DELETE", &format!("/ssh_keys/{key}"), Value::Null, 204).await;
    // Refusals have their shape too.
    let mut bad = order;
    bad["labels"] = json!({"k": "x".repeat(64)});
    tour.go("POST", "/servers", bad, 422).await;
    tour.go("GET", "/actions", Value::Null, 410).await;
    let url = format!("{}/servers", clouds.hetzner_url());
    tour.check("GET", "/servers", clouds.call("GET", &url, None, None).await, 401);
    clouds.hetzner_state().set_rate_limit(1);
    tour.go("GET", "/servers", Value::Null, 200).await;
    tour.go("GET", "/servers", Value::Null, 429).await;
    tour.all_exceptions_happened();
}

#[tokio::test]
async fn digitalocean_answers_as_its_document_says() {
    let spec = Spec::digitalocean();
    let clouds = Clouds::start().await;
    let tour = Tour {
        clouds: &clouds,
        spec,
        hetzner: false,
    };
    for path in [
        "/v2/account",
        "/v2/account/keys",
        "/v2/regions",
        "/v2/sizes?per_page=3&page=2",
        "/v2/images?type=distribution",
        "/v2/images?private=true",
        "/v2/images/210000001",
        "/v2/snapshots?resource_type=droplet",
        "/v2/droplets",
        "/v2/actions",
        "/v2/firewalls",
        "/v2/tags",
        "/v2/reserved_ips",
    ] {
        tour.go("GET", path, Value::Null, 200).await;
    }
    let key = tour
        .go(
            "POST",
            "/v2/account/keys",
            json!({"name": "tour", "public_key": KEY}),
            201,
        )
        .await;
    let key = key["ssh_key"].clone();
    let by_print = format!("/v2/account/keys/{}", key["fingerprint"].as_str().unwrap());
    tour.go("GET", &by_print, Value::Null, 200).await;
    tour.go("PUT", &by_print, json!({"name": "tour-2"}), 200).await;
    let order = json!({
        "name": "tour", "region": "fra1", "size": "s-2vcpu-4gb", "image": "ubuntu-24-04-x64",
        "ssh_keys": [key["id"]], "tags": ["clawdwako-deployment:d1"], "user_data": "#cloud-config\n",
        "ipv6": true, "monitoring": true,
    });
    let made = tour.go("POST", "/v2/droplets", order.clone(), 202).await;
    let droplet = made["droplet"]["id"].clone();
    let first = format!("/v2/droplets/{droplet}");
    tour.go("GET", &first, Value::Null, 404).await;
    tour.go("GET", &first, Value::Null, 200).await;
    let action = made["links"]["actions"][0]["id"].clone();
    tour.go("GET", &format!("/v2/actions/{action}"), Value::Null, 200).await;
    clouds.digitalocean_action(&action).await;
    tour.go("GET", &format!("{first}/actions/{action}"), Value::Null, 200)
        .await;
    tour.go("GET", &format!("{first}/actions"), Value::Null, 200).await;
    tour.go("GET", &first, Value::Null, 200).await;
    tour.go("GET", "/v2/droplets?tag_name=clawdwako-deployment:d1", Value::Null, 200)
        .await;
    for kind in ["power_off", "power_on", "reboot", "power_cycle", "shutdown"] {
        let action = tour
            .go("POST", &format!("{first}/actions"), json!({"type": kind}), 201)
            .await;
        clouds.digitalocean_action(&action["action"]["id"]).await;
    }
    tour.go("GET", &format!("{first}/snapshots"), Value::Null, 200).await;
    let metrics = format!("/v2/monitoring/metrics/droplet/cpu?host_id={droplet}&start=1&end=2");
    tour.go("GET", &metrics, Value::Null, 200).await;
    let everywhere = json!({"addresses": ["0.0.0.0/0", "::/0"]});
    let wall = json!({
        "name": "tour", "droplet_ids": [droplet],
        "inbound_rules": [{"protocol": "tcp", "ports": "22", "sources": everywhere}],
        "outbound_rules": [{"protocol": "tcp", "ports": "all", "destinations": everywhere}],
    });
    let made = tour.go("POST", "/v2/firewalls", wall.clone(), 202).await;
    let wall_path = format!("/v2/firewalls/{}", made["firewall"]["id"].as_str().unwrap());
    tour.go("GET", &wall_path, Value::Null, 200).await;
    tour.go("PUT", &wall_path, wall.clone(), 200).await;
    tour.go("GET", &format!("{first}/firewalls"), Value::Null, 200).await;
    for (what, list) in [
        ("droplets", json!({"droplet_ids": [droplet]})),
        ("tags", json!({"tags": ["clawdwako-deployment:d1"]})),
    ] {
        for method in ["POST", "DELETE"] {
            tour.go(method, &format!("{wall_path}/{what}"), list.clone(), 204).await;
        }
    }
    tour.go("POST", "/v2/tags", json!({"name": "extra"}), 201).await;
    let resources = json!({"resources": [{"resource_id": droplet.to_string(), "resource_type": "droplet"}]});
    tour.go("POST", "/v2/tags/extra/resources", resources.clone(), 204)
        .await;
    tour.go("GET", "/v2/tags/extra", Value::Null, 200).await;
    tour.go("DELETE", "/v2/tags/extra/resources", resources, 204).await;
    tour.go("DELETE", "/v2/tags/extra", Value::Null, 204).await;
    tour.go(
        "DELETE",
        "/v2/droplets?tag_name=clawdwako-deployment:d1",
        Value::Null,
        204,
    )
    .await;
    tour.go("GET", &first, Value::Null, 404).await;
    let mut several = order.clone();
    several.as_object_mut().unwrap().remove("name");
    several["names"] = json!(["a", "b"]);
    let made = tour.go("POST", "/v2/droplets", several, 202).await;
    for droplet in made["droplets"].as_array().unwrap() {
        tour.go("DELETE", &format!("/v2/droplets/{}", droplet["id"]), Value::Null, 204)
            .await;
    }
    tour.go("DELETE", &wall_path, Value::Null, 204).await;
    tour.go("DELETE", &by_print, Value::Null, 204).await;
    // Refusals have their shape too.
    let mut bad = order;
    bad["size"] = json!("huge");
    tour.go("POST", "/v2/droplets", bad, 422).await;
    let url = format!("{}/v2/account", clouds.digitalocean_url());
    tour.check(
        "GET",
        "/v2/account",
        clouds.call("GET", &url, Some("dop_v1_x"), None).await,
        401,
    );
    clouds.digitalocean_state().set_rate_limits(5000, 1);
    tour.go("GET", "/v2/account", Value::Null, 200).await;
    tour.go("GET", "/v2/account", Value::Null, 429).await;
    tour.all_exceptions_happened();
}

/// Recorded live answers hold no field that the stand-in's answer lacks, but for what changed.
#[tokio::test]
async fn the_answers_have_the_fields_of_recorded_live_ones() {
    let hetzner = recorded("hetzner-create-server");
    let clouds = Clouds::start().await;
    let order = json!({"name": "r", "server_type": "cx23", "image": "ubuntu-24.04", "location": "nbg1"});
    let ours = clouds.hetzner("POST", "/servers", Some(order)).await.expect(201).body;
    assert_eq!(
        missing(&hetzner, &ours, ""),
        ["/server/datacenter"],
        "gone since July 2026"
    );
    for (file, path) in [
        ("hetzner-server-types", "/server_types?per_page=50"),
        ("hetzner-locations", "/locations"),
        ("hetzner-servers", "/servers"),
    ] {
        let theirs = recorded(file);
        let ours = clouds.hetzner("GET", path, None).await.expect(200).body;
        let mut gone = missing(&theirs, &ours, "");
        gone.retain(|p| !p.ends_with("/datacenter") && !p.ends_with("/Active"));
        assert_eq!(gone, [""; 0], "{file}");
    }
    for (file, method, path) in [
        ("digitalocean-create-server", "POST", "/v2/droplets"),
        ("digitalocean-account", "GET", "/v2/account"),
        ("digitalocean-sizes", "GET", "/v2/sizes"),
        ("digitalocean-regions", "GET", "/v2/regions"),
    ] {
        let theirs = recorded(file);
        let order = json!({"name": "r", "size": "s-1vcpu-1gb", "image": "ubuntu-24-04-x64"});
        let ours = clouds
            .digitalocean(method, path, (method == "POST").then_some(order))
            .await;
        assert_eq!(missing(&theirs, &ours.body, ""), [""; 0], "{file}");
    }
}

/// The places of `theirs` that `ours` lacks; of a list, the first entry stands for all.
fn missing(theirs: &Value, ours: &Value, at: &str) -> Vec<String> {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => theirs
            .iter()
            .flat_map(|(key, value)| match ours.get(key) {
                Some(found) => missing(value, found, &format!("{at}/{key}")),
                None => vec![format!("{at}/{key}")],
            })
            .collect(),
        (Value::Array(theirs), Value::Array(ours)) => match (theirs.first(), ours.first()) {
            (Some(theirs), Some(ours)) => missing(theirs, ours, &format!("{at}/0")),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
