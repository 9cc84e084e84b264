//! Table `users`.

use super::engine::{Row, Store, Tx, params};
use crate::error::{Error, Kind, Result};
use crate::model::{Role, User, now};

const COLUMNS: &str = "id, google_sub, email, name, role, disabled, created_at, updated_at";
/// The lock under which it is decided who is the first user and who the last admin.
const LOCK: i64 = 0x636c_7775_7365_7273;

pub(super) fn user(row: &Row, at: usize) -> Result<User> {
    Ok(User {
        id: row.text(at)?,
        google_sub: row.text(at + 1)?,
        email: row.text(at + 2)?,
        name: row.text_or_null(at + 3)?,
        role: row.word(at + 4)?,
        disabled: row.int(at + 5)? != 0,
        created_at: row.int(at + 6)?,
        updated_at: row.int(at + 7)?,
    })
}

fn none(who: &str) -> Error {
    Error::new(Kind::NotFound, format!("there is no user {who}"))
        .hint("`clawdwako server admin user list` shows the users that there are")
}

impl Store {
    /// One user, by id or by e-mail address.
    ///
    /// # Errors
    /// `not_found` if there is none.
    pub async fn user(&self, id_or_email: &str) -> Result<User> {
        let (column, value) = match id_or_email.contains('@') {
            true => ("email", id_or_email.to_lowercase()),
            false => ("id", id_or_email.to_owned()),
        };
        let sql = format!("SELECT {COLUMNS} FROM users WHERE {column} = $1 ORDER BY id LIMIT 2");
        let rows = self.query(&sql, params![value]).await?;
        match rows.as_slice() {
            [] => Err(none(id_or_email)),
            [row] => user(row, 0),
            // An address that moved on to another Google account.
            _ => Err(
                crate::error::usage(format!("several users have the address {id_or_email}"))
                    .hint("name the user by id"),
            ),
        }
    }

    /// Users in the order in which they came, after the one with id `after`.
    pub async fn users(&self, after: &str, limit: i64) -> Result<Vec<User>> {
        let sql = format!("SELECT {COLUMNS} FROM users WHERE id > $1 ORDER BY id LIMIT $2");
        let rows = self.query(&sql, params![after, limit]).await?;
        rows.iter().map(|r| user(r, 0)).collect()
    }

    /// How many users there are.
    pub async fn count_users(&self) -> Result<i64> {
        let rows = self.query("SELECT COUNT(*) FROM users", &[]).await?;
        rows.first().map_or(Ok(0), |r| r.int(0))
    }
}

impl Tx {
    /// Waits until nobody else decides about users, and has others wait until the commit.
    pub async fn lock_users(&mut self) -> Result<()> {
        self.lock(LOCK).await
    }

    /// How many users there are. Under [`Tx::lock_users`] it stays so.
    pub async fn count_users(&mut self) -> Result<i64> {
        let rows = self.query("SELECT COUNT(*) FROM users", &[]).await?;
        rows.first().map_or(Ok(0), |r| r.int(0))
    }

    /// One user, who stays as they are until the commit.
    ///
    /// # Errors
    /// `not_found` if there is none.
    pub async fn user(&mut self, id: &str) -> Result<User> {
        let sql = format!("SELECT {COLUMNS} FROM users WHERE id = $1{}", self.for_update());
        let rows = self.query(&sql, params![id]).await?;
        rows.first().map(|r| user(r, 0)).unwrap_or_else(|| Err(none(id)))
    }

    /// The user of a Google account.
    pub async fn user_of_google(&mut self, google_sub: &str) -> Result<Option<User>> {
        let sql = format!("SELECT {COLUMNS} FROM users WHERE google_sub = $1{}", self.for_update());
        let rows = self.query(&sql, params![google_sub]).await?;
        rows.first().map(|r| user(r, 0)).transpose()
    }

    /// Writes a new user down.
    ///
    /// # Errors
    /// `exists` if the Google account has one.
    pub async fn insert_user(&mut self, u: &User) -> Result<()> {
        let sql = format!("INSERT INTO users ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
        let values = params![
            &u.id,
            &u.google_sub,
            u.email.to_lowercase(),
            u.name.as_ref(),
            u.role.as_str(),
            i64::from(u.disabled),
            u.created_at,
            u.updated_at
        ];
        self.execute(&sql, values).await.map(drop)
    }

    /// Notes what Google now says of a user.
    pub async fn set_user_names(&mut self, id: &str, email: &str, name: Option<&str>) -> Result<()> {
        self.execute(
            "UPDATE users SET email = $2, name = $3, updated_at = $4 WHERE id = $1",
            params![id, email.to_lowercase(), name, now()],
        )
        .await
        .map(drop)
    }

    /// Gives a user another role.
    ///
    /// # Errors
    /// `not_found`; `wrong_state` if nobody would be admin any more.
    pub async fn set_user_role(&mut self, id: &str, role: Role) -> Result<()> {
        self.lock_users().await?;
        let user = self.user(id).await?;
        if role != Role::Admin {
            self.demand_another_admin(&user).await?;
        }
        self.execute(
            "UPDATE users SET role = $2, updated_at = $3 WHERE id = $1",
            params![id, role.as_str(), now()],
        )
        .await
        .map(drop)
    }

    /// Shuts a user out, or lets them in again. Out means at once: their tokens are gone.
    ///
    /// # Errors
    /// `not_found`; `wrong_state` if nobody would be admin any more.
    pub async fn set_user_disabled(&mut self, id: &str, disabled: bool) -> Result<()> {
        self.lock_users().await?;
        let user = self.user(id).await?;
        if disabled {
            self.demand_another_admin(&user).await?;
            self.delete_tokens_of(id).await?;
        }
        self.execute(
            "UPDATE users SET disabled = $2, updated_at = $3 WHERE id = $1",
            params![id, i64::from(disabled), now()],
        )
        .await
        .map(drop)
    }

    async fn demand_another_admin(&mut self, user: &User) -> Result<()> {
        if user.role != Role::Admin || user.disabled {
            return Ok(());
        }
        let rows = self
            .query(
                "SELECT COUNT(*) FROM users WHERE role = 'admin' AND disabled = 0 AND id <> $1",
                params![&user.id],
            )
            .await?;
        match rows.first().map_or(Ok(0), |r| r.int(0))? {
            0 => Err(Error::new(Kind::State, "this is the only admin").hint("make another user admin first")),
            _ => Ok(()),
        }
    }
}
