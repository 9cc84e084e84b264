//! What every role of a control server stands on: its store and its keys.

use crate::cli::Context;
use crate::config::Given;
use crate::error::{Error, Kind, Result, usage};
use crate::secrets::keyring::SecretName;
use crate::secrets::seal::Sealer;
use crate::secrets::{Secret, master};
use crate::store::Store;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The embedded store of a control server; not the one of this user's own bots.
pub fn store_path(context: &Context) -> PathBuf {
    context.config.dirs.state.join("server").join("store.db")
}

/// The keys that the store is sealed with. Several control servers share one database, so they
/// have to share the key too: it cannot be a file of one of them.
pub fn sealer(context: &Context) -> Result<Sealer> {
    let given = context.config.master_key.as_ref();
    if context.config.database_url.is_some() && given.is_none() {
        return Err(
            Error::new(Kind::Usage, "DATABASE_URL requires CLAWDWAKO_MASTER_KEY").hint(
                "all control servers of one database need the same key: make one with `openssl rand -hex 32` and keep it safe",
            ),
        );
    }
    master::load(&dir(context)?, given)
}

/// The folder of the embedded store and its key, made for its owner alone.
pub fn dir(context: &Context) -> Result<PathBuf> {
    let dir = context.config.dirs.state.join("server");
    crate::private::folder(&dir)?;
    Ok(dir)
}

/// Opens the store: PostgreSQL by DATABASE_URL, else the embedded one.
pub async fn store(context: &Context) -> Result<Store> {
    let sealer = sealer(context)?;
    match &context.config.database_url {
        None => Store::open(&store_path(context), sealer).await,
        Some(url) => {
            if context.config.sandbox && !url.expose().contains("sandbox") {
                return Err(
                    usage("--sandbox, and DATABASE_URL names a database that may hold real bots")
                        .hint("name a database with the word sandbox in it, or unset DATABASE_URL"),
                );
            }
            Store::connect(url, sealer).await
        }
    }
}

/// The operator's own credentials, from environment, config file and keyring.
pub async fn operator(context: &Context) -> Result<BTreeMap<SecretName, Secret>> {
    let mut found = BTreeMap::new();
    for &name in SecretName::ALL {
        let of_a_terminal = [
            SecretName::Telegram,
            SecretName::GoogleRefreshToken,
            SecretName::ServerToken,
        ];
        if of_a_terminal.contains(&name) {
            continue;
        }
        let secret = match context.config.secrets.get(&name).map(|s| &s.value) {
            Some(Given::Value(secret)) => Some(secret.clone()),
            _ => context.find_secret(name).await?.map(|s| s.value),
        };
        found.extend(secret.map(|s| (name, s)));
    }
    Ok(found)
}
