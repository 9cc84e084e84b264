//! What every verb gets: settings, printer, prompt, and ways to the rest of the house.

use super::args::Global;
use super::output::Printer;
use super::prompt::Prompt;
use crate::config::{Config, Flags};
use crate::error::{Error, Kind, Result, internal, usage};
use crate::http::Http;
use crate::model::{ProviderKind, Source, Sourced};
use crate::provider::Provider;
use crate::secrets::keyring::{Keyring, SecretName};
use crate::secrets::{Secret, master};
use crate::store::Store;
use std::path::PathBuf;
use std::sync::Arc;

/// What every verb gets.
pub struct Context {
    /// The settings.
    pub config: Config,
    /// The printer.
    pub printer: Arc<Printer>,
    /// Questions to the user.
    pub prompt: Prompt,
    /// The global flags, to read the settings again once the sandbox is up.
    pub flags: Flags,
    /// `--yes`.
    pub yes: bool,
    /// Whether the verb's JSON is lines: events, then the result.
    pub lines: bool,
    keyring: Arc<Keyring>,
}

/// The keyring of a profile. The sandbox and a folder that is to hold everything (`CLAWDWAKO_HOME`)
/// leave the operating system's keyring alone.
fn keyring_of(config: &Config) -> Arc<Keyring> {
    let os = !config.sandbox && !config.dirs.portable;
    let profile = os.then_some(config.profile.as_str());
    Arc::new(Keyring::new(profile, &config.dirs.state, config.master_key.clone()))
}

impl Context {
    /// Reads the settings.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn new(global: &Global, printer: Arc<Printer>) -> Result<Context> {
        let flags = global.flags();
        let config = Config::load(&flags, None)?;
        Ok(Context {
            prompt: Prompt::new(global.yes, config.terminal.no_input || global.json),
            keyring: keyring_of(&config),
            yes: global.yes,
            config,
            printer,
            flags,
            lines: false,
        })
    }

    /// Takes over what the running sandbox tells of itself.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn enter_sandbox(&mut self, env: &crate::config::SandboxEnv) -> Result<()> {
        self.config = Config::load(&self.flags, Some(env))?;
        self.keyring = keyring_of(&self.config);
        Ok(())
    }

    /// The same with other settings.
    pub fn with(&self, config: Config) -> Context {
        Context {
            lines: self.lines,
            keyring: keyring_of(&config),
            config,
            printer: self.printer.clone(),
            prompt: self.prompt,
            flags: self.flags.clone(),
            yes: self.yes,
        }
    }

    /// The user's keyring.
    pub fn keyring(&self) -> Arc<Keyring> {
        self.keyring.clone()
    }

    /// A credential: environment, else config file, else keyring.
    ///
    /// # Errors
    /// `usage` or `store` if a file that holds one cannot be used.
    pub async fn find_secret(&self, name: SecretName) -> Result<Option<Sourced<Secret>>> {
        if let Some(given) = self.config.given_secret(name)? {
            return Ok(Some(given));
        }
        let keyring = self.keyring();
        blocking(move || keyring.get(name)).await
    }

    /// A credential that is needed: asks for it where somebody can answer.
    ///
    /// # Errors
    /// `needs_user` if it is nowhere and nobody can be asked.
    pub async fn secret(&self, name: SecretName) -> Result<Sourced<Secret>> {
        if let Some(found) = self.find_secret(name).await? {
            return Ok(found);
        }
        let how = match name.variable() {
            Some(variable) => format!("it with `clawdwako secrets set {name}`, or set {variable}"),
            None => "it by signing in with `clawdwako login`".to_owned(),
        };
        let typed = self.prompt.secret(name.title(), &how).await?;
        if typed.is_empty() {
            return Err(usage(format!("the {} is empty", name.title())));
        }
        Ok(Sourced::new(typed, Source::Prompt))
    }

    /// The same, and keeps in the keyring what was typed in, so that it is not asked for again.
    ///
    /// # Errors
    /// As [`Context::secret`].
    pub async fn secret_to_keep(&self, name: SecretName) -> Result<Secret> {
        let Sourced { value, source } = self.secret(name).await?;
        if source == Source::Prompt {
            let (keyring, kept) = (self.keyring(), value.clone());
            let place = blocking(move || keyring.set(name, &kept)).await?;
            self.printer.note(&format!(
                "{} kept in the {place}; `clawdwako secrets unset {name}` forgets it",
                name.title()
            ));
        }
        Ok(value)
    }

    /// A new HTTP client.
    ///
    /// # Errors
    /// `internal` if TLS cannot be set up.
    pub fn http(&self) -> Result<Http> {
        super::crypto();
        Http::new()
    }

    /// A provider with its credential.
    ///
    /// # Errors
    /// `needs_user` if there is no credential.
    pub async fn provider(&self, kind: ProviderKind) -> Result<Provider> {
        let token = match secret_of(kind) {
            Some(name) => Some(self.secret(name).await?.value),
            None => None,
        };
        Provider::new(kind, &self.http()?, &self.config.endpoints, token.as_ref())
    }

    /// The cloud providers that there is a credential for.
    ///
    /// # Errors
    /// `needs_user` if there is none at all.
    pub async fn clouds(&self) -> Result<Vec<Provider>> {
        let mut clouds = Vec::new();
        for kind in [ProviderKind::Hetzner, ProviderKind::DigitalOcean] {
            let Some(name) = secret_of(kind) else { continue };
            if let Some(token) = self.find_secret(name).await? {
                clouds.push(Provider::new(
                    kind,
                    &self.http()?,
                    &self.config.endpoints,
                    Some(&token.value),
                )?);
            }
        }
        if clouds.is_empty() {
            return Err(Error::new(Kind::NeedsUser, "there is no API token for any cloud provider").hint(
                "run `clawdwako secrets set hetzner` (or digitalocean), or set HETZNER_API_TOKEN or DIGITALOCEAN_API_TOKEN",
            ));
        }
        Ok(clouds)
    }

    /// The store's file.
    pub fn store_path(&self) -> PathBuf {
        self.config.dirs.state.join("store.db")
    }

    /// Makes the folder of the profile's state, if it is not there.
    ///
    /// # Errors
    /// `io` if it cannot be made.
    pub(super) fn make_state(&self) -> Result<()> {
        crate::private::folder(&self.config.dirs.state)
    }

    /// Opens the store of the profile; makes it if there is none.
    ///
    /// # Errors
    /// `store` if it cannot be opened.
    pub async fn store(&self) -> Result<Store> {
        let dir = &self.config.dirs.state;
        self.make_state()?;
        let sealer = master::load(dir, self.config.master_key.as_ref())?;
        Store::open(&self.store_path(), sealer).await
    }
}

/// The credential that a provider needs.
pub fn secret_of(kind: ProviderKind) -> Option<SecretName> {
    match kind {
        ProviderKind::Hetzner => Some(SecretName::Hetzner),
        ProviderKind::DigitalOcean => Some(SecretName::DigitalOcean),
        ProviderKind::Existing => None,
    }
}

/// Runs what blocks (files, the keyring) on a thread that may.
///
/// # Errors
/// The work's own.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| internal("a background thread crashed"))?
}
