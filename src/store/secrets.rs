//! Table `secrets`: sealed, each for its row.

use super::engine::{Store, Tx, params};
use crate::error::{Error, Kind, Result};
use crate::model::{LOCAL_USER, now};
use crate::secrets::Secret;

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

impl Store {
    /// Opens a secret to work with it, if there is one. Where there are users, that is in the audit
    /// before the secret is handed out; [`Store::acting`] says on whose behalf.
    ///
    /// # Errors
    /// `store` if it cannot be opened.
    pub async fn find_secret(&self, owner: &Owner, name: &str) -> Result<Option<Secret>> {
        let identity = format!("{}/{name}", owner.key());
        let rows = self.query(SEALED, params![owner.key(), name]).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let opened = self.sealer.open(&identity, &row.bytes(0)?);
        let user_id = self.user_of(owner).await?;
        if user_id != LOCAL_USER {
            let result = opened.as_ref().map_or_else(|e| e.kind().code(), |_| "ok");
            self.note_use(&user_id, &identity, result).await?;
        }
        opened.map(Some)
    }

    /// Whose bots and secrets they are; [`LOCAL_USER`] at a terminal.
    async fn user_of(&self, owner: &Owner) -> Result<String> {
        match owner {
            Owner::User(id) => Ok(id.clone()),
            Owner::Bot(id) => {
                let rows = self
                    .query("SELECT user_id FROM bots WHERE id = $1", params![id])
                    .await?;
                rows.first().map_or_else(|| Ok(LOCAL_USER.to_owned()), |r| r.text(0))
            }
        }
    }

    /// Opens a secret that must be there.
    ///
    /// # Errors
    /// `needs_user` if it is not.
    pub async fn secret(&self, owner: &Owner, name: &str) -> Result<Secret> {
        self.find_secret(owner, name).await?.ok_or_else(|| missing(name))
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
fn missing(name: &str) -> Error {
    Error::new(Kind::NeedsUser, format!("the secret {name:?} is not in the store"))
}

impl Tx {
    /// Keeps a secret under another name of the same owner, too; nobody gets to see it.
    ///
    /// # Errors
    /// `store` if it cannot be opened.
    pub async fn copy_secret(&mut self, owner: &Owner, from: &str, to: &str) -> Result<()> {
        let rows = self.query(SEALED, params![owner.key(), from]).await?;
        let Some(row) = rows.first() else {
            return Ok(());
        };
        let value = self.sealer.open(&format!("{}/{from}", owner.key()), &row.bytes(0)?)?;
        self.put_secret(owner, to, &value).await
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
