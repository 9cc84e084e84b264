//! What each of our scripts does to a played server. A script is known by its text; one that is
//! not known fails, and so does one whose ground was not laid before, as on a real server.

use super::envelope::{self, Arrived};
use super::server::{Bot, Server};
use crate::support::gateway;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clawdwako::error::Kind;
use clawdwako::openclaw::catalog;
use clawdwako::openclaw::config::BotFiles;
use clawdwako::openclaw::scripts::{self, Ground, Question};
use clawdwako::openclaw::unit::UnitSpec;
use clawdwako::secrets::Secret;
use clawdwako::ssh::Script;
use clawdwako::telegram::Telegram;
use russh::keys::PrivateKey;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::io::DuplexStream;

const NODE: &str = "26.10.0";

/// Our scripts by their texts.
static KNOWN: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let none = Secret::new("");
    let mirror = "http://127.0.0.1/".parse().unwrap();
    let files = BotFiles {
        config: Value::Null,
        secrets: none.clone(),
    };
    let unit = UnitSpec {
        user: "x",
        bot_name: "x",
        memory_mb: 2048,
    };
    let all: [Script; 16] = [
        scripts::inspect(),
        scripts::wait_cloud_init(Ground::Rented, Duration::ZERO),
        scripts::rotate_host_key(&none),
        scripts::prepare_system("x", Ground::Rented),
        scripts::bot_user("x"),
        scripts::install_node(&mirror, 26),
        scripts::resolve_agent("1", "1", None),
        scripts::install_openclaw("1", "x", "1", None),
        scripts::use_version("x", "1", "1"),
        scripts::configure("x", &files),
        scripts::secure(&unit, Ground::Rented),
        scripts::start("x"),
        scripts::stop("x"),
        scripts::look("x", Duration::ZERO, ""),
        scripts::relay("x"),
        scripts::ask_agent("x", Question::Health, Duration::ZERO),
    ];
    all.into_iter().map(|script| (script.body, script.name)).collect()
});

/// Which script this is, as it came over the wire.
pub fn name(text: &str) -> Option<&'static str> {
    KNOWN.get(envelope::read(text)?.body.as_str()).copied()
}

pub async fn run(server: &Server, text: &str) -> Result<String, String> {
    let arrived = envelope::read(text).ok_or("this is none of our scripts")?;
    let name = KNOWN
        .get(arrived.body.as_str())
        .ok_or("this script is not known here")?;
    let facts = match *name {
        "rotate_host_key" => {
            let key = PrivateKey::from_openssh(&arrived.input).map_err(|e| e.to_string())?;
            let public = key.public_key().to_openssh().map_err(|e| e.to_string())?;
            server.set_host_key(key);
            vec![("host_key", public)]
        }
        "look" => look(server, &arrived),
        "ask_agent" => ask_agent(server, &arrived).await,
        other => on_disk(server, other, &arrived)?,
    };
    Ok(facts
        .iter()
        .map(|(name, value)| format!("::fact {name}={value}\n"))
        .collect())
}

/// Scripts that only change the disk and the units.
fn on_disk(server: &Server, name: &str, arrived: &Arrived) -> Result<Vec<(&'static str, String)>, String> {
    let var = |name: &str| arrived.vars.get(name).cloned().unwrap_or_default();
    let mut disk = server.disk();
    let yes = |yes: bool, otherwise: &str| if yes { Ok(()) } else { Err(otherwise.to_owned()) };
    let fact = |name, value: &str| vec![(name, value.to_owned())];
    match name {
        "inspect" => Ok(vec![
            ("os", "debian-12".into()),
            ("arch", "x86_64".into()),
            ("memory_mb", "3900".into()),
            ("disk_free_mb", "30000".into()),
            ("container", "none".into()),
        ]),
        "wait_cloud_init" => Ok(fact("cloud_init", "done")),
        "prepare_system" => {
            disk.prepared = true;
            Ok(fact("swap", "made"))
        }
        "bot_user" => {
            yes(disk.prepared, "the system is not prepared")?;
            let next = 18_789 + 120 * disk.bots.len() as u16;
            let bot = disk.bots.entry(var("BOT_USER")).or_insert_with(|| Bot {
                port: next,
                ..Bot::default()
            });
            Ok(vec![("user", var("BOT_USER")), ("port", bot.port.to_string())])
        }
        "install_node" => {
            disk.node.insert(NODE.into());
            Ok(vec![("node", NODE.into()), ("node_sha256", "0".repeat(64))])
        }
        "resolve_agent" => {
            yes(disk.node.contains(&var("NODE")), "no such Node")?;
            let answer = json!({
                "version": var("VERSION"), "engines.node": ">=24.16.0", "dist.integrity": integrity(&var("VERSION")),
            });
            Ok(fact("registry_answer", &answer.to_string()))
        }
        "install_openclaw" => {
            yes(disk.node.contains(&var("NODE")), "no such Node")?;
            let whole = var("INTEGRITY") == integrity(&var("VERSION"));
            yes(whole, "the package's integrity is another")?;
            disk.agents.insert(var("VERSION"));
            let packages = json!([
                ["openclaw", var("VERSION"), var("INTEGRITY")],
                ["within", "1.0.0", null]
            ]);
            Ok(vec![
                ("agent_version", var("VERSION")),
                ("packages", packages.to_string()),
            ])
        }
        _ => {
            let agents = disk.agents.clone();
            let bot = disk.bots.get_mut(&var("BOT_USER"));
            match (name, bot) {
                ("stop", None) => Ok(Vec::new()),
                (_, None) => Err("the bot has no user on this server".into()),
                ("use_version", Some(bot)) => {
                    yes(agents.contains(&var("VERSION")), "this version is not on this server")?;
                    bot.version = Some(var("VERSION"));
                    Ok(fact("agent_version", &var("VERSION")))
                }
                ("configure", Some(bot)) => {
                    yes(bot.version.is_some(), "no version of the agent is chosen")?;
                    let length = var("CONFIG_BYTES").parse().map_err(|_| "no length")?;
                    let (config, secrets) = arrived
                        .input
                        .split_at_checked(length)
                        .ok_or("it did not arrive whole")?;
                    let json = |text| serde_json::from_str(text).map_err(|_| "it did not arrive whole".to_owned());
                    let files = Some((json(config)?, json(secrets)?));
                    let changed = bot.files != files;
                    bot.files = files;
                    Ok(fact("config", if changed { "changed" } else { "unchanged" }))
                }
                ("secure", Some(bot)) => {
                    bot.unit = true;
                    Ok(fact("unit", "changed"))
                }
                ("start", Some(bot)) => {
                    yes(bot.unit && bot.files.is_some(), "there is no unit, or no configuration")?;
                    if bot.running.is_none() || var("HOW") == "restart" {
                        bot.running = bot.files.clone();
                        bot.crashed = false;
                        bot.starts += 1;
                    }
                    Ok(Vec::new())
                }
                ("stop", Some(bot)) => {
                    bot.running = None;
                    bot.crashed = false;
                    Ok(Vec::new())
                }
                (other, Some(_)) => Err(format!("{other} is not played here")),
            }
        }
    }
}

/// The bot that a script is about.
fn bot(server: &Server, arrived: &Arrived) -> Option<Bot> {
    server.disk().bots.get(arrived.vars.get("BOT_USER")?).cloned()
}

/// What is seen of the unit and of its gateway's `/readyz`.
fn look(server: &Server, arrived: &Arrived) -> Vec<(&'static str, String)> {
    let fact = |name, value: &str| (name, value.to_owned());
    let Some(bot) = bot(server, arrived).filter(|bot| bot.unit) else {
        return vec![fact("ActiveState", "absent")];
    };
    let port = ("Port", bot.port.to_string());
    if bot.running.is_none() && bot.crashed {
        return vec![
            fact("ActiveState", "failed"),
            fact("SubState", "failed"),
            fact("Result", "exit-code"),
            fact("ExecMainStatus", "1"),
            port,
        ];
    }
    if bot.running.is_none() {
        return vec![
            fact("ActiveState", "inactive"),
            fact("SubState", "dead"),
            fact("Result", "success"),
            port,
        ];
    }
    vec![
        fact("ActiveState", "active"),
        fact("SubState", "running"),
        fact("Result", "success"),
        ("MainPID", (100 + bot.starts).to_string()),
        ("MemoryCurrent", (900 << 20).to_string()),
        fact("Lately", "0"),
        port,
        ("Version", bot.version.unwrap_or_default()),
        ("Ready", STANDARD.encode("HTTP/1.1 200 OK\r\n\r\n{\"failing\":[]}")),
    ]
}

/// What the agent's command line prints, after a warning of Node's.
async fn ask_agent(server: &Server, arrived: &Arrived) -> Vec<(&'static str, String)> {
    let Some((config, secrets)) = bot(server, arrived).and_then(|bot| bot.running) else {
        return vec![("refused", "closed".to_owned())];
    };
    let told = match arrived.vars["ASK"].as_str() {
        "health" => {
            let mut status = telegram(server, &secrets).await;
            json!({"ok": true, "channels": {"telegram": status["channelAccounts"]["telegram"][0].take()}})
        }
        "turn" => match turn(server, &config, &secrets).await {
            Ok(_) => json!({"ok": true, "provider": "p", "model": "m", "outputs": [{"text": "ready"}]}),
            Err(words) => json!({"ok": false, "error": {"message": words}}),
        },
        other => panic!("asked for {other}"),
    };
    let printed = format!("(node:7) a warning\n{told:#}\n");
    vec![("exit", "0".to_owned()), ("answer", STANDARD.encode(printed))]
}

/// A relay to an agent's gateway, as it arrived.
pub struct Knock {
    /// The line that says that bytes pass.
    pub mark: String,
    bot: Option<Bot>,
}

/// Reads a relay that has arrived whole; none as long as it has not, or if it is another script.
pub fn knock(server: &Server, text: &str) -> Option<Knock> {
    let arrived = envelope::read(text).filter(|_| name(text) == Some("relay"))?;
    Some(Knock {
        mark: arrived.vars.get("MARK")?.clone(),
        bot: bot(server, &arrived),
    })
}

impl Knock {
    /// Whether an agent listens.
    pub fn is_heard(&self) -> bool {
        self.bot.as_ref().is_some_and(|bot| bot.running.is_some())
    }

    /// What the agent answers on a connection. `instead` says whether it says something else than
    /// its model.
    pub async fn talk(self, server: &Server, stream: DuplexStream, instead: impl Fn() -> Option<gateway::Answer>) {
        let Some((config, secrets)) = self.bot.and_then(|bot| bot.running) else {
            return;
        };
        let token = secrets["gateway"].as_str().unwrap();
        let (config, secrets, instead) = (&config, &secrets, &instead);
        gateway::serve(stream, token, |method, _| async move {
            match method.as_str() {
                "channels.status" => Ok(telegram(server, secrets).await),
                "sessions.usage" => Ok(json!({"cacheStatus": {"status": "fresh"}, "totals": {"totalTokens": 53}})),
                "agent" => match instead() {
                    Some(answer) => answer,
                    None => turn(server, config, secrets).await,
                },
                other => Err(format!("unknown method: {other}")),
            }
        })
        .await;
    }
}

/// What the agent would tell: it asks Telegram whether its token is good.
async fn telegram(server: &Server, secrets: &Value) -> Value {
    let endpoints = server.shared.endpoints.get().unwrap();
    let token = Secret::new(secrets["telegram"].as_str().unwrap());
    let me = match Telegram::new(endpoints.telegram.clone(), &token) {
        Ok(telegram) => telegram.get_me().await.map(drop),
        Err(e) => Err(e),
    };
    match me {
        Ok(()) => gateway::channels(true, None),
        Err(e) if e.kind() == Kind::Auth => gateway::given_up(&e.message()),
        Err(e) => gateway::channels(false, Some(&e.message())),
    }
}

/// One real turn of the model that the running agent was configured for.
async fn turn(server: &Server, config: &Value, secrets: &Value) -> Result<Value, String> {
    let name = config["agents"]["defaults"]["model"]["primary"]
        .as_str()
        .unwrap_or_default();
    let model = catalog::parse_model(name).map_err(|e| e.message())?;
    let key = Secret::new(secrets[model.provider.as_str()].as_str().unwrap_or_default());
    let http = clawdwako::http::Http::new().map_err(|e| e.message())?;
    let proved = clawdwako::models::prove(&http, server.shared.endpoints.get().unwrap(), &model, &key).await;
    match proved {
        Ok(()) => Ok(gateway::turned(name, "ready")),
        Err(e) => Err(e.message()),
    }
}

/// The registry's hash of a version, another one for each.
fn integrity(version: &str) -> String {
    let digits: String = version
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .cycle()
        .take(86)
        .collect();
    format!("sha512-{digits}==")
}
