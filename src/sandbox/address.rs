//! Where the sandbox listens, and what that makes of the outside world's addresses.

use super::record::Process;
use super::world::Credentials;
use crate::error::{Result, internal};
use crate::http::Endpoints;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use url::Url;

/// What a running sandbox writes down about itself, readable by its owner alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WorldRecord {
    /// The process.
    pub process: Process,
    /// Where everything is, for this machine.
    pub loopback: SocketAddr,
    /// Where Telegram, the models, Node and npm are, for this machine and the servers.
    pub bridge: SocketAddr,
    /// What `/_control` wants as bearer.
    pub token: String,
}

impl WorldRecord {
    /// The record's file in a sandbox's folder.
    pub fn path(dir: &Path) -> PathBuf {
        dir.join("world.json")
    }

    /// The addresses that take the place of the outside world's.
    ///
    /// # Errors
    /// `internal` never, in practice.
    pub fn endpoints(&self) -> Result<Endpoints> {
        let here = |path: &str| address(self.loopback, path);
        let everywhere = |path: &str| address(self.bridge, path);
        Ok(Endpoints {
            hetzner: here("hetzner/v1/")?,
            digitalocean: here("digitalocean/v2/")?,
            telegram: everywhere("telegram/")?,
            anthropic: everywhere("anthropic/")?,
            openai: everywhere("openai/")?,
            google_ai: everywhere("google-ai/")?,
            google_auth: here("google/auth")?,
            google_device: here("google/device/code")?,
            google_token: here("google/token")?,
            google_jwks: here("google/certs")?,
            node_mirror: everywhere("node/")?,
            npm_registry: Some(everywhere("npm/")?),
        })
    }

    /// The address of a control route.
    ///
    /// # Errors
    /// `internal` if the path is none.
    pub fn control(&self, path: &str) -> Result<Url> {
        address(self.loopback, &format!("_control/{path}"))
    }
}

fn address(at: SocketAddr, path: &str) -> Result<Url> {
    Url::parse(&format!("http://{at}/{path}")).map_err(|e| internal("a bad address").because(e))
}

/// The same as environment variables: what points clawdwako and other tools at the sandbox.
pub fn variables(endpoints: &Endpoints, credentials: &Credentials) -> BTreeMap<String, String> {
    // The real clouds' own command line tools want no slash at the end.
    let bare = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
    let pairs = [
        ("CLAWDWAKO_HETZNER_URL", endpoints.hetzner.to_string()),
        ("CLAWDWAKO_DIGITALOCEAN_URL", endpoints.digitalocean.to_string()),
        ("CLAWDWAKO_TELEGRAM_URL", endpoints.telegram.to_string()),
        ("CLAWDWAKO_ANTHROPIC_URL", endpoints.anthropic.to_string()),
        ("CLAWDWAKO_OPENAI_URL", endpoints.openai.to_string()),
        ("CLAWDWAKO_GOOGLE_AI_URL", endpoints.google_ai.to_string()),
        ("CLAWDWAKO_GOOGLE_AUTH_URL", endpoints.google_auth.to_string()),
        ("CLAWDWAKO_GOOGLE_DEVICE_URL", endpoints.google_device.to_string()),
        ("CLAWDWAKO_GOOGLE_TOKEN_URL", endpoints.google_token.to_string()),
        ("CLAWDWAKO_GOOGLE_JWKS_URL", endpoints.google_jwks.to_string()),
        ("CLAWDWAKO_NODE_MIRROR", endpoints.node_mirror.to_string()),
        ("CLAWDWAKO_OWNER", credentials.owner.to_string()),
        ("HETZNER_API_TOKEN", credentials.hetzner.clone()),
        ("DIGITALOCEAN_API_TOKEN", credentials.digitalocean.clone()),
        ("ANTHROPIC_API_KEY", credentials.anthropic.clone()),
        ("OPENAI_API_KEY", credentials.openai.clone()),
        ("GOOGLE_AI_API_KEY", credentials.google_ai.clone()),
        ("GOOGLE_CLIENT_ID", credentials.google_client_id.clone()),
        ("GOOGLE_CLIENT_SECRET", credentials.google_client_secret.clone()),
        ("GOOGLE_WEB_CLIENT_ID", credentials.google_web_client_id.clone()),
        ("GOOGLE_WEB_CLIENT_SECRET", credentials.google_web_client_secret.clone()),
        ("HCLOUD_ENDPOINT", bare(&endpoints.hetzner)),
        ("HCLOUD_TOKEN", credentials.hetzner.clone()),
    ];
    let registry = endpoints.npm_registry.iter();
    let registry = registry.map(|url| ("CLAWDWAKO_NPM_REGISTRY", url.to_string()));
    pairs
        .into_iter()
        .chain(registry)
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The addresses as JSON, named as the fields of [`Endpoints`].
pub fn endpoints_json(e: &Endpoints) -> serde_json::Value {
    serde_json::json!({
        "hetzner": e.hetzner, "digitalocean": e.digitalocean, "telegram": e.telegram,
        "anthropic": e.anthropic, "openai": e.openai, "google_ai": e.google_ai,
        "google_auth": e.google_auth, "google_device": e.google_device, "google_token": e.google_token, "google_jwks": e.google_jwks,
        "node_mirror": e.node_mirror, "npm_registry": e.npm_registry,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_need_is_at_the_bridge_and_the_rest_at_home() {
        let record = WorldRecord {
            process: Process { pid: 1, started: 1 },
            loopback: "127.0.0.1:4000".parse().unwrap(),
            bridge: "198.18.7.1:4001".parse().unwrap(),
            token: "t".into(),
        };
        let e = record.endpoints().unwrap();
        assert_eq!(e.hetzner.as_str(), "http://127.0.0.1:4000/hetzner/v1/");
        assert_eq!(e.google_ai.as_str(), "http://198.18.7.1:4001/google-ai/");
        assert_eq!(
            record.control("env").unwrap().as_str(),
            "http://127.0.0.1:4000/_control/env"
        );
        let v = variables(&e, &Credentials::generate());
        assert_eq!(v["HCLOUD_ENDPOINT"], "http://127.0.0.1:4000/hetzner/v1");
        assert_eq!(v["CLAWDWAKO_NODE_MIRROR"], "http://198.18.7.1:4001/node/");
        assert_eq!(v["CLAWDWAKO_NPM_REGISTRY"], "http://198.18.7.1:4001/npm/");
        assert_eq!(endpoints_json(&e)["telegram"], "http://198.18.7.1:4001/telegram/");
    }
}
