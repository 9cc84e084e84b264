//! Table `logins`: sign-ins of browsers that have begun. Each ends once, within minutes.

use super::engine::{Tx, params};
use crate::error::{Error, Kind, Result};
use crate::model::Millis;
use crate::secrets::Secret;

/// How many may be open. Anybody can begin one, so there has to be an end.
const MOST: i64 = 10_000;

/// What a sign-in that has begun needs for its end.
#[derive(Debug, Clone)]
pub struct Login {
    /// What the id token has to hold.
    pub nonce: String,
    /// What the code is exchanged with.
    pub verifier: Secret,
}

fn identity(state: &str) -> String {
    format!("login/{state}")
}

impl Tx {
    /// Writes a sign-in down; `state` is the hash of what comes back with the browser.
    ///
    /// # Errors
    /// `rate_limited` if too many are open.
    pub async fn insert_login(&mut self, state: &str, login: &Login, at: Millis, expires_at: Millis) -> Result<()> {
        self.execute("DELETE FROM logins WHERE expires_at <= $1", params![at])
            .await?;
        let rows = self.query("SELECT COUNT(*) FROM logins", &[]).await?;
        if rows.first().map_or(Ok(0), |r| r.int(0))? >= MOST {
            return Err(
                Error::new(Kind::RateLimited, "too many sign-ins have begun and not ended")
                    .hint("try again in some minutes"),
            );
        }
        let sealed = self.sealer.seal(&identity(state), &login.verifier)?;
        self.execute(
            "INSERT INTO logins (state, nonce, verifier, expires_at) VALUES ($1, $2, $3, $4)",
            params![state, &login.nonce, sealed, expires_at],
        )
        .await
        .map(drop)
    }

    /// Takes a sign-in out: it is good once.
    pub async fn take_login(&mut self, state: &str, at: Millis) -> Result<Option<Login>> {
        let sql = "DELETE FROM logins WHERE state = $1 RETURNING nonce, verifier, expires_at";
        let rows = self.query(sql, params![state]).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        if row.int(2)? <= at {
            return Ok(None);
        }
        Ok(Some(Login {
            nonce: row.text(0)?,
            verifier: self.sealer.open(&identity(state), &row.bytes(1)?)?,
        }))
    }
}
