//! From flags, settings and answers to a [`NewBot`]. Nothing is made and nothing is spent here.

use super::{DeployArgs, NewBot, host, owner};
use crate::api::types::{BotCreate, DeployRequest};
use crate::cli::Context;
use crate::cli::context::blocking;
use crate::cli::format::{memory, money};
use crate::cli::remote::only_here;
use crate::deploy::{self, Planned, check_name};
use crate::error::{Result, usage};
use crate::model::{Audience, LOCAL_USER, Placement, ProviderKind, Sourced};
use crate::openclaw::MIN_MEMORY_MB;
use crate::openclaw::catalog::{ModelRef, SHORT_NAMES, parse_model};
use crate::provider::OfferFilter;
use crate::secrets::Secret;
use crate::secrets::keyring::SecretName;
use crate::store::Store;
use crate::telegram::{Telegram, parse_token};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The longest file that holds a token.
const MAX_TOKEN: u64 = 4 << 10;

/// The bot's name: as said, else asked for.
pub(super) async fn name(args: &DeployArgs, context: &Context) -> Result<String> {
    match &args.name {
        Some(name) => Ok(name.clone()),
        None => {
            let name = context
                .prompt
                .text("A name for the bot", Some("bot"), "its NAME")
                .await?;
            check_name(&name)?;
            Ok(name)
        }
    }
}

/// The provider: as said, else the one that `--host` or the only token implies, else asked for.
pub(super) async fn provider(args: &DeployArgs, context: &Context) -> Result<ProviderKind> {
    match (args.provider.map(ProviderKind::from), &args.host) {
        (None | Some(ProviderKind::Existing), Some(_)) => return Ok(ProviderKind::Existing),
        (Some(other), Some(_)) => {
            return Err(usage(format!(
                "--host is for a server that you have, and --provider is {other}"
            ))
            .hint("leave one of the two out"));
        }
        (Some(said), None) => return Ok(said),
        (None, None) => {}
    }
    if let Some(kind) = value(&context.config.defaults.provider) {
        return Ok(kind);
    }
    let hetzner = context.find_secret(SecretName::Hetzner).await?.is_some();
    let digitalocean = context.find_secret(SecretName::DigitalOcean).await?.is_some();
    if context.config.sandbox || (hetzner && !digitalocean) {
        return Ok(ProviderKind::Hetzner);
    }
    if digitalocean && !hetzner {
        return Ok(ProviderKind::DigitalOcean);
    }
    let items = ["Hetzner Cloud", "DigitalOcean", "a server that I have"];
    let items = items.map(str::to_owned).to_vec();
    let chosen = context
        .prompt
        .choose("Where is it to live", items, 0, "--provider")
        .await?;
    Ok(ProviderKind::ALL[chosen])
}

/// The model: as said, else asked for.
pub(super) async fn model(args: &DeployArgs, context: &Context) -> Result<ModelRef> {
    let said = args.model.clone().or_else(|| value(&context.config.defaults.model));
    if let Some(model) = said {
        return parse_model(&model);
    }
    let items = SHORT_NAMES.iter().map(|(short, ..)| (*short).to_owned()).collect();
    let chosen = context
        .prompt
        .choose("Which model answers", items, 0, "--model")
        .await?;
    parse_model(SHORT_NAMES[chosen].0)
}

/// What is known of a bot before it is known who it answers.
pub(super) struct Order {
    name: String,
    pub token: Secret,
    telegram_id: i64,
    username: String,
    model: String,
    model_key: Secret,
    provider: ProviderKind,
    placement: Placement,
    ssh_key: Option<Secret>,
}

impl Order {
    /// For a dry run, which asks nobody who they are.
    pub fn planned(&self) -> Planned<'_> {
        Planned {
            name: &self.name,
            token: &self.token,
            model: &self.model,
            provider: self.provider,
            placement: &self.placement,
        }
    }

    /// The bot that answers them.
    pub fn answering(self, audience: Audience) -> NewBot {
        NewBot {
            user_id: LOCAL_USER.to_owned(),
            name: self.name,
            token: self.token,
            telegram_id: self.telegram_id,
            username: Some(self.username),
            model: self.model,
            model_key: self.model_key,
            audience,
            provider: self.provider,
            placement: self.placement,
            ssh_key: self.ssh_key,
        }
    }
}

/// Everything that has to be known but who it answers.
///
/// # Errors
/// `usage` or `needs_user` if something is missing and nobody can be asked, naming the flag.
pub(super) async fn gather(
    name: String,
    model: ModelRef,
    provider: ProviderKind,
    args: &DeployArgs,
    context: &Context,
    store: &Store,
) -> Result<Order> {
    let defaults = &context.config.defaults;
    let target = match provider {
        ProviderKind::Existing => Some(host::find(args, context).await?),
        _ => None,
    };
    let token = token(&name, args, context).await?;
    let telegram_id = parse_token(&token)?;
    // Before it occupies anything, and before the owner is found out: that reads its messages.
    let me = Telegram::new(context.config.endpoints.telegram.clone(), &token)?
        .prove()
        .await?;
    deploy::demand_free(store, LOCAL_USER, &name, telegram_id).await?;
    let model_key = model_key(model.provider.as_str(), context).await?;
    let region = args.region.clone().or_else(|| value(&defaults.region));
    let size = match args.size.clone().or_else(|| value(&defaults.size)) {
        Some(size) => Some(size),
        None if provider == ProviderKind::Existing || !context.prompt.can_ask() => None,
        None => choose_size(provider, region.clone(), context).await?,
    };
    let (host, host_key, ssh_key) = match target {
        Some(found) => (Some(found.target), Some(found.host_key), Some(found.key)),
        None => (None, None, None),
    };
    Ok(Order {
        name,
        token,
        telegram_id,
        username: me.username,
        model: model.to_string(),
        model_key,
        provider,
        placement: Placement {
            region,
            size,
            image: args.image.clone().or_else(|| value(&defaults.image)),
            host,
            host_key,
            agent_version: args.agent_version.clone().or_else(|| value(&defaults.agent_version)),
            ..Placement::default()
        },
        ssh_key,
    })
}

/// Makes sure that a control server can do what is asked for.
///
/// # Errors
/// `unsupported` if not.
pub(super) fn demand_remote(args: &DeployArgs, context: &Context) -> Result<()> {
    let existing = Some(ProviderKind::Existing);
    if args.host.is_some() || args.provider.map(ProviderKind::from) == existing {
        return Err(only_here("deploy --host"));
    }
    if args.provider.is_none() && value(&context.config.defaults.provider) == existing {
        return Err(only_here("deploy --provider existing"));
    }
    match args.dry_run {
        true => Err(only_here("deploy --dry-run")),
        false => Ok(()),
    }
}

/// Where a bot of a control server is to live. What is left open, the server decides.
pub(super) fn remote_request(args: &DeployArgs, context: &Context) -> DeployRequest {
    let defaults = &context.config.defaults;
    DeployRequest {
        bot_id: String::new(),
        provider: args
            .provider
            .map(ProviderKind::from)
            .or_else(|| value(&defaults.provider)),
        region: args.region.clone().or_else(|| value(&defaults.region)),
        size: args.size.clone().or_else(|| value(&defaults.size)),
        image: args.image.clone().or_else(|| value(&defaults.image)),
        agent_version: args.agent_version.clone().or_else(|| value(&defaults.agent_version)),
    }
}

/// A bot for a control server. The model's key is sent along if it is known here; else the server
/// takes the one that it keeps.
///
/// # Errors
/// As [`gather`].
pub(super) async fn remote_bot(name: String, args: &DeployArgs, context: &Context) -> Result<BotCreate> {
    let model = model(args, context).await?;
    owner::can_be_known(args, context)?;
    let token = token(&name, args, context).await?;
    parse_token(&token)?;
    let model_key = known_model_key(model.provider.as_str(), context).await?;
    let audience = owner::find(args, &token, context).await?;
    Ok(BotCreate {
        name,
        token,
        model: model.to_string(),
        model_key,
        audience,
    })
}

pub(super) fn value<T: Clone>(setting: &Option<Sourced<T>>) -> Option<T> {
    setting.as_ref().map(|s| s.value.clone())
}

async fn token(name: &str, args: &DeployArgs, context: &Context) -> Result<Secret> {
    if let Some(path) = args.token_file.clone() {
        return blocking(move || read_token(&path)).await;
    }
    if let Some(found) = context.find_secret(SecretName::Telegram).await? {
        return Ok(found.value);
    }
    if context.config.sandbox {
        return crate::cli::sandbox_run::new_bot(name, context).await;
    }
    let how = "--token-file, or set CLAWDWAKO_TELEGRAM_TOKEN";
    context.prompt.secret("Telegram token from @BotFather", how).await
}

/// Reads the token from the file that the user named; `-` is standard input. Who may read the
/// file is the user's business: it may well be a pipe.
fn read_token(path: &PathBuf) -> Result<Secret> {
    let stdin = path == Path::new("-");
    let shown = if stdin {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    };
    let failed = |e: std::io::Error| usage(format!("{shown} cannot be read")).because(e);
    let source: Box<dyn Read> = if stdin {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(failed)?)
    };
    let mut text = zeroize::Zeroizing::new(String::new());
    source.take(MAX_TOKEN).read_to_string(&mut text).map_err(failed)?;
    Ok(Secret::new(text.trim()))
}

/// The key of a model's provider; it is sealed with the bot, so it need not be kept elsewhere.
pub(in crate::cli) async fn model_key(provider: &str, context: &Context) -> Result<Secret> {
    let name: SecretName = provider.parse()?;
    Ok(context.secret(name).await?.value)
}

/// The same if it is known; nobody is asked.
pub(in crate::cli) async fn known_model_key(provider: &str, context: &Context) -> Result<Option<Secret>> {
    let name: SecretName = provider.parse()?;
    Ok(context.find_secret(name).await?.map(|found| found.value))
}

/// Lists what can be ordered now with its price; none lets the deployment take the best.
async fn choose_size(provider: ProviderKind, region: Option<String>, context: &Context) -> Result<Option<String>> {
    let filter = OfferFilter {
        region,
        size: None,
        min_memory_mb: MIN_MEMORY_MB,
        ..OfferFilter::default()
    };
    let offers = context.provider(provider).await?.offers(&filter).await?;
    let (mut items, mut sizes): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for o in &offers {
        if sizes.contains(&o.size) {
            continue;
        }
        items.push(format!(
            "{:<14} {:>2} CPU  {:>6}  {:>4} GB disk  {} a month",
            o.size,
            o.vcpus,
            memory(o.memory_mb),
            o.disk_gb,
            money(o.price_month, &o.currency)
        ));
        sizes.push(o.size.clone());
    }
    if sizes.is_empty() {
        return Ok(None);
    }
    let chosen = context
        .prompt
        .choose("Which server (net prices, live)", items, 0, "--size")
        .await?;
    Ok(Some(sizes.swap_remove(chosen)))
}
