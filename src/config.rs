//! The only reader of environment, home directory and config file.
//!
//! [`Config::load`] looks at the real ones; [`Config::from_parts`] is the pure function behind
//! it. Flags beat environment beats config file beats keyring, and every value keeps the
//! [`Source`] that it came from. With `--sandbox` neither addresses nor credentials of the real
//! world are looked at, so that a test run can never reach them.

mod dirs;
mod endpoints;
mod file;
mod nearest;
mod remote;
mod server;

pub use dirs::Dirs;
pub use nearest::nearest;
pub use remote::{Remote, server_address};
pub use server::{LimitsChange, ServerSettings};

use crate::error::{Error, Kind, Result, usage};
use crate::http::Endpoints;
use crate::model::{ProviderKind, Source, Sourced};
use crate::secrets::Secret;
use crate::secrets::keyring::SecretName;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The global flags that decide what is read.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config FILE`.
    pub config: Option<PathBuf>,
    /// `--profile NAME`.
    pub profile: Option<String>,
    /// `--sandbox`.
    pub sandbox: bool,
    /// `--no-input`.
    pub no_input: bool,
    /// `--remote`.
    pub remote: bool,
}

/// What a running sandbox tells of itself: names of environment variables with their values.
pub type SandboxEnv = BTreeMap<String, String>;

/// Everything that [`Config::from_parts`] looks at.
pub struct Parts<'a> {
    /// Looks an environment variable up.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The user's home directory.
    pub home: &'a Path,
    /// Reads the config file; `None` if there is no such file.
    pub read: &'a dyn Fn(&Path) -> std::io::Result<Option<String>>,
    /// The global flags.
    pub flags: &'a Flags,
    /// The running sandbox's variables; only used with `--sandbox`.
    pub sandbox: Option<&'a SandboxEnv>,
}

/// What `deploy` uses when a flag is left out.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// Where servers come from.
    pub provider: Option<Sourced<ProviderKind>>,
    /// The provider's name of a region.
    pub region: Option<Sourced<String>>,
    /// The provider's name of a server type.
    pub size: Option<Sourced<String>>,
    /// Our name of an image.
    pub image: Option<Sourced<String>>,
    /// A model's short name or `provider/model`.
    pub model: Option<Sourced<String>>,
    /// Telegram id of the bot's owner.
    pub owner: Option<Sourced<i64>>,
    /// The agent's version.
    pub agent_version: Option<Sourced<String>>,
}

/// What the terminal is like, as far as the environment tells.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal {
    /// `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// `TERM` is `dumb`.
    pub dumb: bool,
    /// Prompts are forbidden: `--no-input` or `CLAWDWAKO_NO_INPUT`.
    pub no_input: bool,
}

/// A variable of the environment.
#[allow(clippy::disallowed_methods, reason = "this is the one place that reads it")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Terminal {
    /// What the real environment tells; the flags are not looked at.
    pub fn load() -> Terminal {
        Terminal::of(&|name| environment(name).filter(|v| !v.is_empty()))
    }

    fn of(env: &dyn Fn(&str) -> Option<String>) -> Terminal {
        Terminal {
            no_color: env("NO_COLOR").is_some(),
            dumb: env("TERM").is_some_and(|t| t == "dumb"),
            no_input: truthy(env("CLAWDWAKO_NO_INPUT").as_deref()),
        }
    }
}

/// A credential that the environment or the config file gives.
#[derive(Debug, Clone)]
pub enum Given {
    /// The value itself, from the environment.
    Value(Secret),
    /// A file that holds it, from the config file; read when it is needed.
    File(PathBuf),
}

/// All settings: plain data.
#[derive(Debug, Clone)]
pub struct Config {
    /// The profile's name.
    pub profile: String,
    /// Whether everything happens in the sandbox.
    pub sandbox: bool,
    /// Where things are kept.
    pub dirs: Dirs,
    /// What `deploy` uses when a flag is left out.
    pub defaults: Defaults,
    /// Which control server the command line works with.
    pub remote: Remote,
    /// Addresses of the outside world.
    pub endpoints: Endpoints,
    /// Which addresses are not the built-in ones, and who set them.
    pub endpoint_sources: BTreeMap<&'static str, Source>,
    /// Credentials from environment and config file.
    pub secrets: BTreeMap<SecretName, Sourced<Given>>,
    /// `SSH_PRIVATE_KEY`: a key's text or a file's name.
    pub ssh_private_key: Option<Secret>,
    /// `SSH_PUBLIC_KEY`: one OpenSSH line or a file's name.
    pub ssh_public_key: Option<String>,
    /// `CLAWDWAKO_MASTER_KEY`: what the store is sealed with where there is no keyring.
    pub master_key: Option<Secret>,
    /// `DATABASE_URL`: the store of a control server; holds a password. A terminal's store is
    /// always the embedded one.
    pub database_url: Option<Secret>,
    /// `SENTRY_DSN`: where a control server reports errors.
    pub sentry_dsn: Option<Secret>,
    /// What the operator of a control server decides.
    pub server: ServerSettings,
    /// What the terminal is like.
    pub terminal: Terminal,
    /// `TERM`: the terminal's type, for a shell on a server.
    pub terminal_type: String,
}

impl Config {
    /// Reads the real environment, home directory and config file.
    ///
    /// # Errors
    /// `usage` if a value in any of them is wrong; `io` if the config file cannot be read.
    pub fn load(flags: &Flags, sandbox: Option<&SandboxEnv>) -> Result<Config> {
        let env = environment;
        #[allow(clippy::disallowed_methods, reason = "this is the one place that looks for it")]
        let home = etcetera::home_dir().map_err(|_| {
            Error::new(Kind::Io, "your home directory cannot be found")
                .hint("set HOME, or CLAWDWAKO_HOME to a folder where everything is kept")
        });
        // CLAWDWAKO_HOME makes do without a home directory, as in a service's environment.
        let home = match home {
            Ok(home) => home,
            Err(_) if env("CLAWDWAKO_HOME").is_some_and(|v| !v.is_empty()) => PathBuf::from("/"),
            Err(e) => return Err(e),
        };
        Config::from_parts(&Parts {
            env: &env,
            home: &home,
            read: &read_if_there,
            flags,
            sandbox,
        })
    }

    /// The pure function behind [`Config::load`].
    ///
    /// # Errors
    /// As there.
    pub fn from_parts(parts: &Parts<'_>) -> Result<Config> {
        // An empty variable counts as not set: that is how one is "unset" in many shells and units.
        let env = |name: &str| (parts.env)(name).filter(|v| !v.is_empty());
        let sandbox = parts.flags.sandbox || truthy(env("CLAWDWAKO_SANDBOX").as_deref());
        let dirs = Dirs::find(&env, parts.home, parts.flags)?;
        let file = file::File::read(parts.read, &dirs.config_file, dirs.config_demanded)?;
        let profile = match (&parts.flags.profile, env("CLAWDWAKO_PROFILE"), &file.profile) {
            (Some(name), _, _) => name.clone(),
            (None, Some(name), _) => name,
            (None, None, Some(name)) => name.clone(),
            (None, None, None) => "default".to_owned(),
        };
        let dirs = dirs.of_profile(&profile, sandbox)?;
        let section = file.section(&profile)?;

        let named = |name: &str| -> Option<(String, Source)> {
            let (name, _) = KNOWN.iter().find(|(n, _)| *n == name)?;
            env(name).map(|v| (v, Source::Environment(name)))
        };
        // What is real must stay out of the sandbox: there, only the sandbox's own variables count.
        let outside = |name: &str| -> Option<(String, Source)> {
            if sandbox {
                let value = parts.sandbox?.get(name)?.clone();
                Some((value, Source::Sandbox))
            } else {
                named(name)
            }
        };
        let (endpoints, endpoint_sources) = endpoints::resolve(&outside, &named, &section.endpoints, sandbox)?;
        let text =
            |name: &'static str, in_file: &Option<String>| pick(env(name), Source::Environment(name), in_file.clone());
        let server = text("CLAWDWAKO_SERVER_URL", &section.server_url)
            .map(|s| server_address(&s.value, &s.source, sandbox).map(|url| Sourced::new(url, s.source)))
            .transpose();
        let server = match server {
            // A real one is nothing that the sandbox looks at.
            Err(_) if sandbox => None,
            other => other?,
        };
        let mut secrets = BTreeMap::new();
        for &name in SecretName::ALL {
            let Some(variable) = name.variable() else { continue };
            if let Some((value, source)) = outside(variable) {
                secrets.insert(name, Sourced::new(Given::Value(Secret::new(value.trim())), source));
            } else if name == SecretName::ServerToken
                && server.is_some()
                && let Some((value, source)) = named(variable)
            {
                // In the sandbox: it goes to a control server on this machine and nowhere else.
                secrets.insert(name, Sourced::new(Given::Value(Secret::new(value.trim())), source));
            } else if let Some(path) = section.secret_files.get(&name).filter(|_| !sandbox) {
                let path = under(parts.home, &dirs.config_file, path);
                secrets.insert(name, Sourced::new(Given::File(path), Source::File));
            }
        }
        let provider = text("CLAWDWAKO_PROVIDER", &section.provider)
            .map(|s| s.parse::<ProviderKind>("provider"))
            .transpose()?;
        let owner = text("CLAWDWAKO_OWNER", &section.owner.map(|o| o.to_string()))
            .map(|s| s.parse::<i64>("Telegram id"))
            .transpose()?;
        let secret = |name: &str| env(name).map(Secret::new);
        Ok(Config {
            defaults: Defaults {
                provider,
                region: text("CLAWDWAKO_REGION", &section.region),
                size: text("CLAWDWAKO_SIZE", &section.size),
                image: text("CLAWDWAKO_IMAGE", &section.image),
                model: text("CLAWDWAKO_MODEL", &section.model),
                owner: sandbox_owner(parts.sandbox, sandbox).or(owner),
                agent_version: text("CLAWDWAKO_AGENT_VERSION", &section.agent_version),
            },
            remote: Remote {
                wanted: parts.flags.remote || section.remote.unwrap_or(false),
                server,
            },
            endpoints,
            endpoint_sources,
            secrets,
            ssh_private_key: secret("SSH_PRIVATE_KEY"),
            ssh_public_key: env("SSH_PUBLIC_KEY"),
            master_key: secret("CLAWDWAKO_MASTER_KEY"),
            database_url: secret("DATABASE_URL"),
            server: file.server.clone(),
            sentry_dsn: if sandbox { None } else { secret("SENTRY_DSN") },
            terminal_type: env("TERM").unwrap_or_else(|| "xterm-256color".to_owned()),
            terminal: {
                let found = Terminal::of(&env);
                Terminal {
                    no_input: found.no_input || parts.flags.no_input,
                    ..found
                }
            },
            profile,
            sandbox,
            dirs,
        })
    }

    /// A credential from environment or config file; the keyring is [`crate::secrets::keyring`]'s.
    ///
    /// # Errors
    /// `usage` if the file that the config file names cannot be read or others may read it.
    pub fn given_secret(&self, name: SecretName) -> Result<Option<Sourced<Secret>>> {
        match self.secrets.get(&name) {
            None => Ok(None),
            Some(Sourced {
                value: Given::Value(secret),
                source,
            }) => Ok(Some(Sourced::new(secret.clone(), source.clone()))),
            Some(Sourced {
                value: Given::File(path),
                source,
            }) => {
                let secret = crate::secrets::keyring::read_private_file(path)?;
                Ok(Some(Sourced::new(secret, source.clone())))
            }
        }
    }
}

/// Every environment variable that [`Config`] reads, and what it is: `doctor` and the manual
/// list them.
pub const KNOWN: &[(&str, &str)] = &[
    ("CLAWDWAKO_HOME", "one folder for configuration, state and cache"),
    ("CLAWDWAKO_CONFIG", "the config file"),
    ("CLAWDWAKO_PROFILE", "the profile"),
    ("CLAWDWAKO_SANDBOX", "1: everything happens in the sandbox"),
    ("CLAWDWAKO_NO_INPUT", "1: never ask"),
    ("CLAWDWAKO_PROVIDER", "default for --provider"),
    ("CLAWDWAKO_REGION", "default for --region"),
    ("CLAWDWAKO_SIZE", "default for --size"),
    ("CLAWDWAKO_IMAGE", "default for --image"),
    ("CLAWDWAKO_MODEL", "default for --model"),
    ("CLAWDWAKO_OWNER", "default for --owner"),
    ("CLAWDWAKO_AGENT_VERSION", "default for --agent-version"),
    ("CLAWDWAKO_SERVER_URL", "the control server for --remote"),
    ("CLAWDWAKO_SERVER_TOKEN", "an API token of it, instead of login"),
    ("CLAWDWAKO_TELEGRAM_TOKEN", "the bot's token"),
    ("CLAWDWAKO_MASTER_KEY", "what the store is sealed with"),
    ("CLAWDWAKO_HETZNER_URL", "Hetzner's address"),
    ("CLAWDWAKO_DIGITALOCEAN_URL", "DigitalOcean's address"),
    ("CLAWDWAKO_TELEGRAM_URL", "Telegram's address"),
    ("CLAWDWAKO_ANTHROPIC_URL", "Anthropic's address"),
    ("CLAWDWAKO_OPENAI_URL", "OpenAI's address"),
    ("CLAWDWAKO_GOOGLE_AI_URL", "Google's model address"),
    ("CLAWDWAKO_GOOGLE_AUTH_URL", "Google's sign-in page"),
    ("CLAWDWAKO_GOOGLE_DEVICE_URL", "Google's device code address"),
    ("CLAWDWAKO_GOOGLE_TOKEN_URL", "Google's token address"),
    ("CLAWDWAKO_GOOGLE_JWKS_URL", "Google's key set"),
    ("CLAWDWAKO_NODE_MIRROR", "where Node's archives are"),
    ("CLAWDWAKO_NPM_REGISTRY", "another npm registry"),
    ("HETZNER_API_TOKEN", "Hetzner's API token"),
    ("DIGITALOCEAN_API_TOKEN", "DigitalOcean's API token"),
    ("ANTHROPIC_API_KEY", "Anthropic's key"),
    ("OPENAI_API_KEY", "OpenAI's key"),
    ("GOOGLE_AI_API_KEY", "Google's model key"),
    ("GOOGLE_CLIENT_ID", "the OAuth client for login"),
    ("GOOGLE_CLIENT_SECRET", "the OAuth client's secret"),
    (
        "GOOGLE_WEB_CLIENT_ID",
        "the OAuth client of a control server's sign-in page",
    ),
    ("GOOGLE_WEB_CLIENT_SECRET", "that client's secret"),
    ("SSH_PRIVATE_KEY", "key for --provider existing: text or file"),
    ("SSH_PUBLIC_KEY", "its public half: line or file"),
    (
        "DATABASE_URL",
        "PostgreSQL for a control server, instead of the embedded store",
    ),
    ("SENTRY_DSN", "where a control server reports errors"),
];

fn read_if_there(path: &Path) -> std::io::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

fn truthy(value: Option<&str>) -> bool {
    value.is_some_and(|v| !matches!(v, "0" | "false" | "no" | "off"))
}

fn pick(outer: Option<String>, source: Source, in_file: Option<String>) -> Option<Sourced<String>> {
    outer
        .map(|v| Sourced::new(v, source))
        .or_else(|| in_file.map(|v| Sourced::new(v, Source::File)))
}

/// The person who talks in the sandbox's chat owns the sandbox's bots, whoever owns real ones.
fn sandbox_owner(env: Option<&SandboxEnv>, sandbox: bool) -> Option<Sourced<i64>> {
    let owner = env.filter(|_| sandbox)?.get("CLAWDWAKO_OWNER")?.parse().ok()?;
    Some(Sourced::new(owner, Source::Sandbox))
}

/// A path from the config file: `~/` is the home directory, others are beside the config file.
fn under(home: &Path, config_file: &Path, path: &str) -> PathBuf {
    match path.strip_prefix("~/") {
        Some(rest) => home.join(rest),
        None => config_file.parent().unwrap_or(Path::new(".")).join(path),
    }
}

impl Sourced<String> {
    fn parse<T: std::str::FromStr>(self, what: &str) -> Result<Sourced<T>> {
        match self.value.parse() {
            Ok(value) => Ok(Sourced::new(value, self.source)),
            Err(_) => Err(usage(format!("{:?} from {} is no {what}", self.value, self.source))),
        }
    }
}

#[cfg(test)]
mod tests;
