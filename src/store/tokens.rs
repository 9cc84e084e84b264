//! Table `tokens`: sessions of browsers and API tokens, known by their hash.

use super::engine::{Row, Store, Tx, Value, params};
use super::users::user;
use crate::error::{Error, Kind, Result};
use crate::model::{Millis, Role, Token, TokenKind, User};
use crate::secrets::bearer;
use std::collections::HashMap;

const COLUMNS: &str = "id, user_id, kind, name, scope, created_at, used_at, expires_at";
/// How often the last use is written down: a read must not cost a write each time.
const GRAIN: Millis = 60_000;
/// How many are looked up at once.
const CHUNK: usize = 100;

fn token(row: &Row) -> Result<Token> {
    Ok(Token {
        id: row.text(0)?,
        user_id: row.text(1)?,
        kind: row.word(2)?,
        name: row.text(3)?,
        scope: row.word(4)?,
        created_at: row.int(5)?,
        used_at: row.int(6)?,
        expires_at: row.int(7)?,
    })
}

impl Store {
    /// Whose token it is, if it is good at the moment `at` and its user is not disabled. Notes
    /// the use, once a minute.
    pub async fn find_token(&self, given: &str, at: Millis) -> Result<Option<(Token, User)>> {
        let sql = "SELECT t.id, t.user_id, t.kind, t.name, t.scope, t.created_at, t.used_at, t.expires_at,
                       u.id, u.google_sub, u.email, u.name, u.role, u.disabled, u.created_at, u.updated_at
                   FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.hash = $1";
        let rows = self.query(sql, params![bearer::hash(given)]).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let (token, user) = (token(row)?, user(row, 8)?);
        if user.disabled || !token.is_good(at) {
            return Ok(None);
        }
        if at - token.used_at >= GRAIN {
            let mut tx = self.begin().await?;
            tx.execute(
                "UPDATE tokens SET used_at = $2 WHERE id = $1 AND used_at < $2",
                params![&token.id, at],
            )
            .await?;
            tx.commit().await?;
        }
        Ok(Some((token, user)))
    }

    /// Those of some tokens, by id, that are good at the moment `at`, each with its user's role.
    /// Does not count as their use.
    pub async fn good_tokens(&self, ids: &[String], at: Millis) -> Result<HashMap<String, Role>> {
        let mut good = HashMap::new();
        for ids in ids.chunks(CHUNK) {
            let places: Vec<String> = (1..=ids.len()).map(|n| format!("${n}")).collect();
            let sql = format!(
                "SELECT t.id, t.user_id, t.kind, t.name, t.scope, t.created_at, t.used_at, t.expires_at, u.role
                 FROM tokens t JOIN users u ON u.id = t.user_id WHERE u.disabled = 0 AND t.id IN ({})",
                places.join(", ")
            );
            let values: Vec<Value> = ids.iter().map(|id| id.clone().into()).collect();
            for row in self.query(&sql, &values).await? {
                let token = token(&row)?;
                if token.is_good(at) {
                    good.insert(token.id, row.word(8)?);
                }
            }
        }
        Ok(good)
    }

    /// A user's tokens of a kind that are good at a moment, newest first.
    pub async fn tokens(&self, user_id: &str, kind: TokenKind, at: Millis) -> Result<Vec<Token>> {
        let sql = format!("SELECT {COLUMNS} FROM tokens WHERE user_id = $1 AND kind = $2 ORDER BY id DESC");
        let rows = self.query(&sql, params![user_id, kind.as_str()]).await?;
        let all: Result<Vec<Token>> = rows.iter().map(token).collect();
        Ok(all?.into_iter().filter(|t| t.is_good(at)).collect())
    }
}

impl Tx {
    /// Writes a new token down; `given` is the token itself, and only its hash is kept. The
    /// oldest session makes room for the newest.
    ///
    /// # Errors
    /// `quota` if the user has too many API tokens.
    pub async fn insert_token(&mut self, t: &Token, given: &str) -> Result<()> {
        // Two at once would otherwise both be the last one.
        self.user(&t.user_id).await?;
        let sql = format!("SELECT {COLUMNS} FROM tokens WHERE user_id = $1 AND kind = $2 ORDER BY id DESC");
        let rows = self.query(&sql, params![&t.user_id, t.kind.as_str()]).await?;
        let kept: Result<Vec<Token>> = rows.iter().map(token).collect();
        let (good, over): (Vec<Token>, Vec<Token>) = kept?.into_iter().partition(|k| k.is_good(t.created_at));
        let mut gone = over;
        if good.len() >= t.kind.most() {
            match t.kind {
                TokenKind::Api => {
                    let what = format!("there are {} API tokens already", good.len());
                    return Err(Error::new(Kind::Quota, what).hint("revoke one that is not needed any more"));
                }
                TokenKind::Session => gone.extend(good.into_iter().skip(t.kind.most() - 1)),
            }
        }
        for old in gone {
            self.delete_token(&old.user_id, &old.id).await?;
        }
        self.execute(
            "INSERT INTO tokens (id, hash, user_id, kind, name, scope, created_at, used_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            params![
                &t.id,
                bearer::hash(given),
                &t.user_id,
                t.kind.as_str(),
                &t.name,
                t.scope.as_str(),
                t.created_at,
                t.used_at,
                t.expires_at
            ],
        )
        .await
        .map(drop)
    }

    /// Revokes a user's token; answers whether there was one.
    pub async fn delete_token(&mut self, user_id: &str, id: &str) -> Result<bool> {
        let sql = "DELETE FROM tokens WHERE id = $1 AND user_id = $2";
        Ok(self.execute(sql, params![id, user_id]).await? > 0)
    }

    /// Revokes all tokens of a user.
    pub async fn delete_tokens_of(&mut self, user_id: &str) -> Result<()> {
        self.execute("DELETE FROM tokens WHERE user_id = $1", params![user_id])
            .await
            .map(drop)
    }
}
