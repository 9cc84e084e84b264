//! Two control servers over one PostgreSQL, four users, both clouds, and one of the two killed in
//! the middle.

use super::world::{World, golden_image};
use crate::support::postgres::Postgres;
use crate::support::replica::Replica;
use clawdwako::secrets::{Secret, seal::Sealer};
use clawdwako::store::{BotQuery, Store};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const USERS: [&str; 4] = ["ada", "bert", "cleo", "dora"];
/// How long eight deployments at once may take: each is some 40 s of processor time.
const ALL: Duration = Duration::from_secs(900);
const SETTINGS: &str = "
[server]
open_registration = true
max_workers = 8
health_interval_s = 60
images = [\"hetzner/310000001\", \"digitalocean/210000001\"]
[server.plans.starter]
max_bots = 2
cloud_tokens = \"operator\"
model_keys = \"operator\"
";

/// One of the control servers.
fn serve(world: &World, database: &Secret, key: &str, config: &Path) -> Replica {
    let mut command = world.command(&[]);
    command
        .env("DATABASE_URL", database.expose())
        .env("CLAWDWAKO_MASTER_KEY", key);
    Replica::start(command, config, &["--sandbox"])
}

/// The proxy in front of them: each connection goes to the first replica that takes it.
fn proxy(replicas: Arc<Mutex<Vec<SocketAddr>>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for (number, client) in listener.incoming().enumerate() {
            let Ok(client) = client else { continue };
            let mut order = replicas.lock().unwrap().clone();
            let length = order.len().max(1);
            order.rotate_left(number % length);
            std::thread::spawn(move || {
                let Some(server) = order.iter().find_map(|a| TcpStream::connect(a).ok()) else {
                    return;
                };
                let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let up = std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Write);
                });
                let (mut from, mut to) = (server, client);
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(std::net::Shutdown::Both);
                up.join().unwrap();
            });
        }
    });
    address
}

/// Signs a user in at the control server by the device flow.
fn login(world: &World, user: &str, url: &str) {
    let mut child = world
        .command(&[
            "login",
            "--server",
            url,
            "--no-browser",
            "--sandbox",
            "--json",
            "--profile",
            user,
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let prompt: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    let page = prompt["link"].as_str().unwrap();
    let code = format!("user_code={}", prompt["code"].as_str().unwrap());
    let email = format!("email={user}@example.com");
    let agreed = Command::new("curl")
        .args(["-sf", "--max-time", "10", "-o", "/dev/null", "--data-urlencode", &code])
        .args(["--data-urlencode", &email, "--data", "action=allow", page])
        .status()
        .unwrap();
    assert!(agreed.success());
    let last: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(last["signed_in"], true, "{last}");
    assert!(child.wait().unwrap().success());
}

/// How many jobs each worker holds.
async fn held(store: &Store) -> Vec<(String, i64)> {
    let sql = "SELECT worker, COUNT(*) FROM jobs WHERE status = 'running' AND worker IS NOT NULL GROUP BY worker";
    let rows = store.query(sql, &[]).await.unwrap();
    rows.iter().map(|r| (r.text(0).unwrap(), r.int(1).unwrap())).collect()
}

#[test]
fn two_control_servers_deploy_for_four_users_and_one_is_killed() {
    let Some(postgres) = Postgres::start("e2e::control_server") else {
        return;
    };
    let database = postgres.database("clawdwako_sandbox");
    let world = World::up();
    world.need_golden();
    let config = world.home().join("server.toml");
    std::fs::write(&config, SETTINGS).unwrap();
    let key = "5".repeat(64);
    let first = serve(&world, &database, &key, &config);
    let second = serve(&world, &database, &key, &config);
    let replicas = Arc::new(Mutex::new(vec![first.api, second.api]));
    let url = format!("http://{}/", proxy(replicas.clone()));
    for user in USERS {
        login(&world, user, &url);
    }

    let begun = Instant::now();
    let deploys: Vec<(String, Child)> = USERS
        .iter()
        .flat_map(|user| [(user, "hetzner"), (user, "digitalocean")])
        .map(|(user, cloud)| {
            let name = format!("{user}-{}", &cloud[..1]);
            let child = world
                .command(&[
                    "deploy",
                    &name,
                    "--remote",
                    "--sandbox",
                    "--json",
                    "--yes",
                    "--profile",
                    user,
                ])
                .args([
                    "--model",
                    "claude-opus",
                    "--provider",
                    cloud,
                    "--image",
                    golden_image(cloud),
                ])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            (name, child)
        })
        .collect();

    // Killed while it holds jobs. Which worker is which process is in the worker's name.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime.block_on(Store::connect(&database, Sealer::none())).unwrap();
    let of = |replica: &Replica| format!("/{}/", replica.id());
    world.until("both replicas at work", Duration::from_secs(120), || {
        let held = runtime.block_on(held(&store));
        let both = [&first, &second]
            .iter()
            .all(|r| held.iter().any(|(worker, _)| worker.contains(&of(r))));
        both.then_some(()).ok_or_else(|| format!("{held:?}"))
    });
    let lost = runtime.block_on(held(&store));
    println!("FIGURE killed one of two replicas while jobs were held as {lost:?}");
    replicas.lock().unwrap().retain(|a| *a != first.api);
    drop(first);

    for (name, child) in deploys {
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let last: Value = serde_json::from_str(text.lines().last().unwrap_or_default())
            .unwrap_or_else(|e| panic!("{name}: {e}: {text} {}", String::from_utf8_lossy(&output.stderr)));
        assert_eq!(last["bot"]["status"], "active", "{name}: {last}");
        assert!(begun.elapsed() < ALL);
    }
    println!(
        "FIGURE eight deployments at once, one replica killed: {:?}",
        begun.elapsed()
    );
    assert_eq!(world.at_cloud("hetzner"), [4, 4, 4]);
    assert_eq!(world.at_cloud("digitalocean"), [4, 4, 4]);
    for user in USERS {
        for cloud in ["h", "d"] {
            let name = format!("{user}-{cloud}");
            let said = world.chat(&name, &format!("hello {name}"));
            assert!(said.contains(&format!("hello {name}")), "{said}");
        }
        let listed = as_user(&world, user, &["list"]);
        assert_eq!(listed["bots"].as_array().unwrap().len(), 2, "{listed}");
        story(&runtime, &store, user);
    }

    // The one that is left looks after all of them, on their servers.
    world.until("every bot looked at", Duration::from_secs(300), || {
        let looked = runtime.block_on(looked_at(&store));
        (looked.len() == 8)
            .then_some(())
            .ok_or_else(|| format!("well and measured: {looked:?}"))
    });

    // One user sees nothing of another's, and the plan's limit holds.
    let other = world.run(&["status", "bert-h", "--remote", "--sandbox", "--profile", "ada"]);
    assert_eq!(other.code, Some(3), "{other:?}");
    let third = world.run(&[
        "deploy",
        "third",
        "--remote",
        "--sandbox",
        "--yes",
        "--profile",
        "ada",
        "--model",
        "claude-opus",
    ]);
    assert_eq!(third.code, Some(4), "{third:?}");

    for user in USERS {
        for cloud in ["h", "d"] {
            let name = format!("{user}-{cloud}");
            as_user(&world, user, &["destroy", &name, "--yes"]);
        }
    }
    assert_eq!(world.at_cloud("hetzner"), [0, 0, 0]);
    assert_eq!(world.at_cloud("digitalocean"), [0, 0, 0]);
    second.stop();
}

/// The bots that were found well by a look that also brought a measure of their memory.
async fn looked_at(store: &Store) -> Vec<String> {
    let all = BotQuery {
        limit: 100,
        ..BotQuery::default()
    };
    let mut found = Vec::new();
    for (bot, _) in store.bots_page(&all).await.unwrap() {
        let samples = store.samples(&bot.id, 0, 10).await.unwrap();
        if samples.iter().any(|s| s.well && s.reading.memory_bytes.is_some()) {
            found.push(bot.name);
        }
    }
    found
}

/// A verb of a user's at the control server; answers its last document.
fn as_user(world: &World, user: &str, args: &[&str]) -> Value {
    let all = [args, &["--remote", "--sandbox", "--json", "--profile", user]].concat();
    world.run(&all).ok().document()
}

/// The audit tells that the user made two bots and had them deployed.
fn story(runtime: &tokio::runtime::Runtime, store: &Store, user: &str) {
    let told = runtime.block_on(async {
        let user = store.user(&format!("{user}@example.com")).await.unwrap();
        store.audit(Some(&user.id), None, 1_000).await.unwrap()
    });
    for action in ["POST /api/bots/create", "POST /api/deploy"] {
        let done = told.iter().filter(|e| e.action == action && e.result == "ok").count();
        assert!(done >= 2, "{user}: {action} {done} times in {told:?}");
    }
}
