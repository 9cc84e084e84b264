//! A control server's backup holds every secret of its users, and none that can be read; nor does
//! what it reports to Sentry.

use super::world::World;
use crate::support::alone::alone;
use crate::support::api::device_proof;
use crate::support::canaries::{Canaries, files, found, parts};
use crate::support::cli::Home;
use crate::support::replica::Replica;
use clawdwako::model::new_id;
use clawdwako::secrets::master;
use clawdwako::store::{Owner, Store};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// How long a deployment on a played server may take, on a loaded machine.
const DEPLOYED: Duration = Duration::from_secs(90);

/// A home whose control server finds its whole world in this process.
fn home(world: &World, sentry: &MockServer) -> Home {
    let keys = &world.stand_ins.world.credentials;
    let mut home = Home::new()
        .env(
            "SENTRY_DSN",
            &format!("{}/42", sentry.uri().replace("//", "//publickey@")),
        )
        .env("GOOGLE_CLIENT_ID", &keys.google_client_id)
        .env("GOOGLE_CLIENT_SECRET", &keys.google_client_secret);
    for (variable, path) in [
        ("HETZNER", "hetzner/v1/"),
        ("DIGITALOCEAN", "digitalocean/v2/"),
        ("TELEGRAM", "telegram/"),
        ("ANTHROPIC", "anthropic/"),
        ("OPENAI", "openai/"),
        ("GOOGLE_AI", "google-ai/"),
        ("GOOGLE_AUTH", "google/auth"),
        ("GOOGLE_DEVICE", "google/device/code"),
        ("GOOGLE_TOKEN", "google/token"),
        ("GOOGLE_JWKS", "google/certs"),
    ] {
        let url = world.stand_ins.url(&format!("/{path}"));
        home = home.env(&format!("CLAWDWAKO_{variable}_URL"), &url);
    }
    home
}

/// A user of a control server.
struct User<'a> {
    world: &'a World,
    base: String,
    token: String,
}

impl User<'_> {
    async fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let method = method.parse().unwrap();
        let request = self
            .world
            .stand_ins
            .http
            .request(method, format!("{}{path}", self.base));
        let request = request.bearer_auth(&self.token).header("idempotency-key", new_id());
        let answer = request.json(body).send().await.unwrap();
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        // Some have nothing to tell.
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    async fn done(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, told) = self.call(method, path, &body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {told}");
        told
    }

    /// Waits until a bot answers.
    async fn until_active(&self, bot_id: &str) {
        let begun = Instant::now();
        loop {
            let told = self
                .done("GET", &format!("/api/deploy/{bot_id}/status"), Value::Null)
                .await;
            if told["bot"]["status"] == "active" {
                return;
            }
            assert!(
                told["bot"]["status"] != "failed" && begun.elapsed() < DEPLOYED,
                "{told}"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_control_servers_backup_holds_no_secret_in_plain() {
    if !alone("lives::backup::a_control_servers_backup_holds_no_secret_in_plain") {
        return;
    }
    let world = World::start(|_| None).await;
    let sentry = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .mount(&sentry)
        .await;
    let home = home(&world, &sentry);
    let config = home.write("server.toml", "[server]\nopen_registration = true\n");
    let server = tokio::task::block_in_place(|| Replica::start(home.command(&[]), &config, &[]));
    let keys = &world.stand_ins.world.credentials;

    // Ada signs in, keeps her credentials there, and has a bot deployed.
    let proof = device_proof(&world.stand_ins, "ada@example.org").await;
    let mut ada = User {
        world: &world,
        base: format!("http://{}", server.api),
        token: String::new(),
    };
    let proved = json!({"id_token": proof, "name": "laptop", "scope": "admin"});
    let made = ada.done("POST", "/api/auth/callback/google", proved).await;
    ada.token = made["token"].as_str().unwrap().to_owned();
    let narrow = json!({"name": "ci", "scope": "read"});
    let narrow = ada.done("POST", "/api/auth/tokens", narrow).await;
    for (name, value) in [("hetzner", &keys.hetzner), ("anthropic", &keys.anthropic)] {
        ada.done("PUT", &format!("/api/secrets/{name}"), json!({"value": value}))
            .await;
    }
    let (telegram, _) = world.stand_ins.bot().await;
    let bot = json!({"name": "canary-bird", "token": telegram, "model": "claude-opus", "audience": keys.owner});
    let bot = ada.done("POST", "/api/bots/create", bot).await;
    let asked = json!({"bot_id": bot["id"], "provider": "hetzner"});
    ada.done("POST", "/api/deploy", asked).await;
    ada.until_active(bot["id"].as_str().unwrap()).await;
    // What goes wrong on the way to Telegram, whose address holds the token, is in the log.
    let broken = json!({"path": "/telegram/*", "times": 100, "kind": {"status": 500}});
    world.stand_ins.fault(broken).await;
    let token = json!({"token": telegram});
    let (status, told) = ada.call("POST", "/api/telegram/verify-token", &token).await;
    assert_eq!(status, 502, "{told}");
    // What is wrong with the server itself is reported.
    let store = home.server_store().await;
    for (before, after, wanted) in [("idempotency", "lost", 500), ("lost", "idempotency", 502)] {
        let mut tx = store.begin().await.unwrap();
        let rename = format!("ALTER TABLE {before} RENAME TO {after}");
        tx.execute(&rename, &[]).await.unwrap();
        tx.commit().await.unwrap();
        let (status, told) = ada.call("POST", "/api/telegram/verify-token", &token).await;
        assert_eq!(status, wanted, "{told}");
    }
    // Nothing is restored while somebody holds the store.
    drop(store);

    let mut secrets: Canaries = [
        ("cloud token", keys.hetzner.as_str()),
        ("model key", keys.anthropic.as_str()),
        ("Telegram token", telegram.split_once(':').unwrap().1),
        ("id token", proof.as_str()),
        ("API token", ada.token.as_str()),
        ("narrow API token", narrow["token"].as_str().unwrap()),
        ("OAuth client", keys.google_client_secret.as_str()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    // What the deployment made itself is known to the store alone.
    let dir = home.path().join("clawdwako/state/profiles/default/server");
    let owner = Owner::Bot(bot["id"].as_str().unwrap().to_owned());
    let of_bot = all(&home.server_store().await, &owner).await;
    let names: Vec<&str> = of_bot.iter().map(|(name, _)| name.as_str()).collect();
    for name in ["gateway", "model", "ssh_private_key", "telegram"] {
        assert!(names.contains(&name), "{names:?}");
    }
    secrets.extend(of_bot.iter().flat_map(|(name, value)| parts(name, value)));
    let master_key = std::fs::read_to_string(dir.join("master.key")).unwrap();
    let master_key = parts("master", &master_key);
    assert!(!master_key.is_empty());

    // Copied while it is used, and put back once it is not.
    let copy = home.path().join("copy.db");
    let name = copy.to_str().unwrap();
    tokio::task::block_in_place(|| {
        home.run(&["server", "backup", name]).ok();
        server.stop();
        home.run(&["server", "restore", name, "--yes"]).ok();
    });
    let bytes = std::fs::read(&copy).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(holds("canary-bird"), "the backup is searched where the records are");
    assert_eq!(found(&bytes, &secrets), Vec::<String>::new());
    assert_eq!(found(&bytes, &master_key), Vec::<String>::new());
    // The copy, the store, what it took the place of, and their logs.
    let all_files = files(home.path());
    for path in &all_files {
        let here = found(&std::fs::read(path).unwrap(), &secrets);
        assert_eq!(here, Vec::<String>::new(), "{}", path.display());
    }
    let kept = |name: &str| all_files.iter().any(|p| p.to_string_lossy().contains(name));
    assert!(
        kept("server/store.db") && kept("store.before-") && kept("copy.db"),
        "{all_files:?}"
    );
    // They are in it all the same.
    let sealer = master::load(&dir, None).unwrap();
    let restored = Store::open(&dir.join("store.db"), sealer).await.unwrap();
    assert_eq!(all(&restored, &owner).await, of_bot);

    let reports = sentry.received_requests().await.unwrap();
    assert!(!reports.is_empty(), "nothing was reported");
    for report in &reports {
        let text = String::from_utf8_lossy(&report.body);
        assert!(text.contains("idempotency"), "{text}");
        assert_eq!(found(&report.body, &secrets), Vec::<String>::new(), "{text}");
    }
}

/// All secrets of an owner's, opened.
async fn all(store: &Store, owner: &Owner) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (name, _) in store.secret_names(owner).await.unwrap() {
        let value = store.secret(owner, &name).await.unwrap();
        all.push((name, value.expose().to_owned()));
    }
    all
}
