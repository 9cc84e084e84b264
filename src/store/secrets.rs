//! Table `secrets`: sealed, each for its row.

use super::audit::Deed;
use super::engine::{Row, Store, Tx, params};
use crate::error::{Error, Kind, Result};
use crate::model::{LOCAL_USER, now};
use crate::secrets::Secret;
use crate::secrets::seal::Sealer;

/// Whose secret it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A bot's (Telegram token, model key, gateway token, SSH keys).
    Bot(String),
    /// A user's own (cloud tokens, model keys), at a control server.
    User(String),
}

impl Owner {
    fn key(&self) -> String {
        match self {
            Owner::Bot(id) => format!("bot/{id}"),
            Owner::User(id) => format!("user/{id}"),
        }
    }
}

const SEALED: &str = "SELECT sealed FROM secrets WHERE owner = $1 AND name = $2";

fn opened(sealer: &Sealer, key: &str, name: &str, rows: &[Row]) -> Result<Option<Secret>> {
    rows.first()
        .map(|r| sealer.open(&format!("{key}/{name}"), &r.bytes(0)?))
        .transpose()
}

impl Store {
    /// Opens a secret, if there is one.
    ///
    /// # Errors
    /// `store` if it cannot be opened.
    pub async fn find_secret(&self, owner: &Owner, name: &str) -> Result<Option<Secret>> {
        let key = owner.key();
        let rows = self.query(SEALED, params![&key, name]).await?;
        opened(&self.sealer, &key, name, &rows)
    }

    /// Opens a secret that must be there.
    ///
    /// # Errors
    /// `needs_user` if it is not.
    pub async fn secret(&self, owner: &Owner, name: &str) -> Result<Secret> {
        self.find_secret(owner, name).await?.ok_or_else(|| missing(name))
    }

    /// Opens a secret to work with it, and writes that down where there are users: `user_id` is
    /// whose secret it is, [`LOCAL_USER`] at a terminal.
    ///
    /// # Errors
    /// `store` if it cannot be opened.
    pub async fn use_secret(&self, owner: &Owner, name: &str, user_id: &str) -> Result<Option<Secret>> {
        let found = self.find_secret(owner, name).await?;
        if found.is_some() && user_id != LOCAL_USER {
            let object = format!("{}/{name}", owner.key());
            self.note(Deed {
                actor: "server",
                user_id,
                action: "use secret",
                object: Some(&object),
                result: "ok",
                ..Deed::default()
            })
            .await?;
        }
        Ok(found)
    }

    /// The names of an owner's secrets, with the time each was set.
    pub async fn secret_names(&self, owner: &Owner) -> Result<Vec<(String, i64)>> {
        let rows = self
            .query(
                "SELECT name, updated_at FROM secrets WHERE owner = $1 ORDER BY name",
                params![owner.key()],
            )
            .await?;
        rows.iter().map(|r| Ok((r.text(0)?, r.int(1)?))).collect()
    }
}

/// A secret that has to be there, and is not.
pub(crate) fn missing(name: &str) -> Error {
    Error::new(Kind::NeedsUser, format!("the secret {name:?} is not in the store"))
}

impl Tx {
    /// Opens a secret, if there is one.
    ///
    /// # Errors
    /// `store` if it cannot be opened.
    pub async fn find_secret(&mut self, owner: &Owner, name: &str) -> Result<Option<Secret>> {
        let key = owner.key();
        let rows = self.query(SEALED, params![&key, name]).await?;
        opened(&self.sealer, &key, name, &rows)
    }

    /// Seals and keeps a secret; replaces one of that name.
    pub async fn put_secret(&mut self, owner: &Owner, name: &str, value: &Secret) -> Result<()> {
        let key = owner.key();
        let sealed = self.sealer.seal(&format!("{key}/{name}"), value)?;
        self.execute(
            "INSERT INTO secrets (owner, name, sealed, updated_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (owner, name) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at",
            params![key, name, sealed, now()],
        )
        .await
        .map(drop)
    }

    /// Forgets a secret; answers whether there was one.
    pub async fn delete_secret(&mut self, owner: &Owner, name: &str) -> Result<bool> {
        Ok(self
            .execute(
                "DELETE FROM secrets WHERE owner = $1 AND name = $2",
                params![owner.key(), name],
            )
            .await?
            > 0)
    }

    /// Forgets all secrets of an owner.
    pub async fn delete_secrets(&mut self, owner: &Owner) -> Result<()> {
        self.execute("DELETE FROM secrets WHERE owner = $1", params![owner.key()])
            .await
            .map(drop)
    }
}
