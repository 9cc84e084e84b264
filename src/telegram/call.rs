//! One call of the Bot API: the library's words, over our own HTTP client. The library's client
//! reads answers of any size, and sleeps by itself after a server error.

use super::Telegram;
use super::failure::{Failure, Parameters, not_understood, refused};
use crate::error::internal;
use crate::http::Call;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use teloxide_core::ApiError;
use teloxide_core::requests::Payload;

/// What Telegram answers with, whatever the HTTP status.
#[derive(Deserialize)]
#[serde(untagged)]
enum Reply<T> {
    Done {
        result: T,
    },
    Refused {
        description: ApiError,
        parameters: Option<Parameters>,
    },
}

impl Telegram {
    /// Makes a call, once.
    pub(super) async fn once<P>(&self, payload: &P, deadline: Duration) -> Result<P::Output, Failure>
    where
        P: Payload + Serialize,
        P::Output: DeserializeOwned,
    {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| internal("Telegram's address takes no path"))?
            .push(&format!("bot{}", self.token.expose()))
            .push(P::NAME);
        let body = serde_json::to_value(payload).map_err(|_| internal("a call of Telegram cannot be written"))?;
        let mut call = Call::new("Telegram", Method::POST, url).json(body);
        call.deadline = deadline;
        let answer = self.http.send_once(&call).await?;
        match serde_json::from_slice(&answer.body) {
            Ok(Reply::Done { result }) => Ok(result),
            Ok(Reply::Refused {
                description,
                parameters,
            }) => Err(refused(&description, parameters)),
            Err(_) => Err(not_understood()),
        }
    }
}
