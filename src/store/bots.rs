//! Table `bots`.

use super::deployments;
use super::engine::{Row, Store, Tx, params};
use crate::error::{Error, Kind, Result};
use crate::model::{Audience, Bot, BotStatus, Deployment, Failure, Former, Millis, Summary, chat_link, now};

pub(super) const COLUMNS: &str =
    "id, user_id, name, telegram_id, username, model, audience, status, failure, created_at, updated_at";

/// Which bots of a user to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct BotFilter {
    /// Also those that are destroyed.
    pub destroyed: bool,
}

impl BotFilter {
    /// The condition for it on a bot's status, which is in `column`.
    fn hides(self, column: &str) -> String {
        match self.destroyed {
            true => String::new(),
            false => format!("AND {column} <> 'destroyed'"),
        }
    }
}

/// A bot that has just answered is looked at again after this time.
const FIRST_LOOK: Millis = 60_000;

pub(super) fn bot(row: &Row) -> Result<Bot> {
    Ok(Bot {
        id: row.text(0)?,
        user_id: row.text(1)?,
        name: row.text(2)?,
        telegram_id: row.int(3)?,
        username: row.text_or_null(4)?,
        model: row.text(5)?,
        audience: audience(row.str(6)?)?,
        status: row.word(7)?,
        failure: row.text_or_null(8)?,
        created_at: row.int(9)?,
        updated_at: row.int(10)?,
    })
}

fn audience(word: &str) -> Result<Audience> {
    word.parse().map_err(|_| deployments::unreadable())
}

fn summary(row: &Row) -> Result<Summary> {
    let username = row.text_or_null(2)?;
    Ok(Summary {
        name: row.text(0)?,
        status: row.word(1)?,
        link: username.as_deref().map(chat_link),
        username,
        model: row.text(3)?,
        audience: audience(row.str(4)?)?,
        failure: row.text_or_null(5)?,
        created_at: row.int(6)?,
        deployment_id: row.text(7)?,
        deployment_status: row.word(8)?,
        provider: row.word(9)?,
        server: serde_json::from_str(row.str(10)?).map_err(|_| deployments::unreadable())?,
    })
}

impl Store {
    /// A user's bot of that name that is not destroyed, with its deployment.
    ///
    /// # Errors
    /// `not_found` if there is none.
    pub async fn bot(&self, user_id: &str, name: &str) -> Result<(Bot, Deployment)> {
        self.find_bot(user_id, name).await?.ok_or_else(|| {
            Error::new(Kind::NotFound, format!("there is no bot named {name:?}"))
                .hint("`clawdwako list` shows the bots that there are")
        })
    }

    /// Like [`Store::bot`], with none for none.
    pub async fn find_bot(&self, user_id: &str, name: &str) -> Result<Option<(Bot, Deployment)>> {
        let sql = format!("SELECT {COLUMNS} FROM bots WHERE user_id = $1 AND name = $2 AND status <> 'destroyed'");
        let Some(bot) = self
            .query(&sql, params![user_id, name])
            .await?
            .first()
            .map(bot)
            .transpose()?
        else {
            return Ok(None);
        };
        let deployment = self.deployment_of(&bot.id).await?;
        Ok(Some((bot, deployment)))
    }

    /// The bot with a Telegram id that is not destroyed.
    pub async fn bot_by_telegram_id(&self, telegram_id: i64) -> Result<Option<Bot>> {
        let sql = format!("SELECT {COLUMNS} FROM bots WHERE telegram_id = $1 AND status <> 'destroyed'");
        self.query(&sql, params![telegram_id])
            .await?
            .first()
            .map(bot)
            .transpose()
    }

    /// The bot of a deployment.
    pub async fn bot_by_id(&self, id: &str) -> Result<Bot> {
        let sql = format!("SELECT {COLUMNS} FROM bots WHERE id = $1");
        let rows = self.query(&sql, params![id]).await?;
        rows.first()
            .map(bot)
            .unwrap_or_else(|| Err(Error::new(Kind::NotFound, format!("there is no bot {id}"))))
    }

    /// A user's bots with their deployments, by name.
    pub async fn bots(&self, user_id: &str, filter: BotFilter) -> Result<Vec<(Bot, Deployment)>> {
        let hide = filter.hides("status");
        let sql = format!("SELECT {COLUMNS} FROM bots WHERE user_id = $1 {hide} ORDER BY name, created_at");
        let bots = self
            .query(&sql, params![user_id])
            .await?
            .iter()
            .map(bot)
            .collect::<Result<Vec<_>>>()?;
        let mut deployments = self.deployments_by_bot(user_id).await?;
        Ok(bots
            .into_iter()
            .filter_map(|b| deployments.remove(&b.id).map(|d| (b, d)))
            .collect())
    }

    /// A user's bots with their deployments in short, by name.
    pub async fn summaries(&self, user_id: &str, filter: BotFilter) -> Result<Vec<Summary>> {
        let hide = filter.hides("b.status");
        let sql = format!(
            "SELECT b.name, b.status, b.username, b.model, b.audience, b.failure, b.created_at,
                    d.id, d.status, d.provider, d.facts
             FROM bots b JOIN deployments d ON d.bot_id = b.id
             WHERE b.user_id = $1 {hide} ORDER BY b.name, b.created_at"
        );
        let rows = self.query(&sql, params![user_id]).await?;
        rows.iter().map(summary).collect()
    }
}

impl Store {
    /// Why work on a bot last came to nothing; none if it did not, or work began anew.
    pub async fn last_failure(&self, id: &str) -> Result<Option<Failure>> {
        let rows = self
            .query("SELECT last_failure FROM bots WHERE id = $1", params![id])
            .await?;
        let text = rows.first().map(|r| r.text_or_null(0)).transpose()?.flatten();
        Ok(text.map(|t| serde_json::from_str(&t)).transpose()?)
    }
}

/// Which bots a page of them shows.
#[derive(Debug, Clone, Default)]
pub struct BotQuery<'a> {
    /// Only this user's; everybody's, if none.
    pub user_id: Option<&'a str>,
    /// Only with this status; all but the destroyed, if none.
    pub status: Option<BotStatus>,
    /// Only of this name.
    pub name: Option<&'a str>,
    /// Only those that have, or may have, something at a provider.
    pub with_server: bool,
    /// Only those after the one with this id.
    pub after: Option<&'a str>,
    /// How many at most.
    pub limit: i64,
}

impl Store {
    /// Bots with their deployments, oldest first.
    pub async fn bots_page(&self, q: &BotQuery<'_>) -> Result<Vec<(Bot, Deployment)>> {
        let mut values = params![q.after.unwrap_or(""), q.limit].to_vec();
        let mut wheres = String::from("b.id > $1");
        let mut also = |column: &str, value: &str| {
            values.push(value.into());
            wheres.push_str(&format!(" AND {column} = ${}", values.len()));
        };
        if let Some(user) = q.user_id {
            also("b.user_id", user);
        }
        if let Some(name) = q.name {
            also("b.name", name);
        }
        match q.status {
            Some(status) => also("b.status", status.as_str()),
            None => wheres.push_str(" AND b.status <> 'destroyed'"),
        }
        if q.with_server {
            wheres.push_str(" AND d.status NOT IN ('pending', 'destroyed') AND d.provider <> 'existing'");
        }
        let with = |prefix: &str, columns: &str| {
            let named = columns.split(", ").map(|c| format!("{prefix}.{c}"));
            named.collect::<Vec<_>>().join(", ")
        };
        let sql = format!(
            "SELECT {}, {} FROM bots b JOIN deployments d ON d.bot_id = b.id WHERE {wheres} ORDER BY b.id LIMIT $2",
            with("b", COLUMNS),
            with("d", deployments::COLUMNS)
        );
        let bot_columns = COLUMNS.split(", ").count();
        let rows = self.query(&sql, &values).await?;
        rows.iter()
            .map(|r| Ok((bot(r)?, deployments::deployment_at(r, bot_columns)?)))
            .collect()
    }
}

/// The answer to a proved token whose bot cannot be used, which tells nothing of other users.
pub(crate) fn not_here() -> Error {
    Error::new(Kind::Auth, "this Telegram bot cannot be used here")
        .hint("make another bot with @BotFather and use its token, or ask the operator of this control server")
}

impl Tx {
    /// Writes a new bot down.
    ///
    /// # Errors
    /// `exists` if the user has one of that name or Telegram bot; `refused` if another user has.
    pub async fn insert_bot(&mut self, b: &Bot) -> Result<()> {
        let sql = format!(
            "INSERT INTO bots ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING"
        );
        let values = params![
            &b.id,
            &b.user_id,
            &b.name,
            b.telegram_id,
            b.username.as_ref(),
            &b.model,
            b.audience.to_string(),
            b.status.as_str(),
            b.failure.as_ref(),
            b.created_at,
            b.updated_at
        ];
        // Insert first: somebody else's that is not committed yet can be waited for, not seen.
        match self.execute(&sql, values).await? {
            0 => Err(self.taken(b).await?),
            _ => Ok(()),
        }
    }

    /// Another user's bot of that Telegram id whose token was never proved, with its deployment's
    /// id, as long as nobody is at work on it and none of these steps was begun.
    pub async fn unproved_holder(
        &mut self,
        telegram_id: i64,
        user_id: &str,
        steps: &[&str],
    ) -> Result<Option<(Bot, String)>> {
        let columns = COLUMNS.split(", ").map(|c| format!("b.{c}")).collect::<Vec<_>>();
        // Names of ours, which need no quoting.
        let steps = steps.iter().map(|s| format!("'{s}'")).collect::<Vec<_>>();
        let sql = format!(
            "SELECT {}, d.id FROM bots AS b JOIN deployments AS d ON d.bot_id = b.id
             WHERE b.telegram_id = $1 AND b.user_id <> $2 AND b.status <> 'destroyed' AND b.username IS NULL
               AND NOT EXISTS (SELECT 1 FROM jobs AS j WHERE j.deployment_id = d.id AND j.status = 'running')
               AND NOT EXISTS (SELECT 1 FROM steps AS s WHERE s.deployment_id = d.id AND s.name IN ({})){}",
            columns.join(", "),
            steps.join(", "),
            self.for_update()
        );
        let rows = self.query(&sql, params![telegram_id, user_id]).await?;
        let found = rows.first().map(|row| Ok((bot(row)?, row.text(columns.len())?)));
        found.transpose()
    }

    /// Says what of a new bot is in use, and to whom that may be told.
    async fn taken(&mut self, b: &Bot) -> Result<Error> {
        let found = self
            .query(
                "SELECT name, user_id FROM bots
                 WHERE ((user_id = $1 AND name = $2) OR telegram_id = $3) AND status <> 'destroyed'
                 ORDER BY CASE WHEN user_id = $1 AND name = $2 THEN 0 ELSE 1 END",
                params![&b.user_id, &b.name, b.telegram_id],
            )
            .await?;
        let Some(row) = found.first() else {
            return Ok(Error::new(Kind::Busy, "a bot of that name or token was just destroyed").hint("try again"));
        };
        if row.text(1)? != b.user_id {
            return Ok(not_here());
        }
        let name = row.text(0)?;
        let what = if name == b.name {
            format!("there is a bot named {name:?} already")
        } else {
            format!("this Telegram token is used by the bot {name:?} already, and a token serves one bot only")
        };
        Ok(Error::new(Kind::Exists, what).hint(format!(
            "see `clawdwako status {name}`; make another token with @BotFather for another bot"
        )))
    }

    /// Changes a bot's status, if the table of legal changes allows it; clears or sets why it failed.
    ///
    /// # Errors
    /// `wrong_state` if it may not.
    pub async fn set_bot_status(&mut self, id: &str, next: BotStatus, failure: Option<&str>) -> Result<()> {
        let sql = format!("SELECT status FROM bots WHERE id = $1{}", self.for_update());
        let rows = self.query(&sql, params![id]).await?;
        let current: BotStatus = match rows.first() {
            Some(row) => row.word(0)?,
            None => return Err(Error::new(Kind::NotFound, format!("there is no bot {id}"))),
        };
        if !current.may_become(next) {
            return Err(
                Error::new(Kind::State, format!("a bot that is {current} cannot become {next}"))
                    .hint("`clawdwako status` shows how it is now"),
            );
        }
        self.execute(
            "UPDATE bots SET status = $2, failure = $3, updated_at = $4,
                 check_after = CASE WHEN $2 = 'active' THEN $4 + $5 ELSE check_after END WHERE id = $1",
            params![id, next.as_str(), failure, now(), FIRST_LOOK],
        )
        .await
        .map(drop)
    }

    /// Notes the bot's Telegram name.
    pub async fn set_bot_username(&mut self, id: &str, username: &str) -> Result<()> {
        self.execute(
            "UPDATE bots SET username = $2, updated_at = $3 WHERE id = $1",
            params![id, username, now()],
        )
        .await
        .map(drop)
    }

    /// Changes what `set` may change.
    pub async fn set_bot_model_and_audience(&mut self, id: &str, model: &str, audience: Audience) -> Result<()> {
        self.execute(
            "UPDATE bots SET model = $2, audience = $3, updated_at = $4 WHERE id = $1",
            params![id, model, audience.to_string(), now()],
        )
        .await
        .map(drop)
    }

    /// What the bot last answered with, if a change of it is not proved yet.
    pub async fn former(&mut self, id: &str) -> Result<Option<Former>> {
        let rows = self.query("SELECT former FROM bots WHERE id = $1", params![id]).await?;
        let text = rows.first().map(|r| r.text_or_null(0)).transpose()?.flatten();
        Ok(text.map(|t| serde_json::from_str(&t)).transpose()?)
    }

    /// Keeps what the bot last answered with, or forgets it.
    pub async fn set_former(&mut self, id: &str, former: Option<&Former>) -> Result<()> {
        let text = former.map(serde_json::to_string).transpose()?;
        self.execute("UPDATE bots SET former = $2 WHERE id = $1", params![id, text])
            .await
            .map(drop)
    }

    /// Keeps why work on the bot came to nothing, or forgets it.
    pub async fn set_last_failure(&mut self, id: &str, failure: Option<&Failure>) -> Result<()> {
        let text = failure.map(serde_json::to_string).transpose()?;
        self.execute("UPDATE bots SET last_failure = $2 WHERE id = $1", params![id, text])
            .await
            .map(drop)
    }

    /// Forgets a destroyed bot altogether: its deployment, jobs, steps, events and secrets too.
    pub async fn erase_bot(&mut self, bot_id: &str) -> Result<()> {
        let of = "deployment_id IN (SELECT id FROM deployments WHERE bot_id = $1)";
        for table in ["events", "steps", "jobs"] {
            self.execute(&format!("DELETE FROM {table} WHERE {of}"), params![bot_id])
                .await?;
        }
        self.execute("DELETE FROM secrets WHERE owner = $1", params![format!("bot/{bot_id}")])
            .await?;
        self.execute("DELETE FROM deployments WHERE bot_id = $1", params![bot_id])
            .await?;
        self.execute("DELETE FROM samples WHERE bot_id = $1", params![bot_id])
            .await?;
        self.execute("DELETE FROM bots WHERE id = $1", params![bot_id])
            .await
            .map(drop)
    }
}
