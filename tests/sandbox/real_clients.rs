//! Other people's clients list, make and delete servers in the stand-in clouds.

use crate::support::{cloud::Clouds, skip, tools};
use serde_json::Value;
use std::process::Command;

/// Runs a blocking command beside the stand-ins; answers what it printed.
async fn run(mut command: Command) -> String {
    tokio::task::spawn_blocking(move || tools::run(&mut command))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn debians_hcloud() {
    let hcloud = match tokio::task::spawn_blocking(tools::hcloud).await.unwrap() {
        Ok(program) => program,
        Err(why) => return skip("hcloud-cli against the stand-in", &why),
    };
    let clouds = Clouds::start().await;
    let home = tempfile::tempdir().unwrap();
    let call = async |arguments: &str| {
        let mut command = Command::new(&hcloud);
        command
            .args(arguments.split(' '))
            .env_clear()
            .env("HOME", home.path())
            .env("HCLOUD_ENDPOINT", clouds.hetzner_url())
            .env("HCLOUD_TOKEN", &clouds.world.credentials.hetzner);
        run(command).await
    };
    let key = home.path().join("id");
    tools::run(
        Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(&key),
    );
    let key = format!("{}.pub", key.display());
    call(&format!("ssh-key create --name k --public-key-from-file {key}")).await;
    call("firewall create --name w").await;
    let order =
        "server create --name one --type cx23 --image debian-12 --location fsn1 --ssh-key k --firewall w --label a=b";
    let made = call(order).await;
    assert!(made.contains("198.18.0.11"), "{made}");
    let listed: Value = serde_json::from_str(&call("server list -o json --selector a=b").await).unwrap();
    assert_eq!(
        (&listed[0]["name"], &listed[0]["status"]),
        (&"one".into(), &"running".into())
    );
    assert!(call("server list").await.contains("198.18.0.11"));
    assert!(call("server describe one").await.contains("debian-12"));
    assert!(call("server-type list").await.contains("cax11"));
    assert!(call("image list --type system").await.contains("ubuntu-24.04"));
    assert!(call("location list").await.contains("fsn1"));
    call("server poweroff one").await;
    call("server poweron one").await;
    call("server delete one").await;
    call("firewall delete w").await;
    call("ssh-key delete k").await;
    let left: Value = serde_json::from_str(&call("server list -o json").await).unwrap();
    assert!(left.as_array().is_none_or(Vec::is_empty), "{left}");
}

const PYTHON_HCLOUD: &str = r#"
import sys
from hcloud import Client, APIException
from hcloud.images import Image
from hcloud.locations import Location
from hcloud.server_types import ServerType
client = Client(token=sys.argv[2], api_endpoint=sys.argv[1], poll_interval=0.05)
types = client.server_types.get_all()
cheap = next(t for t in types if t.name == "cx23")
assert [l.available for l in cheap.locations] == [True, True, False], cheap.locations
made = client.servers.create(
    name="one", server_type=ServerType(name="cx23"), image=Image(name="debian-12"),
    location=Location(name="fsn1"), labels={"a": "b"})
made.action.wait_until_finished()
for action in made.next_actions:
    action.wait_until_finished()
server, = client.servers.get_all(label_selector="a=b")
assert server.status == "running", server.status
assert server.public_net.ipv4.ip == "198.18.0.11"
try:
    client.servers.create(name="one", server_type=ServerType(name="cx23"), image=Image(name="debian-12"))
    raise SystemExit("a second server of that name was made")
except APIException as e:
    assert e.code == "uniqueness_error", e.code
server.delete().wait_until_finished()
assert client.servers.get_by_name("one") is None
print("done")
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pythons_hcloud() {
    let install = || tools::python("hcloud", &["hcloud"]);
    let python = match tokio::task::spawn_blocking(install).await.unwrap() {
        Ok(python) => python,
        Err(why) => return skip("Python's hcloud against the stand-in", &why),
    };
    let clouds = Clouds::start().await;
    let mut command = Command::new(python);
    command.args([
        "-c",
        PYTHON_HCLOUD,
        &clouds.hetzner_url(),
        &clouds.world.credentials.hetzner,
    ]);
    assert_eq!(run(command).await.trim(), "done");
}

const PYTHON_PYDO: &str = r#"
import sys, time
from pydo import Client
client = Client(token=sys.argv[2], endpoint=sys.argv[1], connection_verify=False)
more = {"enforce_https": False}
assert client.account.get(**more)["account"]["status"] == "active"
sizes = client.sizes.list(**more)["sizes"]
assert any(s["slug"] == "s-2vcpu-4gb" and "fra1" in s["regions"] for s in sizes)
made = client.droplets.create(body={
    "name": "one", "size": "s-2vcpu-4gb", "region": "fra1", "image": "ubuntu-24-04-x64", "tags": ["ours"]}, **more)
action = made["links"]["actions"][0]["id"]
deadline = time.monotonic() + 10
while client.actions.get(action, **more)["action"]["status"] == "in-progress":
    assert time.monotonic() < deadline
    time.sleep(0.02)
droplet, = client.droplets.list(tag_name="ours", **more)["droplets"]
assert droplet["status"] == "active"
assert any(n["ip_address"] == "198.18.0.11" for n in droplet["networks"]["v4"])
client.droplets.destroy(droplet["id"], **more)
assert client.droplets.list(**more)["droplets"] == []
print("done")
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pythons_pydo() {
    let install = || tools::python("pydo", &["pydo"]);
    let python = match tokio::task::spawn_blocking(install).await.unwrap() {
        Ok(python) => python,
        Err(why) => return skip("pydo against the stand-in", &why),
    };
    let clouds = Clouds::start().await;
    let mut command = Command::new(python);
    command.args([
        "-c",
        PYTHON_PYDO,
        &clouds.digitalocean_url(),
        &clouds.world.credentials.digitalocean,
    ]);
    assert_eq!(run(command).await.trim(), "done");
}
