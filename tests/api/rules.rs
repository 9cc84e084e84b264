//! Every endpoint, for every role, on one's own things and on another's. Who may do what is written
//! down here once more, so that no change of the server's own table goes unseen; the API's document
//! has all of it, and nothing else.

use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, open};
use crate::support::bots::a_bot;
use crate::support::engine::{Engine, on_both_engines, on_sqlite};
use clawdwako::api::server::document;
use clawdwako::api::server::rules::{self, RULES};
use clawdwako::config::ServerSettings;
use clawdwako::deploy::Step;
use clawdwako::model::{BotStatus, DeploymentStatus, Packages, Role, Scope, TokenKind, User};
use clawdwako::secrets::Secret;
use clawdwako::store::Owner;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

on_both_engines!(every_rule_holds_for_every_role_on_own_and_others_things);
on_sqlite!(what_lets_somebody_guess_has_an_allowance_of_its_own);

/// Every call there is: who may make it, what a token must be good for, and how often.
const CALLS: &str = "
GET    /healthz                               anyone    read    free
GET    /readyz                                anyone    read    free
GET    /                                      anyone    read    ordinary
GET    /api/openapi.json                      anyone    read    ordinary
GET    /api/auth/callback/google              anyone    read    guarded
POST   /api/auth/callback/google              anyone    read    guarded
GET    /api/auth/session                      readers   read    ordinary
POST   /api/auth/logout                       readers   read    ordinary
GET    /api/auth/tokens                       readers   read    ordinary
POST   /api/auth/tokens                       readers   admin   ordinary
DELETE /api/auth/tokens/{id}                  readers   admin   ordinary
GET    /api/subscription                      readers   read    ordinary
GET    /api/usage                             readers   read    ordinary
GET    /api/audit                             readers   read    ordinary
GET    /api/admin/users                       support   read    ordinary
GET    /api/admin/users/{id}                  support   read    ordinary
PUT    /api/admin/users/{id}                  admins    admin   ordinary
GET    /api/admin/users/{id}/subscription     support   read    ordinary
PUT    /api/admin/users/{id}/subscription     admins    admin   ordinary
POST   /api/bots/create                       changers  deploy  guarded
GET    /api/bots                              readers   read    ordinary
GET    /api/bots/{id}                         readers   read    ordinary
GET    /api/bots/{id}/samples                 readers   read    ordinary
PUT    /api/bots/{id}                         changers  deploy  ordinary
DELETE /api/bots/{id}                         changers  deploy  ordinary
POST   /api/telegram/verify-token             changers  deploy  guarded
POST   /api/telegram/set-webhook              changers  deploy  ordinary
GET    /api/telegram/bot-info                 readers   read    ordinary
POST   /api/deploy                            changers  deploy  ordinary
GET    /api/deploy/{bot_id}/status            readers   read    ordinary
GET    /api/deploy/{bot_id}/packages          readers   read    ordinary
GET    /api/deploy/{bot_id}/logs              readers   read    ordinary
POST   /api/deploy/{bot_id}/stop              changers  deploy  ordinary
POST   /api/deploy/{bot_id}/start             changers  deploy  ordinary
POST   /api/deploy/{bot_id}/restart           changers  deploy  ordinary
POST   /api/cloud/provision                   changers  deploy  ordinary
GET    /api/secrets                           readers   read    ordinary
PUT    /api/secrets/{name}                    changers  deploy  ordinary
DELETE /api/secrets/{name}                    changers  deploy  ordinary
GET    /api/sync                              readers   read    ordinary
POST   /api/sync                              changers  deploy  ordinary
GET    /api/cloud/servers                     readers   read    ordinary
DELETE /api/cloud/servers/{id}                changers  deploy  ordinary
GET    /api/cloud/available-regions           readers   read    ordinary
";

/// One of them.
#[derive(Clone, Copy)]
struct Call {
    method: &'static str,
    path: &'static str,
    /// In a word; see [`Call::admits`].
    who: &'static str,
    scope: Scope,
    allowance: &'static str,
}

fn calls() -> Vec<Call> {
    let lines = CALLS.lines().filter(|line| !line.is_empty());
    let calls = lines.map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [method, path, who, scope, allowance] = words[..] else {
            panic!("{line}")
        };
        Call {
            method,
            path,
            who,
            scope: scope.parse().unwrap(),
            allowance,
        }
    });
    calls.collect()
}

impl Call {
    fn needs_caller(&self) -> bool {
        self.who != "anyone"
    }

    fn admits(&self, role: Role) -> bool {
        match self.who {
            "anyone" | "readers" => true,
            "changers" => [Role::Member, Role::Admin].contains(&role),
            "support" => [Role::Support, Role::Admin].contains(&role),
            "admins" => role == Role::Admin,
            other => panic!("who is {other}?"),
        }
    }
}

/// Every operation of the document, as method and path.
fn operations() -> BTreeSet<(String, String)> {
    let document = serde_json::to_value(document()).unwrap();
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "delete", "patch"] {
            if item.get(method).is_some() {
                found.insert((method.to_uppercase(), path.clone()));
            }
        }
    }
    found
}

/// What is served beside the API: its document, and the page for browsers.
const NO_API: [&str; 2] = ["/api/openapi.json", "/"];

#[test]
fn every_operation_has_a_rule_and_every_rule_an_operation() {
    let calls = calls();
    let listed = calls.iter().filter(|c| !NO_API.contains(&c.path));
    let listed: BTreeSet<(String, String)> = listed.map(|c| (c.method.to_owned(), c.path.to_owned())).collect();
    assert_eq!(operations(), listed);
    assert_eq!(listed.len() + NO_API.len(), calls.len(), "listed once each");
    assert_eq!(RULES.len(), calls.len());
    for call in calls {
        let what = format!("{} {}", call.method, call.path);
        let rule = rules::find(call.method, call.path).expect(&what);
        assert_eq!(rule.needs_caller(), call.needs_caller(), "{what}");
        assert_eq!(rule.scope, call.scope, "{what}");
        for &role in Role::ALL {
            assert_eq!(rule.admits(role), call.admits(role), "{what} as {role}");
        }
    }
}

#[test]
fn support_changes_nothing_but_its_own_credentials() {
    for call in calls().iter().filter(|c| c.method != "GET" && c.needs_caller()) {
        let own = call.path.starts_with("/api/auth/");
        assert_eq!(call.admits(Role::Support), own, "{} {}", call.method, call.path);
        assert!(call.admits(Role::Admin));
        assert!(
            call.scope > Scope::Read || call.path == "/api/auth/logout",
            "{}",
            call.path
        );
    }
    for call in calls().iter().filter(|c| c.path.starts_with("/api/admin/")) {
        assert!(!call.admits(Role::Member), "{}", call.path);
    }
}

/// Somebody with a bot, a session, and tokens of each scope.
pub struct Person {
    pub user: User,
    pub token: String,
    pub bot_id: String,
    pub deployment_id: String,
    session_id: String,
}

pub async fn person(api: &Api, world: &StandIns, email: &str, role: Role) -> Person {
    let (user, token) = api.user(email, role).await;
    // A state in which a change is refused by the handler itself, so that the walk needs no cloud.
    let pending = (BotStatus::Pending, DeploymentStatus::Pending);
    let (bot_id, deployment_id) = bot(api, world, &user, "demo", pending).await;
    api.token(&user, TokenKind::Session, Scope::Admin).await;
    let sessions = api
        .store
        .tokens(&user.id, TokenKind::Session, clawdwako::model::now())
        .await;
    Person {
        token,
        bot_id,
        deployment_id,
        session_id: sessions.unwrap()[0].id.clone(),
        user,
    }
}

/// A bot of somebody's, which Telegram knows; answers its id and that of its deployment.
pub async fn bot(
    api: &Api,
    world: &StandIns,
    user: &User,
    name: &str,
    status: (BotStatus, DeploymentStatus),
) -> (String, String) {
    let (telegram, _) = world.bot().await;
    let telegram_id = telegram.split_once(':').unwrap().0.parse().unwrap();
    let (mut bot, mut deployment) = a_bot(name, telegram_id);
    bot.user_id = user.id.clone();
    (bot.status, deployment.status) = status;
    deployment.facts.instance_id = Some("1".into());
    let packages = Packages::new(Vec::new());
    deployment.facts.agent.packages = Some(packages.sum());
    let mut tx = api.store.begin().await.unwrap();
    tx.insert_bot(&bot).await.unwrap();
    tx.insert_deployment(&deployment).await.unwrap();
    tx.keep_packages(&packages).await.unwrap();
    // Something may have been made at the cloud, so there is a server to give back.
    let step = "INSERT INTO steps (deployment_id, name, status, started_at) VALUES ($1, $2, 'failed', 1)";
    let values = [deployment.id.clone().into(), Step::CreateServer.name().into()];
    tx.execute(step, &values).await.unwrap();
    tx.put_secret(&Owner::Bot(bot.id.clone()), "telegram", &Secret::new(telegram))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    (bot.id, deployment.id)
}

/// The path of a call for somebody's thing, and the body that names it. What this does not
/// know fails the walk: whoever adds an endpoint tells it here whose thing it is about.
fn request(call: &Call, of: &Person) -> (String, Value) {
    let path = match call.path {
        p if p.starts_with("/api/bots/") => p.replace("{id}", &of.bot_id),
        p if p.starts_with("/api/deploy/") => p.replace("{bot_id}", &of.bot_id),
        p if p.starts_with("/api/cloud/servers/") => p.replace("{id}", &of.deployment_id),
        p if p.starts_with("/api/auth/tokens/") => p.replace("{id}", &of.session_id),
        p if p.starts_with("/api/admin/users/") => p.replace("{id}", &of.user.id),
        p if p.starts_with("/api/secrets/") => p.replace("{name}", "hetzner"),
        "/api/telegram/bot-info" => format!("/api/telegram/bot-info?bot_id={}", of.bot_id),
        p => p.to_owned(),
    };
    assert!(!path.contains('{'), "say how {} is to be called", call.path);
    let body = match (call.method, call.path) {
        ("GET" | "DELETE", _) => Value::Null,
        ("PUT", "/api/bots/{id}") => json!({"model": "claude-opus"}),
        ("PUT", "/api/admin/users/{id}") => json!({"disabled": false}),
        ("PUT", "/api/admin/users/{id}/subscription") => json!({"plan": "pro", "status": "active"}),
        ("PUT", "/api/secrets/{name}") => json!({"value": "x"}),
        ("POST", "/api/deploy" | "/api/cloud/provision" | "/api/telegram/set-webhook") => json!({"bot_id": of.bot_id}),
        ("POST", "/api/bots/create") => json!({"name": "demo"}),
        ("POST", "/api/telegram/verify-token") => json!({"token": "x"}),
        ("POST", "/api/sync") => json!({"origin": "o", "machine": "m", "bots": []}),
        ("POST", "/api/auth/tokens") => json!({"name": "x", "scope": "read"}),
        ("POST", p) if p.starts_with("/api/deploy/{bot_id}/") => json!({}),
        ("POST", "/api/auth/logout" | "/api/auth/callback/google") => json!({}),
        (method, path) => panic!("say how {method} {path} is to be called"),
    };
    (path, body)
}

/// Whether a request is about one thing of one user.
fn is_about_somebody(call: &Call) -> bool {
    let named = call.path.contains('{') && !call.path.starts_with("/api/secrets/");
    named
        || matches!(
            call.path,
            "/api/deploy" | "/api/cloud/provision" | "/api/telegram/set-webhook" | "/api/telegram/bot-info"
        )
}

async fn every_rule_holds_for_every_role_on_own_and_others_things(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    let mut number = 0;
    // New people after each change: the walk also logs out, shuts out and destroys.
    let mut unchanged: HashMap<Role, (Person, Person)> = HashMap::new();
    let mut walked = BTreeSet::new();
    for call in calls().iter().filter(|c| c.needs_caller()) {
        for &role in Role::ALL {
            for own in [true, false] {
                let (caller, other) = match unchanged.remove(&role) {
                    Some(pair) => pair,
                    None => {
                        number += 1;
                        let caller = person(&api, &google, &format!("a{number}@example.org"), role).await;
                        let other = format!("b{number}@example.org");
                        (caller, person(&api, &google, &other, Role::Member).await)
                    }
                };
                let (path, body) = request(call, if own { &caller } else { &other });
                let what = format!(
                    "{} {path} as {role}, {}",
                    call.method,
                    if own { "own" } else { "another's" }
                );

                let nobody = api.call(call.method, &path, &[], &body).await;
                nobody.refused(401, "needs_user");
                assert_eq!(nobody.header("www-authenticate"), "Bearer");
                let narrow = Scope::ALL.iter().rev().find(|s| !s.covers(call.scope));
                if let Some(&narrow) = narrow.filter(|_| call.admits(role)) {
                    let token = api.token(&caller.user, TokenKind::Api, narrow).await;
                    let told = api.with(&token, call.method, &path, body.clone()).await;
                    assert_eq!(told.status, 403, "{what}, scope {narrow}: {told:?}");
                }
                // No more than it needs.
                let token = api.token(&caller.user, TokenKind::Api, call.scope).await;
                let told = api.with(&token, call.method, &path, body.clone()).await;
                let status = told.status;
                assert!(status < 500, "{what}: {told:?}");
                let private = call.path.starts_with("/api/auth/");
                if !call.admits(role) {
                    told.refused(403, "refused");
                } else if own || !is_about_somebody(call) {
                    assert!(![401, 403, 404, 405].contains(&status), "{what}: {told:?}");
                } else {
                    let sees = match call.who {
                        "readers" => role != Role::Member && !private,
                        "changers" => role == Role::Admin,
                        _ => true,
                    };
                    assert_eq!(status == 404, !sees, "{what}: {told:?}");
                    if !sees {
                        told.refused(404, "not_found");
                        assert!(!told.body.to_string().contains("demo"), "{what}: it tells a name");
                    }
                }
                walked.insert((call.method, call.path));
                if call.method == "GET" {
                    unchanged.insert(role, (caller, other));
                }
            }
        }
    }
    assert_eq!(walked.len(), calls().iter().filter(|c| c.needs_caller()).count());
}

/// Each from an address of its own, twice: where only one is allowed, the second is refused, whoever
/// it is.
async fn what_lets_somebody_guess_has_an_allowance_of_its_own(engine: Engine) {
    let google = StandIns::start().await;
    let once = |guarded, ordinary| ServerSettings {
        guarded_per_minute: guarded,
        requests_per_minute: ordinary,
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..ServerSettings::default()
    };
    for (block, counted, settings) in [(113, "guarded", once(1, 1_000)), (100, "ordinary", once(1_000, 1))] {
        let api = Api::start(&engine, &google, settings).await;
        for (i, call) in calls().iter().enumerate() {
            let address = format!("203.0.{block}.{i}");
            for refused in [false, call.allowance == counted] {
                let request = api.http.request(call.method.parse().unwrap(), api.url(call.path));
                let told = request.header("x-forwarded-for", &address).send().await.unwrap();
                let what = format!("{} {}, {counted}: {}", call.method, call.path, told.status());
                assert_eq!(told.status() == 429, refused, "{what}");
            }
        }
    }
}
