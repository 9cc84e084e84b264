//! What the requests are sent to: a server that knows people, bots and tokens, and its document,
//! which names them.

use crate::api::rules::{self, Person};
use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, device_proof, open};
use crate::support::engine::Engine;
use clawdwako::config::ServerSettings;
use clawdwako::deploy::secret_names;
use clawdwako::model::{BotStatus as B, DeploymentStatus as D, JobKind, Plan, Role, Subscription, now};
use clawdwako::secrets::Secret;
use clawdwako::store::Owner;
use serde_json::{Value, json};

/// A server with people of each role that have bots in each state, and the document with ids of
/// theirs.
pub struct Ground {
    pub api: Api,
    pub people: Vec<Person>,
    pub document: Value,
    _world: StandIns,
}

/// What each operation that changes a bot's state has bots of its own for, so that none takes
/// another's away; the first is for all the others.
const USES: [(&str, &str); 7] = [
    ("", ""),
    ("put", "/api/bots/{id}"),
    ("delete", "/api/bots/{id}"),
    ("delete", "/api/cloud/servers/{id}"),
    ("post", "/api/deploy/{bot_id}/start"),
    ("post", "/api/deploy/{bot_id}/stop"),
    ("post", "/api/deploy/{bot_id}/restart"),
];

/// Bots in each state, for each use; none has a server that SSH reaches.
const STATES: [(B, D); 8] = [
    (B::Stopped, D::Stopped),
    (B::Active, D::Active),
    (B::Pending, D::Pending),
    (B::Deploying, D::Deploying),
    (B::Failed, D::Failed),
    (B::Failed, D::Stuck),
    (B::Stopped, D::Stopped),
    (B::Destroyed, D::Destroyed),
];

/// The ids that each use has: bots, or deployments where it is about servers.
type Things = [Vec<String>; USES.len()];

impl Ground {
    pub async fn new(engine: &Engine) -> Ground {
        let world = StandIns::start().await;
        // How often one may ask is not what is looked at.
        let settings = ServerSettings {
            requests_per_minute: 10_000_000,
            guarded_per_minute: 10_000_000,
            ..open()
        };
        let api = Api::start(engine, &world, settings).await;
        let mut things = Things::default();
        let mut people = Vec::new();
        for &role in Role::ALL {
            let person = rules::person(&api, &world, &format!("{role}@example.org"), role).await;
            furnish(&api, &world, &person, &mut things).await;
            people.push(person);
        }
        let mut document = api.get(&people[0].token, "/api/openapi.json").await;
        // Nobody that a run is made as.
        let (stranger, _) = api.user("stranger@example.org", Role::Member).await;
        let users = [stranger.id];
        let secrets = ["hetzner".into(), "openai".into()];
        let bots = &things[0][..];
        for (path, ids) in [
            ("/api/bots/{id}", bots),
            ("/api/deploy/{bot_id}/status", bots),
            ("/api/deploy/{bot_id}/packages", bots),
            ("/api/deploy/{bot_id}/logs", bots),
            ("/api/telegram/bot-info", bots),
            ("/api/admin/users/{id}", &users),
            ("/api/admin/users/{id}/subscription", &users),
            ("/api/secrets/{name}", &secrets),
        ] {
            know_parameter(&mut document["paths"][path], None, ids);
        }
        for ((method, path), ids) in USES.iter().zip(&things).skip(1) {
            know_parameter(&mut document["paths"][path], Some(method), ids);
        }
        let mut tokens = Vec::new();
        for _ in 0..8 {
            tokens.push(world.bot().await.0);
        }
        let proof = [device_proof(&world, "new@example.org").await];
        let schemas = &mut document["components"]["schemas"];
        for (schema, field, values) in [
            ("DeployRequest", "bot_id", bots),
            ("ProvisionRequest", "bot_id", bots),
            ("WebhookRequest", "bot_id", bots),
            ("BotCreate", "token", &tokens),
            ("TokenRequest", "token", &tokens),
            ("ProofRequest", "id_token", &proof),
        ] {
            know(&mut schemas[schema]["properties"][field], values);
        }
        Ground {
            api,
            people,
            document,
            _world: world,
        }
    }
}

/// Gives somebody a plan, credentials, and bots in each state.
async fn furnish(api: &Api, world: &StandIns, person: &Person, things: &mut Things) {
    for (of, ((_, path), ids)) in USES.iter().zip(things).enumerate() {
        for (n, status) in STATES.into_iter().enumerate() {
            let name = format!("demo-{of}-{n}");
            let (bot, deployment) = rules::bot(api, world, &person.user, &name, status).await;
            let mut tx = api.store.begin().await.unwrap();
            let key = Secret::new(world.world.credentials.anthropic.as_str());
            let owner = Owner::Bot(bot.clone());
            tx.put_secret(&owner, secret_names::MODEL, &key).await.unwrap();
            if !matches!(status.0, B::Pending | B::Deploying) {
                tx.enqueue(&deployment, JobKind::DeployOpenclaw, 1).await.unwrap();
                let done = "UPDATE jobs SET status = 'done' WHERE deployment_id = $1";
                tx.execute(done, &[deployment.clone().into()]).await.unwrap();
            }
            tx.commit().await.unwrap();
            ids.push(if path.contains("servers") { deployment } else { bot });
        }
    }
    let keys = &world.world.credentials;
    let mut tx = api.store.begin().await.unwrap();
    for (name, value) in [
        ("hetzner", &keys.hetzner),
        ("digitalocean", &keys.digitalocean),
        ("anthropic", &keys.anthropic),
        ("openai", &keys.openai),
        ("google", &keys.google_ai),
    ] {
        let owner = Owner::User(person.user.id.clone());
        tx.put_secret(&owner, name, &Secret::new(value.as_str())).await.unwrap();
    }
    let plan = Subscription {
        plan: Plan::Enterprise,
        ..Subscription::first(now())
    };
    tx.put_subscription(&person.user.id, &plan).await.unwrap();
    tx.commit().await.unwrap();
}

/// Has a schema tell of values that exist, beside all others: else nothing would ever be found.
fn know(schema: &mut Value, values: &[String]) {
    assert!(schema.is_object(), "the document has no such schema");
    if schema.get("anyOf").is_none() {
        *schema = json!({"anyOf": [Value::Null, schema.take()]});
    }
    schema["anyOf"][0] = json!({"enum": values});
}

/// The same for the one parameter that a path's operations demand, or that of one of them only.
fn know_parameter(path: &mut Value, method: Option<&str>, values: &[String]) {
    let mut known = false;
    for (name, operation) in path.as_object_mut().expect("the document has no such path") {
        for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
            if parameter["required"] == true && method.is_none_or(|m| m == name) {
                know(&mut parameter["schema"], values);
                known = true;
            }
        }
    }
    assert!(known, "nothing is demanded there");
}
