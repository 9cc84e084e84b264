//! schemathesis (other people's program) over the whole document, as each role and as nobody: no
//! server error, no status or content that the document does not tell, nothing taken that it
//! forbids, and nothing refused that it allows.

mod ground;
mod told;

use crate::support::engine::Engine;
use crate::support::{skip, tools};
use clawdwako::model::{Role, Scope, TokenKind};
use ground::Ground;
use serde_json::Value;
use std::time::Duration;
use tokio::process::Command;

const PACKAGE: &str = "schemathesis==4.32.5";
/// How many requests each operation gets of each kind.
const EXAMPLES: usize = 25;
/// How long one run may take.
const PATIENCE: Duration = Duration::from_secs(400);

/// All checks but these:
/// - `missing_required_header`: no operation has one.
/// - `use_after_free`: what can be looked at by its id after a DELETE is bots only, and those are
///   kept as destroyed, for the account's history.
/// - `object_level_authorization`: it wants to sign in by itself; `rules` walks that.
const LEFT_OUT: &str = "missing_required_header,use_after_free,object_level_authorization";

/// Where the document allows what a handler has to refuse, because JSON Schema has no word for it.
const CONFIG: &str = r#"
hooks = "hooks"

# Which server types there are, the cloud tells, not the document.
[[operations]]
include-name = "POST /api/deploy"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /api/cloud/provision"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

# Telegram delivers to some ports only.
[[operations]]
include-name = "POST /api/telegram/set-webhook"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

# A record from the future is refused.
[[operations]]
include-name = "POST /api/sync"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "409", "422"]

# Google sends a code and a state, or an error.
[[operations]]
include-name = "GET /api/auth/callback/google"
checks.positive_data_acceptance.expected-statuses = ["3xx", "403", "422"]
"#;

/// Each request that the document allows gets a key of its own: the same key for two is refused,
/// which the document cannot say. And nobody shuts themselves out: the rest would be 401.
const HOOKS: &str = r#"
import itertools
import schemathesis

numbers = itertools.count()

@schemathesis.hook
def before_call(context, case, kwargs):
    if case.headers and "idempotency-key" in case.headers and case.meta.generation.mode.is_positive:
        case.headers["idempotency-key"] = f"key-{next(numbers)}"
    if case.path_parameters and case.path_parameters.get("id") in MINE:
        case.path_parameters["id"] = "0" * 32
"#;

/// Who sends the requests.
struct Sender<'a> {
    token: Option<&'a str>,
    /// The ids of their user and of their token.
    mine: Vec<&'a str>,
}

/// Runs it over the operations that a filter leaves; answers what it sent and what came back.
/// Fails with its report if it is not content.
async fn run(who: &str, ground: &Ground, sender: &Sender<'_>, examples: usize, filter: (&str, &str)) -> Value {
    let python = tools::python("schemathesis", &[PACKAGE]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("schemathesis.toml"), CONFIG).unwrap();
    std::fs::write(file("hooks.py"), format!("MINE = {:?}\n{HOOKS}", sender.mine)).unwrap();
    std::fs::write(file("openapi.json"), ground.document.to_string()).unwrap();
    let examples = examples.to_string();
    let mut command = Command::new(python.with_file_name("schemathesis"));
    command.current_dir(folder.path()).kill_on_drop(true);
    command.args(["run", "openapi.json", "--url", &ground.api.base, filter.0, filter.1]);
    command.args(["--checks", "all", "--exclude-checks", LEFT_OUT]);
    command.args([
        "--phases",
        "examples,coverage,fuzzing,stateful",
        "--max-examples",
        &examples,
    ]);
    command.args(["--generation-deterministic", "--continue-on-failure"]);
    // A machine that is busy is no failure.
    command.args(["--suppress-health-check", "all", "--request-timeout", "60"]);
    command.args(["--no-color", "--warnings", "off", "--report-har-path", "sent.har"]);
    if let Some(token) = sender.token {
        command.args(["--header", &format!("Authorization: Bearer {token}")]);
    }
    let output = tokio::time::timeout(PATIENCE, command.output()).await;
    let output = output.expect("it did not end in time").unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    let problems = String::from_utf8_lossy(&output.stderr);
    eprintln!("{who}:\n{report}{problems}");
    assert!(output.status.success(), "{who}: schemathesis is not content");
    serde_json::from_slice(&std::fs::read(file("sent.har")).unwrap()).unwrap()
}

const LOGOUT: &str = "/api/auth/logout";

async fn nothing_is_wrong(engine: Engine, role: Option<Role>, examples: usize) {
    if let Err(why) = tools::python("schemathesis", &[PACKAGE]) {
        return skip("api::schemathesis", &format!("it could not be installed: {why}"));
    }
    let ground = Ground::new(&engine).await;
    let Some(role) = role else {
        let nobody = Sender {
            token: None,
            mine: Vec::new(),
        };
        run("nobody", &ground, &nobody, examples, ("--include-path-regex", ".*")).await;
        return;
    };
    let person = ground.people.iter().find(|p| p.user.role == role).unwrap();
    let session = ground.api.get(&person.token, "/api/auth/session").await;
    let sender = Sender {
        token: Some(&person.token),
        mine: vec![&person.user.id, session["token_id"].as_str().unwrap()],
    };
    let sent = run(role.as_str(), &ground, &sender, examples, ("--exclude-path", LOGOUT)).await;
    // It was good to the end, so all was asked as that role.
    assert_eq!(ground.api.get(&person.token, "/api/auth/session").await, session);
    if role == Role::Admin {
        told::all_succeeded(&ground.document, &sent, LOGOUT);
    }
    // Whoever is logged out can ask for nothing more: with a credential of its own.
    let token = ground.api.token(&person.user, TokenKind::Api, Scope::Admin).await;
    let sender = Sender {
        token: Some(&token),
        ..sender
    };
    let who = format!("{role} logs out");
    run(&who, &ground, &sender, examples, ("--include-path", LOGOUT)).await;
}

#[tokio::test]
async fn nobody() {
    nothing_is_wrong(Engine::sqlite(), None, EXAMPLES).await;
}

#[tokio::test]
async fn member() {
    nothing_is_wrong(Engine::sqlite(), Some(Role::Member), EXAMPLES).await;
}

#[tokio::test]
async fn support() {
    nothing_is_wrong(Engine::sqlite(), Some(Role::Support), EXAMPLES).await;
}

#[tokio::test]
async fn admin() {
    nothing_is_wrong(Engine::sqlite(), Some(Role::Admin), EXAMPLES).await;
}

/// What one database takes and the other refuses shows with few requests already.
#[tokio::test]
async fn admin_on_postgres() {
    if let Some(engine) = Engine::postgres("api::schemathesis::admin_on_postgres") {
        nothing_is_wrong(engine, Some(Role::Admin), EXAMPLES / 2).await;
    }
}
