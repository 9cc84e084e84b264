//! The account: who is signed in, the plan, kept secrets, and what the user's machines told.

use super::Client;
use super::call::PEER;
use crate::api::types::{
    LocalBotView, Page, SecretView, SessionView, SubscriptionView, SyncAnswer, SyncRequest, TokenMade, UsageView,
};
use crate::error::Result;
use crate::secrets::Secret;
use crate::secrets::keyring::SecretName;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// How many local bots one request tells of: the most that the server takes.
const CHUNK: usize = 20;
/// How many ids it names.
const MOST_IDS: usize = 1_000;

/// What a control server tells of itself to everybody.
pub struct About {
    /// Its version.
    pub version: String,
    /// By how many seconds our clock is behind its own; none if it does not tell.
    pub behind_s: Option<i64>,
}

#[derive(Deserialize)]
struct Document {
    info: Info,
}

#[derive(Deserialize)]
struct Info {
    version: String,
}

impl Client {
    /// What the server tells of itself, within a deadline for each try.
    pub async fn about(&self, deadline: Duration) -> Result<About> {
        let mut call = self.call(Method::GET, &["openapi.json"])?;
        call.deadline = deadline;
        // Whoever asks may have no good token.
        call.auth = None;
        let answer = self.send(call).await?;
        let document: Document = answer.json(PEER)?;
        Ok(About {
            version: document.info.version,
            behind_s: answer.behind_s(),
        })
    }

    /// Signs in with Google's id_token; the API token that comes back is named `name` in the
    /// user's list of tokens.
    ///
    /// # Errors
    /// `refused` if the server does not let the user in.
    pub async fn sign_in(&self, id_token: &Secret, name: &str) -> Result<TokenMade> {
        let body = json!({"id_token": id_token.expose(), "name": name});
        // Google's proof signs in once: sent again, it would be refused.
        let call = self.call(Method::POST, &["auth", "callback", "google"])?.json(body);
        self.send(call).await?.json(PEER)
    }

    /// Who is signed in.
    pub async fn session(&self) -> Result<SessionView> {
        self.get(&["auth", "session"], &[]).await
    }

    /// Ends the token that this client signs in with.
    pub async fn sign_out(&self) -> Result<()> {
        let mut call = self.call(Method::POST, &["auth", "logout"])?;
        call.repeatable = true;
        self.send(call).await.map(drop)
    }

    /// The user's plan and what it allows.
    pub async fn subscription(&self) -> Result<SubscriptionView> {
        self.get(&["subscription"], &[]).await
    }

    /// How much of the plan is used.
    pub async fn usage(&self) -> Result<UsageView> {
        self.get(&["usage"], &[]).await
    }

    /// Which secrets the server keeps for the user.
    pub async fn secrets(&self) -> Result<Vec<SecretView>> {
        self.get(&["secrets"], &[]).await
    }

    /// Has the server keep a secret, sealed.
    pub async fn keep_secret(&self, name: SecretName, value: &Secret) -> Result<()> {
        let body = json!({"value": value.expose()});
        self.change(Method::PUT, &["secrets", name.as_str()], Some(body))
            .await
            .map(drop)
    }

    /// Has the server forget a secret.
    pub async fn forget_secret(&self, name: SecretName) -> Result<()> {
        self.change(Method::DELETE, &["secrets", name.as_str()], None)
            .await
            .map(drop)
    }

    /// Tells of all bots that this machine keeps; answers of which the account has something
    /// newer, how many it took, and the plan.
    pub async fn sync(&self, told: &SyncRequest) -> Result<SyncAnswer> {
        let ids: Vec<String> = told.bots.iter().map(|b| b.id.clone()).collect();
        let mut rest = told.bots.as_slice();
        let mut whole: Option<SyncAnswer> = None;
        loop {
            let (some, left) = rest.split_at(rest.len().min(CHUNK));
            let request = SyncRequest {
                bots: some.to_vec(),
                // Only the last one may have others forgotten: all were told of then.
                all: (left.is_empty() && ids.len() <= MOST_IDS).then(|| ids.clone()),
                ..told.clone()
            };
            let answer: SyncAnswer = self.post(&["sync"], &request).await?;
            let mut sum = whole.take().unwrap_or_else(|| SyncAnswer {
                taken: 0,
                newer: Vec::new(),
                forgotten: 0,
                subscription: answer.subscription.clone(),
            });
            sum.taken += answer.taken;
            sum.forgotten += answer.forgotten;
            sum.newer.extend(answer.newer);
            if left.is_empty() {
                return Ok(sum);
            }
            (whole, rest) = (Some(sum), left);
        }
    }

    /// The bots that the user's machines told of, all pages of them.
    pub async fn local_bots(&self) -> Result<Vec<LocalBotView>> {
        let mut found = Vec::new();
        let mut query = vec![("limit", "200".to_owned())];
        loop {
            let mut page: Page<LocalBotView> = self.get(&["sync"], &query).await?;
            found.append(&mut page.items);
            match page.next_cursor {
                Some(cursor) => query = vec![("limit", "200".to_owned()), ("cursor", cursor)],
                None => return Ok(found),
            }
        }
    }
}
