//! The names of the user's credentials.

use crate::model::words;

/// The user's own credentials, by the names that `secrets set` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretName {
    /// Hetzner's API token.
    Hetzner,
    /// DigitalOcean's API token.
    DigitalOcean,
    /// Anthropic's key.
    Anthropic,
    /// OpenAI's key.
    Openai,
    /// Google's model key.
    Google,
    /// The Telegram token for the next bot.
    Telegram,
    /// The OAuth client for `login`.
    GoogleClientId,
    /// The OAuth client's secret.
    GoogleClientSecret,
    /// The OAuth client of a control server's sign-in page.
    GoogleWebClientId,
    /// That client's secret.
    GoogleWebClientSecret,
    /// What `login` keeps.
    GoogleRefreshToken,
    /// The API token of the control server that `login --server` signed in to.
    ServerToken,
}

words!(SecretName {
    Hetzner = "hetzner",
    DigitalOcean = "digitalocean",
    Anthropic = "anthropic",
    Openai = "openai",
    Google = "google",
    Telegram = "telegram",
    GoogleClientId = "google-client-id",
    GoogleClientSecret = "google-client-secret",
    GoogleWebClientId = "google-web-client-id",
    GoogleWebClientSecret = "google-web-client-secret",
    GoogleRefreshToken = "google-refresh-token",
    ServerToken = "server-token",
});

impl SecretName {
    /// The environment variable that gives it, if there is one.
    pub fn variable(self) -> Option<&'static str> {
        Some(match self {
            SecretName::Hetzner => "HETZNER_API_TOKEN",
            SecretName::DigitalOcean => "DIGITALOCEAN_API_TOKEN",
            SecretName::Anthropic => "ANTHROPIC_API_KEY",
            SecretName::Openai => "OPENAI_API_KEY",
            SecretName::Google => "GOOGLE_AI_API_KEY",
            SecretName::Telegram => "CLAWDWAKO_TELEGRAM_TOKEN",
            SecretName::GoogleClientId => "GOOGLE_CLIENT_ID",
            SecretName::GoogleClientSecret => "GOOGLE_CLIENT_SECRET",
            SecretName::GoogleWebClientId => "GOOGLE_WEB_CLIENT_ID",
            SecretName::GoogleWebClientSecret => "GOOGLE_WEB_CLIENT_SECRET",
            SecretName::ServerToken => "CLAWDWAKO_SERVER_TOKEN",
            SecretName::GoogleRefreshToken => return None,
        })
    }

    /// What prompts and tables call it.
    pub fn title(self) -> &'static str {
        match self {
            SecretName::Hetzner => "Hetzner API token",
            SecretName::DigitalOcean => "DigitalOcean API token",
            SecretName::Anthropic => "Anthropic API key",
            SecretName::Openai => "OpenAI API key",
            SecretName::Google => "Google AI API key",
            SecretName::Telegram => "Telegram bot token",
            SecretName::GoogleClientId => "Google OAuth client id",
            SecretName::GoogleClientSecret => "Google OAuth client secret",
            SecretName::GoogleWebClientId => "Google OAuth client id for web pages",
            SecretName::GoogleWebClientSecret => "Google OAuth client secret for web pages",
            SecretName::GoogleRefreshToken => "Google sign-in",
            SecretName::ServerToken => "control server API token",
        }
    }
}
