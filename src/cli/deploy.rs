//! `clawdwako deploy`: from flags, settings and answers to an order.

use super::format::{memory, money};
use super::{Context, not_connected};
use crate::config::Sourced;
use crate::deploy::Wish;
use crate::error::{Error, Kind, Result, internal, usage};
use crate::model::ProviderKind;
use crate::provider::{OfferWish, existing};
use crate::secrets::Secret;
use crate::secrets::keyring::SecretName;
use std::path::{Path, PathBuf};

/// Models that have short names, in the order in which the question lists them.
const MODELS: [&str; 6] = [
    "claude-opus",
    "claude-sonnet",
    "claude-haiku",
    "gpt-5",
    "gemini",
    "gemini-flash",
];
/// The least memory that an agent runs in, in MiB.
const MIN_MEMORY: i64 = 1900;
/// The longest file that holds a token or key.
const MAX_SECRET: u64 = 64 << 10;

/// Arguments of `deploy`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako deploy demo --model claude-opus
  clawdwako deploy demo --model gpt-5 --provider hetzner --dry-run
  clawdwako deploy demo --model gemini --host root@203.0.113.7 --ssh-key key
  clawdwako deploy demo --model gpt-5 --token-file - --owner 12345 --yes < token
  clawdwako deploy demo --sandbox --model claude-opus --yes

What is missing is asked for on a terminal. The same name again goes on where
it stopped. Tokens and keys come from prompts, `clawdwako secrets set`, files
or the environment, never from flags.")]
pub struct DeployArgs {
    /// Your name for the bot: lower-case letters, digits and -
    #[arg(value_parser = bot_name)]
    pub name: Option<String>,
    /// claude-opus, claude-sonnet, claude-haiku, gpt-5, gemini, gemini-flash or PROVIDER/MODEL
    #[arg(long)]
    pub model: Option<String>,
    /// Telegram id of the one person that the bot answers
    #[arg(long, value_name = "TELEGRAM_ID", value_parser = clap::value_parser!(i64).range(1..))]
    pub owner: Option<i64>,
    /// Let the bot answer everybody, at your cost
    #[arg(long, conflicts_with = "owner")]
    pub open_to_everyone: bool,
    /// File with the bot's Telegram token; - is standard input
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub token_file: Option<PathBuf>,
    /// Where the server comes from: hetzner, digitalocean or existing
    #[arg(long, value_enum, help_heading = "Server", hide_possible_values = true)]
    pub provider: Option<Place>,
    /// The provider's name of a region (`clawdwako regions`)
    #[arg(long, help_heading = "Server")]
    pub region: Option<String>,
    /// The provider's name of a server type (`clawdwako sizes`); the cheapest that fits, if left out
    #[arg(long, help_heading = "Server")]
    pub size: Option<String>,
    /// What the server runs: debian-12, ubuntu-24.04, ubuntu-22.04, or an image's id
    #[arg(long, help_heading = "Server")]
    pub image: Option<String>,
    /// A server that you have: root, or a user who may sudo without a password
    #[arg(long, value_name = "USER@IP[:PORT]", help_heading = "Server")]
    pub host: Option<String>,
    /// Private key for --host
    #[arg(long, value_name = "FILE", requires = "host", help_heading = "Server", value_hint = clap::ValueHint::FilePath)]
    pub ssh_key: Option<PathBuf>,
    /// Host key of --host, as `ssh-ed25519 AAAA…`; else your known_hosts is asked
    #[arg(long, value_name = "KEY", requires = "host", help_heading = "Server")]
    pub host_key: Option<String>,
    /// The agent's version; the one that clawdwako was tested with, if left out
    #[arg(long, value_name = "VERSION")]
    pub agent_version: Option<String>,
    /// Show the steps, what will be made and its price; make nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Return at once; `clawdwako status --watch` shows how it goes
    #[arg(long, conflicts_with = "dry_run")]
    pub detach: bool,
}

/// Where servers come from, on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Place {
    /// Hetzner Cloud
    Hetzner,
    /// DigitalOcean
    #[value(name = "digitalocean")]
    DigitalOcean,
    /// A server that you have (--host)
    Existing,
}

impl From<Place> for ProviderKind {
    fn from(place: Place) -> ProviderKind {
        match place {
            Place::Hetzner => ProviderKind::Hetzner,
            Place::DigitalOcean => ProviderKind::DigitalOcean,
            Place::Existing => ProviderKind::Existing,
        }
    }
}

/// Who the bot answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerWish {
    /// The person with this Telegram id.
    Id(i64),
    /// Everybody: said explicitly.
    Everyone,
    /// Whoever opens the link with the one-time code: asked once the token is checked.
    Learn,
}

/// Everything that has to be known before anything is written down.
#[derive(Debug)]
pub struct Order {
    /// The bot's name.
    pub name: String,
    /// A model's short name or `provider/model`.
    pub model: String,
    /// Where the server comes from.
    pub provider: ProviderKind,
    /// What is asked of the server.
    pub wish: Wish,
    /// Who the bot answers.
    pub owner: OwnerWish,
    /// The bot's token; only in the sandbox may there be none: its BotFather gives one.
    pub token: Option<Secret>,
    /// The private key for a server that the user has.
    pub ssh_key: Option<Secret>,
    /// Show what would be done, and do nothing.
    pub dry_run: bool,
    /// Return as soon as it is written down.
    pub detach: bool,
}

pub(super) async fn run(args: DeployArgs, context: &Context) -> Result<()> {
    let _order = gather(args, context).await?;
    Err(not_connected("deploy"))
}

/// Asks for what flags and settings leave open. Nothing is made and nothing is spent.
///
/// # Errors
/// `usage` or `needs_user` if something is missing and nobody can be asked, naming the flag.
pub async fn gather(args: DeployArgs, context: &Context) -> Result<Order> {
    let defaults = &context.config.defaults;
    let name = match args.name.clone() {
        Some(name) => name,
        None => bot_name(
            &context
                .prompt
                .text("A name for the bot", Some("bot"), "its NAME")
                .await?,
        )?,
    };
    let model = match args.model.clone().or_else(|| value(&defaults.model)) {
        Some(model) => model,
        None => {
            let items = MODELS.map(str::to_owned).to_vec();
            MODELS[context
                .prompt
                .choose("Which model answers", items, 0, "--model")
                .await?]
                .to_owned()
        }
    };
    let provider = provider(&args, context).await?;
    let host = match (&args.host, provider) {
        (Some(host), ProviderKind::Existing) => Some(existing::parse_target(host)?),
        (Some(_), other) => {
            return Err(usage(format!(
                "--host is for a server that you have, and --provider is {other}"
            ))
            .hint("leave one of the two out"));
        }
        (None, ProviderKind::Existing) => {
            let text = context
                .prompt
                .text("The server, as USER@IP[:PORT]", None, "--host")
                .await?;
            Some(existing::parse_target(&text)?)
        }
        (None, _) => None,
    };
    let owner = match (args.owner, args.open_to_everyone, value(&defaults.owner)) {
        (Some(id), ..) => OwnerWish::Id(id),
        (None, true, _) => OwnerWish::Everyone,
        (None, false, Some(id)) => OwnerWish::Id(id),
        (None, false, None) if context.prompt.can_ask() || context.config.sandbox => OwnerWish::Learn,
        (None, false, None) => {
            return Err(usage("it is not said who the bot answers, and nobody can be asked")
                .hint("give --owner with your Telegram id, or --open-to-everyone"));
        }
    };
    let token = token(&args, context).await?;
    let region = args.region.clone().or_else(|| value(&defaults.region));
    let size = match args.size.clone().or_else(|| value(&defaults.size)) {
        Some(size) => Some(size),
        None if provider == ProviderKind::Existing || !context.prompt.can_ask() => None,
        None => choose_size(provider, region.clone(), context).await?,
    };
    let ssh_key = match (provider, args.ssh_key.clone(), context.config.ssh_private_key.clone()) {
        (ProviderKind::Existing, Some(path), _) => Some(read_secret(path).await?),
        (ProviderKind::Existing, None, Some(given)) if given.expose().starts_with("-----BEGIN ") => Some(given),
        (ProviderKind::Existing, None, Some(path)) => Some(read_secret(path.expose().into()).await?),
        (ProviderKind::Existing, None, None) if !context.config.sandbox => {
            let path = context
                .prompt
                .text("File with the private key for it", None, "--ssh-key")
                .await?;
            Some(read_secret(path.into()).await?)
        }
        _ => None,
    };
    Ok(Order {
        name,
        model,
        provider,
        owner,
        token,
        ssh_key,
        wish: Wish {
            region,
            size,
            host,
            host_key: args.host_key.clone(),
            image: args.image.clone().or_else(|| value(&defaults.image)),
            agent_version: args.agent_version.clone().or_else(|| value(&defaults.agent_version)),
        },
        dry_run: args.dry_run,
        detach: args.detach,
    })
}

fn value<T: Clone>(setting: &Option<Sourced<T>>) -> Option<T> {
    setting.as_ref().map(|s| s.value.clone())
}

/// The provider: as said, else the one that `--host` or the only token implies.
async fn provider(args: &DeployArgs, context: &Context) -> Result<ProviderKind> {
    if let Some(place) = args.provider {
        return Ok(place.into());
    }
    if args.host.is_some() {
        return Ok(ProviderKind::Existing);
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
    let items = ["Hetzner Cloud", "DigitalOcean", "a server that I have"]
        .map(str::to_owned)
        .to_vec();
    let chosen = context
        .prompt
        .choose("Where is it to live", items, 0, "--provider")
        .await?;
    Ok(ProviderKind::ALL[chosen])
}

async fn token(args: &DeployArgs, context: &Context) -> Result<Option<Secret>> {
    let token = match &args.token_file {
        Some(path) => read_secret(path.clone()).await?,
        None => match context.find_secret(SecretName::Telegram).await? {
            Some(found) => found.value,
            None if context.config.sandbox => return Ok(None),
            None => {
                context
                    .prompt
                    .secret(
                        "Telegram token from @BotFather",
                        "--token-file, or set CLAWDWAKO_TELEGRAM_TOKEN",
                    )
                    .await?
            }
        },
    };
    if !is_token(token.expose()) {
        return Err(usage("this is no Telegram token")
            .hint("copy it whole from @BotFather: a number, a colon, and some 35 letters, digits, - and _"));
    }
    Ok(Some(token))
}

/// The shape of a Telegram token, so that a slip is found before it travels.
fn is_token(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    text.len() <= 80
        && text.split_once(':').is_some_and(|(id, rest)| {
            !id.starts_with('0')
                && !id.is_empty()
                && id.chars().all(|c| c.is_ascii_digit())
                && rest.len() >= 30
                && rest.chars().all(word)
        })
}

/// Lists what can be ordered now with its price; none lets the deployment take the best.
async fn choose_size(provider: ProviderKind, region: Option<String>, context: &Context) -> Result<Option<String>> {
    let wish = OfferWish {
        region,
        size: None,
        min_memory_mb: MIN_MEMORY,
    };
    let offers = context.provider(provider).await?.offers(&wish).await?;
    let mut items: Vec<String> = Vec::new();
    let mut sizes: Vec<String> = Vec::new();
    for o in &offers {
        if sizes.contains(&o.size) {
            continue;
        }
        let price = money(o.price_month, &o.currency);
        items.push(format!(
            "{:<14} {:>2} CPU  {:>6}  {:>4} GB disk  {price} a month",
            o.size,
            o.vcpus,
            memory(o.memory_mb),
            o.disk_gb
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

/// Reads a secret that the user named a file for; `-` is standard input. Who may read the file
/// is the user's business here: it may well be a pipe.
async fn read_secret(path: PathBuf) -> Result<Secret> {
    let read = move || {
        let stdin = path == Path::new("-");
        let shown = if stdin {
            "standard input".to_owned()
        } else {
            path.display().to_string()
        };
        let failed = |e: std::io::Error| Error::new(Kind::Usage, format!("{shown} cannot be read")).because(e);
        let source: Box<dyn std::io::Read> = if stdin {
            Box::new(std::io::stdin())
        } else {
            Box::new(std::fs::File::open(&path).map_err(failed)?)
        };
        let mut text = zeroize::Zeroizing::new(String::new());
        std::io::Read::read_to_string(&mut std::io::Read::take(source, MAX_SECRET), &mut text).map_err(failed)?;
        // A private key needs its last line end; a token must not have one.
        let keep = text.starts_with("-----BEGIN ");
        let secret = Secret::new(if keep { text.as_str() } else { text.trim() });
        if secret.is_empty() {
            return Err(usage(format!("{shown} is empty")));
        }
        Ok(secret)
    };
    tokio::task::spawn_blocking(read)
        .await
        .map_err(|_| internal("reading crashed"))?
}

fn bot_name(text: &str) -> Result<String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() || text.len() > 32 || !text.chars().all(fits) || text.starts_with('-') || text.ends_with('-') {
        return Err(
            usage(format!("{text:?} is no bot's name")).hint("use lower-case letters, digits and - inside, at most 32")
        );
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_names() {
        let rest = "a".repeat(35);
        assert!(is_token(&format!("123456:{rest}")));
        for bad in [
            format!("0123:{rest}"),
            format!(":{rest}"),
            format!("1a:{rest}"),
            "123:short".into(),
            format!("1:{}", "a".repeat(90)),
            format!("1:{rest}!"),
        ] {
            assert!(!is_token(&bad), "{bad}");
        }
        assert!(bot_name("demo-2").is_ok());
        for bad in ["", "Demo", "-a", "a-", "a_b", "a b", "../a"] {
            assert!(bot_name(bad).is_err(), "{bad}");
        }
    }
}
