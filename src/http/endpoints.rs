//! Base addresses of the outside world.

use url::Url;

/// Base addresses of the outside world: the only seam. Each can be set in the configuration
/// file and by environment, and the sandbox sets them all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Hetzner Cloud's API, with `/v1/` at the end.
    pub hetzner: Url,
    /// DigitalOcean's API, with `/v2/` at the end.
    pub digitalocean: Url,
    /// Telegram's Bot API, without `/bot…`.
    pub telegram: Url,
    /// Anthropic's API, without `/v1`.
    pub anthropic: Url,
    /// OpenAI's API, without `/v1`.
    pub openai: Url,
    /// Google's model API, without `/v1beta`.
    pub google_ai: Url,
    /// Google's page where a person signs in, in the browser.
    pub google_auth: Url,
    /// Google's device code endpoint.
    pub google_device: Url,
    /// Google's token endpoint.
    pub google_token: Url,
    /// Google's key set for id tokens.
    pub google_jwks: Url,
    /// Where Node's archives are (`<base>/v26.1.0/SHASUMS256.txt`, `<base>/index.json`).
    pub node_mirror: Url,
    /// Another npm registry than npm's own default.
    pub npm_registry: Option<Url>,
}

impl Default for Endpoints {
    fn default() -> Self {
        #[allow(clippy::expect_used, reason = "constants; a test parses them")]
        let url = |s: &str| Url::parse(s).expect("a constant address");
        Endpoints {
            hetzner: url("https://api.hetzner.cloud/v1/"),
            digitalocean: url("https://api.digitalocean.com/v2/"),
            telegram: url("https://api.telegram.org/"),
            anthropic: url("https://api.anthropic.com/"),
            openai: url("https://api.openai.com/"),
            google_ai: url("https://generativelanguage.googleapis.com/"),
            google_auth: url("https://accounts.google.com/o/oauth2/v2/auth"),
            google_device: url("https://oauth2.googleapis.com/device/code"),
            google_token: url("https://oauth2.googleapis.com/token"),
            google_jwks: url("https://www.googleapis.com/oauth2/v3/certs"),
            node_mirror: url("https://nodejs.org/dist/"),
            npm_registry: None,
        }
    }
}
