//! The scripts as values: parameters, deadlines, and what must hold for all of them.

use clawdwako::http::Endpoints;
use clawdwako::model::Audience;
use clawdwako::openclaw::catalog::parse_model;
use clawdwako::openclaw::config::{AgentConfig, BotFiles, BotSecrets};
use clawdwako::openclaw::scripts::{self, Ground, LogQuery, Question};
use clawdwako::openclaw::unit::{UnitSpec, unit_text};
use clawdwako::secrets::Secret;
use clawdwako::ssh::Script;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

const USER: &str = "cw-demo-2a97516c";

fn files(model: &str, audience: Audience) -> BotFiles {
    let model = parse_model(model).unwrap();
    let agent = AgentConfig {
        model: &model,
        endpoints: &Endpoints::default(),
        audience,
        port: 18789,
        user: USER,
    };
    let secrets = BotSecrets {
        telegram: Secret::new("123:telegram-secret"),
        model_key: Secret::new("model-secret"),
        gateway: Secret::new("gateway-secret"),
    };
    BotFiles::new(&agent, &secrets).unwrap()
}

fn unit() -> UnitSpec<'static> {
    UnitSpec {
        user: USER,
        bot_name: "demo",
        memory_mb: 2048,
    }
}

fn all() -> Vec<Script> {
    let mirror = Endpoints::default().node_mirror;
    let registry = url::Url::parse("http://10.0.0.1:4873/").unwrap();
    let minute = Duration::from_secs(60);
    let query = LogQuery {
        lines: 50,
        since: Some("2h".into()),
        after: None,
        follow: None,
    };
    vec![
        scripts::inspect(),
        scripts::wait_cloud_init(Ground::Rented, minute),
        scripts::rotate_host_key(&Secret::new("host-secret")),
        scripts::prepare_system(USER, Ground::Rented),
        scripts::bot_user(USER),
        scripts::install_node(&mirror, 26),
        scripts::resolve_agent("2026.9.6", "26.10.0", None),
        scripts::install_openclaw("2026.9.6", "sha512-abc==", "26.10.0", Some(&registry)),
        scripts::use_version(USER, "2026.9.6", "26.10.0"),
        scripts::configure(USER, &files("claude-opus", Audience::Owner(42))),
        scripts::secure(&unit(), Ground::Rented),
        scripts::start(USER),
        scripts::restart(USER),
        scripts::stop(USER),
        scripts::look(USER, minute, "0123abcd"),
        // What the session adds when it begins it.
        scripts::relay(USER).var("MARK", "0123abcd"),
        scripts::ask_agent(USER, Question::Health, minute),
        scripts::ask_agent(USER, Question::Turn("Reply with one word: it's fine"), minute),
        scripts::logs(USER, &query).unwrap(),
        scripts::remove_bot(USER),
    ]
}

#[test]
fn parameters_and_deadlines() {
    let told: Vec<String> = all()
        .iter()
        .map(|s| {
            let whole = |(name, value): &(&str, String)| match *name {
                "CAGE" | "NPM_UNIT" => format!("{name}=<{} lines>", value.lines().count()),
                name => format!("{name}={value}"),
            };
            let vars: Vec<String> = s.vars.iter().map(whole).collect();
            let input = if s.input.is_some() { " <input" } else { "" };
            format!("{} [{} s]{input} {}", s.name, s.deadline.as_secs(), vars.join(" "))
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn configurations() {
    insta::assert_json_snapshot!(
        "config_owned_anthropic",
        files("claude-opus", Audience::Owner(42)).config
    );
    insta::assert_json_snapshot!("config_open_openai", files("gpt-5", Audience::Everyone).config);
}

#[test]
fn unit_file() {
    insta::assert_snapshot!(unit_text(&unit()));
}

/// The unit that npm and Node run in while something is installed; it ends when the script's time does.
#[test]
fn npm_unit_settings() {
    let installs = scripts::install_openclaw("2026.9.6", "sha512-abc==", "26.10.0", None);
    let settings = installs.vars.iter().find(|(n, _)| *n == "NPM_UNIT").unwrap();
    insta::assert_snapshot!(settings.1);
}

/// A secret travels as input alone: text is what a log or an error might show.
#[test]
fn no_secret_is_in_a_scripts_text() {
    for script in all() {
        for secret in ["telegram-secret", "model-secret", "gateway-secret", "host-secret"] {
            assert!(!script.text().contains(secret), "{}", script.name);
        }
    }
}

/// Every text is bash that parses, and every variable that it needs is given or set by itself.
#[test]
fn every_text_is_valid_bash() {
    for script in all() {
        let mut bash = Command::new("bash")
            .arg("-n")
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        bash.stdin.take().unwrap().write_all(script.text().as_bytes()).unwrap();
        let out = bash.wait_with_output().unwrap();
        assert!(
            out.status.success() && out.stderr.is_empty(),
            "{}: {}",
            script.name,
            String::from_utf8_lossy(&out.stderr)
        );
        let code = |line: &&str| !line.trim_start().starts_with('#');
        for (name, _) in &script.vars {
            let read = script.body.lines().filter(code).any(|line| line.contains(name));
            assert!(read, "{} does not read {name}", script.name);
        }
    }
}

/// What shows the input's absence: a script without input must not wait for one, nor let a
/// command of its own read the text that follows.
#[test]
fn scripts_without_input_close_it() {
    for script in all() {
        assert!(
            // A relay's standard input is what it carries.
            script.body.contains("exec </dev/null") || script.input.is_some() || script.name == "relay",
            "{}",
            script.name
        );
    }
}

/// shellcheck, where it is installed.
#[test]
fn shellcheck_has_nothing_to_say() {
    if Command::new("shellcheck").arg("--version").output().is_err() {
        return crate::support::skip("shellcheck", "it is not installed (Debian: apt-get install shellcheck)");
    }
    for script in all() {
        let mut check = Command::new("shellcheck")
            // Unreachable, unused and unset as the function sees it: common.sh serves all scripts.
            .args([
                "-s",
                "bash",
                "-e",
                "SC2317,SC2329,SC2034,SC2154,SC1091,SC2119,SC2120",
                "-",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        check.stdin.take().unwrap().write_all(script.text().as_bytes()).unwrap();
        let out = check.wait_with_output().unwrap();
        assert!(
            out.status.success(),
            "{}: {}",
            script.name,
            String::from_utf8_lossy(&out.stdout)
        );
    }
}
