//! The document and the handlers agree on what is refused: what the document forbids is refused
//! with 422, and what it allows is not.

use super::rules;
use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, open};
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::config::ServerSettings;
use clawdwako::model::{BotStatus, DeploymentStatus, Role};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

on_both_engines!(
    bodies_are_refused_as_the_document_says,
    queries_are_refused_as_the_document_says
);

/// A schema of the document's, with all others beside it.
fn validator(document: &Value, schema: &Value) -> Validator {
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    jsonschema::validator_for(&schema).unwrap()
}

/// The schema of an operation's body.
fn body(document: &Value, method: &str, path: &str) -> Validator {
    let schema = &document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{method} {path} has no body");
    validator(document, schema)
}

/// The schema of a parameter.
fn parameter(document: &Value, path: &str, name: &str) -> Validator {
    let all = document["paths"][path]["get"]["parameters"].as_array().unwrap();
    let found = all.iter().find(|p| p["name"] == name).unwrap();
    validator(document, &found["schema"])
}

/// Every choice of one value a field; null in the list of values is null, and a field may be left
/// out.
fn every(fields: &[(&str, Vec<Value>)]) -> Vec<Map<String, Value>> {
    let mut all = vec![Map::new()];
    for (name, values) in fields {
        let with = |object: &Map<String, Value>| {
            let mut more = vec![object.clone()];
            more.extend(values.iter().map(|value| {
                let mut object = object.clone();
                object.insert((*name).to_owned(), value.clone());
                object
            }));
            more
        };
        all = all.iter().flat_map(with).collect();
    }
    all
}

struct Scene {
    api: Api,
    document: Value,
    token: String,
    bot_id: String,
    user_id: String,
    world: StandIns,
}

async fn scene(engine: &Engine) -> Scene {
    let world = StandIns::start().await;
    let settings = ServerSettings {
        requests_per_minute: 1_000_000,
        guarded_per_minute: 1_000_000,
        ..open()
    };
    let api = Api::start(engine, &world, settings).await;
    let (admin, token) = api.user("root@example.org", Role::Admin).await;
    let pending = (BotStatus::Pending, DeploymentStatus::Pending);
    let (bot_id, _) = rules::bot(&api, &world, &admin, "demo", pending).await;
    let (other, _) = api.user("ada@example.org", Role::Member).await;
    let document = api.get(&token, "/api/openapi.json").await;
    Scene {
        api,
        document,
        token,
        bot_id,
        user_id: other.id,
        world,
    }
}

impl Scene {
    /// Sends all those, and demands that they are refused if and only if the document says so;
    /// that each happens, too.
    async fn agrees(&self, method: &str, path: &str, id: Option<&str>, bodies: Vec<Map<String, Value>>) {
        let schema = body(&self.document, &method.to_lowercase(), path);
        let target = id.map_or_else(|| path.to_owned(), |id| path.replace("{id}", id));
        let mut seen = [0, 0];
        for body in bodies {
            let body = Value::Object(body);
            let allowed = schema.is_valid(&body);
            let told = self.api.with(&self.token, method, &target, body.clone()).await;
            assert_eq!(told.status != 422, allowed, "{method} {path} {body}: {told:?}");
            seen[usize::from(allowed)] += 1;
        }
        assert!(seen.iter().all(|n| *n > 0), "{method} {path}: {seen:?}");
    }
}

async fn bodies_are_refused_as_the_document_says(engine: Engine) {
    let s = scene(&engine).await;
    let words = ["everyone", "42", ""].map(Value::from);
    let numbers = [json!(42), json!(0), json!(1i64 << 52)];
    let audience = (
        "audience",
        words
            .into_iter()
            .chain(numbers)
            .chain([Value::Null])
            .collect::<Vec<_>>(),
    );
    let mut wanted = every(std::slice::from_ref(&audience));
    for (n, bot) in wanted.iter_mut().enumerate() {
        bot.insert("name".into(), json!(format!("bot-{n}")));
        bot.insert("token".into(), json!(s.world.bot().await.0));
        bot.insert("model".into(), json!("claude-opus"));
        bot.insert("model_key".into(), json!("sk-x"));
    }
    s.agrees("POST", "/api/bots/create", None, wanted).await;

    let changes = every(&[
        ("model", vec![Value::Null, json!("claude-opus"), json!("")]),
        ("model_key", vec![Value::Null, json!("sk-x")]),
        audience,
    ]);
    s.agrees("PUT", "/api/bots/{id}", Some(&s.bot_id), changes).await;

    let changes = every(&[
        ("role", vec![Value::Null, json!("member"), json!("king")]),
        ("disabled", vec![Value::Null, json!(false), json!("no")]),
    ]);
    s.agrees("PUT", "/api/admin/users/{id}", Some(&s.user_id), changes)
        .await;

    let clouds = ["hetzner", "digitalocean", "existing", "elsewhere"].map(Value::from);
    let clouds = vec![("provider", clouds.into_iter().chain([Value::Null]).collect())];
    for path in ["/api/deploy", "/api/cloud/provision"] {
        let mut wanted = every(&clouds);
        for deploy in &mut wanted {
            deploy.insert("bot_id".into(), json!(s.bot_id));
        }
        s.agrees("POST", path, None, wanted).await;
    }
}

async fn queries_are_refused_as_the_document_says(engine: Engine) {
    let s = scene(&engine).await;
    let clouds = ["hetzner", "digitalocean", "existing", "elsewhere"].map(str::to_owned);
    let logs = "/api/deploy/{bot_id}/logs";
    let ours = logs.replace("{bot_id}", &s.bot_id);
    let times = [
        "90s",
        "0d",
        "999999999d",
        "2h",
        "today",
        "yesterday",
        "2026-11-22",
        "2026-02-31",
        "2026-11-22 10:00",
        "2026-11-22T10:00:59",
        "2026-11-22T10:00:00Z",
        "2026-11-22 23:59Z",
        "",
        " 2h",
        "2h ",
        "-2h",
        "--2h",
        "+2h",
        "2.5h",
        "2w",
        "tomorrow",
        "now",
        "1234567890s",
        "1999-12-31",
        "2026-00-01",
        "2026-13-01",
        "2026-1-1",
        "2026-11-32",
        "2026-11-22 24:00",
        "2026-11-22 10",
        "2026-11-22 10:60",
        "2026-11-22 10:00:60",
        "2026-11-22  10:00",
        "2026-11-22Z",
        "2026-11-22T10:00:00.5Z",
        "2026-11-22T10:00:00+01:00",
        "2026-11-22-----",
        "12345678901234",
        "2h\u{e9}",
        "\u{0662}h",
        "--flush",
    ];
    for (path, target, name, values, more) in [
        (
            "/api/cloud/available-regions",
            "/api/cloud/available-regions",
            "provider",
            &clouds[..],
            "",
        ),
        (logs, &*ours, "since", &times.map(str::to_owned)[..], "&kind=deploy"),
        (
            logs,
            &*ours,
            "lines",
            &["0", "5000", "5001", "-1", "x", "1.5"].map(str::to_owned)[..],
            "",
        ),
        (
            logs,
            &*ours,
            "limit",
            &["1", "200", "201", "0", "-1"].map(str::to_owned)[..],
            "",
        ),
        (
            logs,
            &*ours,
            "kind",
            &["deploy", "agents", ""].map(str::to_owned)[..],
            "",
        ),
    ] {
        let schema = parameter(&s.document, path, name);
        let mut seen = [0, 0];
        for value in values {
            let typed = value.parse::<i64>().map_or_else(|_| json!(value), |n| json!(n));
            let allowed = schema.is_valid(&if name == "since" { json!(value) } else { typed });
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair(name, value)
                .finish();
            let told = s
                .api
                .with(&s.token, "GET", &format!("{target}?{query}{more}"), Value::Null)
                .await;
            assert_eq!(told.status != 422, allowed, "{name}={value:?}: {told:?}");
            seen[usize::from(allowed)] += 1;
        }
        assert!(seen.iter().all(|n| *n > 0), "{path} {name}: {seen:?}");
    }
}
