//! Every endpoint, for every role, on one's own things and on another's: walked from the table
//! of rules and from the API's document, so that neither has what the other lacks.

use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, open};
use crate::support::bots::a_bot;
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::api::server::document;
use clawdwako::api::server::rules::{RULES, Rule, Who};
use clawdwako::deploy::Step;
use clawdwako::model::{BotStatus, DeploymentStatus, Packages, Role, Scope, TokenKind, User};
use clawdwako::secrets::Secret;
use clawdwako::store::Owner;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

on_both_engines!(every_rule_holds_for_every_role_on_own_and_others_things);

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
    let ruled: BTreeSet<(String, String)> = RULES
        .iter()
        .filter(|r| !NO_API.contains(&r.path))
        .map(|r| (r.method.to_owned(), r.path.to_owned()))
        .collect();
    assert_eq!(operations(), ruled);
    assert_eq!(ruled.len() + NO_API.len(), RULES.len(), "one rule each");
}

#[test]
fn support_changes_nothing_but_its_own_credentials() {
    for rule in RULES.iter().filter(|r| r.method != "GET" && r.needs_caller()) {
        let own = rule.path.starts_with("/api/auth/");
        assert_eq!(rule.admits(Role::Support), own, "{} {}", rule.method, rule.path);
        assert!(rule.admits(Role::Admin));
        assert!(
            rule.scope > Scope::Read || rule.path == "/api/auth/logout",
            "{}",
            rule.path
        );
    }
    for rule in RULES.iter().filter(|r| r.path.starts_with("/api/admin/")) {
        assert!(!rule.admits(Role::Member), "{}", rule.path);
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

/// The path of a rule for somebody's thing, and the body that names it. What this does not
/// know fails the walk: whoever adds an endpoint tells it here whose thing it is about.
fn request(rule: &Rule, of: &Person) -> (String, Value) {
    let path = match rule.path {
        p if p.starts_with("/api/bots/") => p.replace("{id}", &of.bot_id),
        p if p.starts_with("/api/deploy/") => p.replace("{bot_id}", &of.bot_id),
        p if p.starts_with("/api/cloud/servers/") => p.replace("{id}", &of.deployment_id),
        p if p.starts_with("/api/auth/tokens/") => p.replace("{id}", &of.session_id),
        p if p.starts_with("/api/admin/users/") => p.replace("{id}", &of.user.id),
        p if p.starts_with("/api/secrets/") => p.replace("{name}", "hetzner"),
        "/api/telegram/bot-info" => format!("/api/telegram/bot-info?bot_id={}", of.bot_id),
        p => p.to_owned(),
    };
    assert!(!path.contains('{'), "say how {} is to be called", rule.path);
    let body = match (rule.method, rule.path) {
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
fn is_about_somebody(rule: &Rule) -> bool {
    let named = rule.path.contains('{') && !rule.path.starts_with("/api/secrets/");
    named
        || matches!(
            rule.path,
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
    for rule in RULES.iter().filter(|r| r.needs_caller()) {
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
                let (path, body) = request(rule, if own { &caller } else { &other });
                let what = format!(
                    "{} {path} as {role}, {}",
                    rule.method,
                    if own { "own" } else { "another's" }
                );

                let nobody = api.call(rule.method, &path, &[], &body).await;
                nobody.refused(401, "needs_user");
                assert_eq!(nobody.header("www-authenticate"), "Bearer");
                let narrow = Scope::ALL.iter().rev().find(|s| !s.covers(rule.scope));
                if let Some(&narrow) = narrow.filter(|_| rule.admits(role)) {
                    let token = api.token(&caller.user, TokenKind::Api, narrow).await;
                    let told = api.with(&token, rule.method, &path, body.clone()).await;
                    assert_eq!(told.status, 403, "{what}, scope {narrow}: {told:?}");
                }
                let told = api.with(&caller.token, rule.method, &path, body.clone()).await;
                let status = told.status;
                assert!(status < 500, "{what}: {told:?}");
                let private = rule.path.starts_with("/api/auth/");
                if !rule.admits(role) {
                    told.refused(403, "refused");
                } else if own || !is_about_somebody(rule) {
                    assert!(![401, 403, 404, 405].contains(&status), "{what}: {told:?}");
                } else {
                    let sees = match rule.who {
                        Who::Readers => role != Role::Member && !private,
                        Who::Changers => role == Role::Admin,
                        _ => true,
                    };
                    assert_eq!(status == 404, !sees, "{what}: {told:?}");
                    if !sees {
                        told.refused(404, "not_found");
                        assert!(!told.body.to_string().contains("demo"), "{what}: it tells a name");
                    }
                }
                walked.insert((rule.method, rule.path));
                if rule.method == "GET" {
                    unchanged.insert(role, (caller, other));
                }
            }
        }
    }
    assert_eq!(walked.len(), RULES.iter().filter(|r| r.needs_caller()).count());
}
