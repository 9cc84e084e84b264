//! The agent's `openclaw.json` and `secrets.json`.
//!
//! Secrets are file references: what is in the environment would be inherited by every command
//! that the agent runs.

use super::catalog::{ModelProvider, ModelRef};
use super::layout;
use crate::error::{Result, internal};
use crate::http::Endpoints;
use crate::model::Audience;
use crate::secrets::Secret;
use serde_json::{Value, json};

/// What the agent is to be.
#[derive(Debug, Clone)]
pub struct AgentConfig<'a> {
    /// Who answers.
    pub model: &'a ModelRef,
    /// Base addresses; those that are not the default are told to the agent.
    pub endpoints: &'a Endpoints,
    /// Who it answers.
    pub audience: Audience,
    /// The loopback port of its gateway.
    pub port: u16,
    /// The bot's system user.
    pub user: &'a str,
}

/// What the agent must keep to itself.
#[derive(Debug, Clone)]
pub struct BotSecrets {
    /// Telegram's token of the bot.
    pub telegram: Secret,
    /// The key for the model's provider.
    pub model_key: Secret,
    /// What the gateway's clients must show.
    pub gateway: Secret,
}

/// Both files, made for each other.
#[derive(Debug, Clone)]
pub struct BotFiles {
    /// `openclaw.json`; no secret is in it.
    pub config: Value,
    /// `secrets.json`.
    pub secrets: Secret,
}

impl BotFiles {
    /// Makes both files and checks what the agent's own validator does not.
    ///
    /// # Errors
    /// `internal` if a check fails.
    pub fn new(agent: &AgentConfig<'_>, secrets: &BotSecrets) -> Result<Self> {
        let files = BotFiles {
            config: agent_config(agent),
            secrets: secrets_json(agent.model.provider, secrets),
        };
        check(&files)?;
        Ok(files)
    }
}

/// A new random token for the gateway: 64 hexadecimal digits.
///
/// # Errors
/// `internal` if the system has no randomness.
pub fn new_gateway_token() -> Result<Secret> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|_| internal("the system gives no random numbers"))?;
    Ok(Secret::new(
        bytes.iter().map(|b| format!("{b:02x}")).collect::<String>(),
    ))
}

fn reference(id: &str) -> Value {
    json!({ "source": "file", "provider": "bot", "id": format!("/{id}") })
}

/// `openclaw.json`.
pub fn agent_config(agent: &AgentConfig<'_>) -> Value {
    let state = layout::state_dir(agent.user);
    let provider = agent.model.provider;
    let mut config = json!({
        "secrets": { "providers": { "bot": {
            "source": "file", "mode": "json", "path": layout::secrets_file(agent.user),
        } } },
        "gateway": {
            "mode": "local",
            "port": agent.port,
            // In a container the agent's own default is every address.
            "bind": "loopback",
            "auth": { "mode": "token", "token": reference("gateway") },
        },
        "agents": { "defaults": {
            "model": { "primary": agent.model.to_string() },
            // Its own default is a paid turn every 30 minutes.
            "heartbeat": { "every": "0m" },
        } },
        "models": { "providers": { provider.as_str(): model_provider(provider, agent.endpoints) } },
        "channels": { "telegram": telegram(agent) },
        "discovery": { "mdns": { "mode": "off" } },
        "update": { "checkOnStart": false },
        "logging": { "file": format!("{state}/logs/gateway.log") },
    });
    if provider == ModelProvider::OpenAi {
        // Else its first start tries to download a plugin for more than a minute.
        config["agents"]["defaults"]["models"] =
            json!({ agent.model.to_string(): { "agentRuntime": { "id": "openclaw" } } });
    }
    match agent.audience {
        Audience::Owner(owner) => config["commands"] = json!({ "ownerAllowFrom": [format!("telegram:{owner}")] }),
        // Strangers may talk, and run nothing on the owner's server.
        Audience::Everyone => {
            config["tools"] = json!({
                "profile": "messaging",
                "exec": { "security": "deny" },
                "elevated": { "enabled": false },
            });
        }
    }
    config
}

fn telegram(agent: &AgentConfig<'_>) -> Value {
    let (policy, allowed) = match agent.audience {
        Audience::Owner(owner) => ("allowlist", owner.to_string()),
        Audience::Everyone => ("open", "*".to_owned()),
    };
    let mut telegram = json!({
        "enabled": true,
        "botToken": reference("telegram"),
        "dmPolicy": policy,
        "allowFrom": [allowed],
        "groupPolicy": "disabled",
    });
    if agent.endpoints.telegram != Endpoints::default().telegram {
        telegram["apiRoot"] = json!(base(&agent.endpoints.telegram));
    }
    telegram
}

/// The provider's key, and where and how it is spoken to if that is not where everybody does.
fn model_provider(provider: ModelProvider, endpoints: &Endpoints) -> Value {
    let usual = Endpoints::default();
    let (here, usual, path, api) = match provider {
        ModelProvider::Anthropic => (&endpoints.anthropic, usual.anthropic, "", "anthropic-messages"),
        ModelProvider::OpenAi => (&endpoints.openai, usual.openai, "/v1", "openai-responses"),
        ModelProvider::Google => (&endpoints.google_ai, usual.google_ai, "/v1beta", "google-generative-ai"),
    };
    let mut value = json!({ "apiKey": reference(provider.as_str()) });
    if *here != usual {
        value["baseUrl"] = json!(format!("{}{path}", base(here)));
        // Without it side calls go to another protocol's path.
        value["api"] = json!(api);
    }
    value
}

fn base(url: &url::Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// `secrets.json`: what the configuration's references name.
pub fn secrets_json(provider: ModelProvider, secrets: &BotSecrets) -> Secret {
    let value = json!({
        "telegram": secrets.telegram.expose(),
        provider.as_str(): secrets.model_key.expose(),
        "gateway": secrets.gateway.expose(),
    });
    Secret::new(format!("{value}\n"))
}

/// What the agent's own validator lets pass: a gateway without mode or open to the network, an
/// empty list of people, a reference to a secret that is not there, an unset variable.
fn check(files: &BotFiles) -> Result<()> {
    let config = &files.config;
    let secrets: Value = serde_json::from_str(files.secrets.expose())?;
    let wrong = |what: &str| Err(internal(format!("the agent's configuration is wrong: {what}")));
    if config["gateway"]["mode"] != "local" || config["gateway"]["bind"] != "loopback" {
        return wrong("the gateway is not local");
    }
    let telegram = &config["channels"]["telegram"];
    match telegram["allowFrom"].as_array().and_then(|a| a.first()) {
        None => return wrong("nobody is allowed to talk to the bot"),
        Some(all) if (all == "*") != (telegram["dmPolicy"] == "open") => {
            return wrong("the list of people and the policy contradict each other");
        }
        Some(_) => {}
    }
    if config.to_string().contains("${") {
        return wrong("a variable is in it");
    }
    let mut ids = Vec::new();
    references(config, &mut ids);
    if ids.len() != 3 {
        return wrong("a secret is not a reference");
    }
    for id in ids {
        if secrets.pointer(id).and_then(Value::as_str).is_none_or(str::is_empty) {
            return wrong("a secret is missing");
        }
    }
    Ok(())
}

fn references<'v>(value: &'v Value, ids: &mut Vec<&'v str>) {
    match value {
        Value::Object(map) => match (map.get("source"), map.get("id").and_then(Value::as_str)) {
            (Some(source), Some(id)) if source == "file" => ids.push(id),
            _ => map.values().for_each(|v| references(v, ids)),
        },
        Value::Array(list) => list.iter().for_each(|v| references(v, ids)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openclaw::catalog::parse_model;

    fn files(model: &str, endpoints: &Endpoints, audience: Audience, key: &str) -> Result<BotFiles> {
        let model = parse_model(model).unwrap();
        let agent = AgentConfig {
            model: &model,
            endpoints,
            audience,
            port: 18789,
            user: "cw-demo-00000000",
        };
        BotFiles::new(
            &agent,
            &BotSecrets {
                telegram: Secret::new("1:t"),
                model_key: Secret::new(key),
                gateway: Secret::new("g"),
            },
        )
    }

    #[test]
    fn addresses_are_told_only_where_they_differ() {
        let usual = Endpoints::default();
        let c = files("claude-opus", &usual, Audience::Owner(42), "k").unwrap().config;
        assert_eq!(c["models"]["providers"]["anthropic"].get("baseUrl"), None);
        assert_eq!(c["channels"]["telegram"].get("apiRoot"), None);

        let here = |s: &str| url::Url::parse(s).unwrap();
        let other = Endpoints {
            telegram: here("http://10.0.0.1:1/"),
            openai: here("http://10.0.0.1:2/o/"),
            google_ai: here("http://10.0.0.1:3"),
            ..usual
        };
        let c = files("openai/gpt-6-sol", &other, Audience::Owner(42), "k")
            .unwrap()
            .config;
        assert_eq!(c["channels"]["telegram"]["apiRoot"], "http://10.0.0.1:1");
        assert_eq!(c["models"]["providers"]["openai"]["baseUrl"], "http://10.0.0.1:2/o/v1");
        assert_eq!(c["models"]["providers"]["openai"]["api"], "openai-responses");
        assert_eq!(
            c["agents"]["defaults"]["models"]["openai/gpt-6-sol"]["agentRuntime"]["id"],
            "openclaw"
        );
        let c = files("gemini", &other, Audience::Owner(42), "k").unwrap().config;
        assert_eq!(
            c["models"]["providers"]["google"]["baseUrl"],
            "http://10.0.0.1:3/v1beta"
        );
    }

    #[test]
    fn an_open_bot_runs_nothing_and_an_owned_one_knows_its_owner() {
        let open = files("gemini", &Endpoints::default(), Audience::Everyone, "k")
            .unwrap()
            .config;
        assert_eq!(open["channels"]["telegram"]["dmPolicy"], "open");
        assert_eq!(open["channels"]["telegram"]["allowFrom"][0], "*");
        assert_eq!(open["tools"]["exec"]["security"], "deny");
        let owned = files("gemini", &Endpoints::default(), Audience::Owner(42), "k")
            .unwrap()
            .config;
        assert_eq!(owned["channels"]["telegram"]["allowFrom"][0], "42");
        assert_eq!(owned["commands"]["ownerAllowFrom"][0], "telegram:42");
        assert_eq!(owned.get("tools"), None);
    }

    #[test]
    fn secrets_are_only_in_the_secrets_file_and_none_may_be_missing() {
        let f = files(
            "claude-haiku",
            &Endpoints::default(),
            Audience::Owner(1),
            "sk-very-secret",
        )
        .unwrap();
        assert!(!f.config.to_string().contains("sk-very-secret"));
        assert!(f.secrets.expose().contains("sk-very-secret"));
        assert!(files("claude-haiku", &Endpoints::default(), Audience::Owner(1), "").is_err());

        let mut broken = f.clone();
        broken.config["gateway"]["bind"] = json!("lan");
        assert!(check(&broken).is_err());
        let mut broken = f;
        broken.config["channels"]["telegram"]["allowFrom"] = json!([]);
        assert!(check(&broken).is_err());
    }

    #[test]
    fn gateway_tokens_differ() {
        let a = new_gateway_token().unwrap();
        assert_eq!(a.expose().len(), 64);
        assert_ne!(a, new_gateway_token().unwrap());
    }
}
