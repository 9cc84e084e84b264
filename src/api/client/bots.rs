//! Bots.

use super::Client;
use super::call::PEER;
use crate::api::types::{BotChange, BotCreate, BotView, Page};
use crate::error::Result;
use crate::model::BotStatus;
use reqwest::Method;
use serde_json::{Value, json};

/// How many bots are asked for at once.
const PAGE: i64 = 200;

/// An admin's command line works with the admin's own bots: a name is unique among those alone.
fn mine() -> (&'static str, String) {
    ("mine", true.to_string())
}

impl Client {
    /// Writes a new bot down.
    ///
    /// # Errors
    /// `exists` if the name or the token is in use; `quota` if the plan does not allow it.
    pub async fn create_bot(&self, new: &BotCreate) -> Result<BotView> {
        let body = json!({
            "name": new.name,
            "token": new.token.expose(),
            "model": new.model,
            "model_key": new.model_key.as_ref().map(|k| k.expose()),
            "audience": new.audience,
        });
        self.post(&["bots", "create"], &body).await
    }

    /// The user's own bots, all pages of them; only those of a status, if one is given.
    pub async fn bots(&self, status: Option<BotStatus>) -> Result<Vec<BotView>> {
        let mut query = vec![mine(), ("limit", PAGE.to_string())];
        query.extend(status.map(|s| ("status", s.to_string())));
        let mut found = Vec::new();
        let mut page: Page<BotView> = self.get(&["bots"], &query).await?;
        loop {
            found.append(&mut page.items);
            let Some(cursor) = page.next_cursor else {
                return Ok(found);
            };
            let mut query = query.clone();
            query.push(("cursor", cursor));
            page = self.get(&["bots"], &query).await?;
        }
    }

    /// The user's own bot of that name that is not destroyed, if there is one.
    pub async fn find_bot(&self, name: &str) -> Result<Option<BotView>> {
        let page: Page<BotView> = self.get(&["bots"], &[mine(), ("name", name.to_owned())]).await?;
        let alive = |b: &BotView| b.name == name && b.status != BotStatus::Destroyed;
        Ok(page.items.into_iter().find(alive))
    }

    /// Changes a bot's model or owner.
    ///
    /// # Errors
    /// `wrong_state` if it was never deployed.
    pub async fn change_bot(&self, id: &str, change: &BotChange) -> Result<BotView> {
        let mut body = serde_json::Map::new();
        if let Some(model) = &change.model {
            body.insert("model".into(), json!(model));
        }
        if let Some(key) = &change.model_key {
            body.insert("model_key".into(), json!(key.expose()));
        }
        if let Some(audience) = change.audience {
            body.insert("audience".into(), json!(audience));
        }
        self.change(Method::PUT, &["bots", id], Some(Value::Object(body)))
            .await?
            .json(PEER)
    }

    /// Has a bot taken down with its server.
    pub async fn destroy_bot(&self, id: &str) -> Result<BotView> {
        self.change(Method::DELETE, &["bots", id], None).await?.json(PEER)
    }
}
