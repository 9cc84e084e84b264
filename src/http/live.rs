//! Answers whose body goes on for as long as the other side has something to tell.

use super::failure::failure;
use super::{Answer, Call, Http, whole};
use crate::error::{Error, Kind, Result};
use futures_util::{Stream, stream};
use std::time::Duration;

/// How a call for a live answer was answered.
pub enum Opened {
    /// It tells live.
    Live(Live),
    /// It told all at once: mostly an error.
    Whole(Answer),
}

/// A body that is still coming.
pub struct Live {
    response: reqwest::Response,
    peer: &'static str,
    idle: Duration,
}

impl Http {
    /// Opens a live answer of content type `media`: one try, since only the caller knows what was
    /// told already. `idle`: how long the other side may be silent.
    ///
    /// # Errors
    /// `network` or `timeout` if no answer began within the call's deadline.
    pub async fn open(&self, call: &Call, media: &str, idle: Duration) -> Result<Opened> {
        let late = || Error::new(Kind::Timeout, format!("{} did not answer in time", call.peer)).hint("try again");
        let begin = async {
            let response = self.request(call)?.send().await.map_err(|e| failure(call.peer, e))?;
            let kind = response.headers().get(reqwest::header::CONTENT_TYPE);
            let live = kind.and_then(|v| v.to_str().ok()).is_some_and(|v| v.starts_with(media));
            if response.status().is_success() && live {
                let peer = call.peer;
                return Ok(Opened::Live(Live { response, peer, idle }));
            }
            Ok(Opened::Whole(whole(call.peer, response).await?))
        };
        tokio::time::timeout(call.deadline, begin).await.map_err(|_| late())?
    }
}

impl Live {
    /// The body's pieces as they come. After an error there are no more.
    pub fn pieces(self) -> impl Stream<Item = Result<impl AsRef<[u8]>>> + Send {
        stream::unfold(Some(self), |live| async {
            let mut live = live?;
            match tokio::time::timeout(live.idle, live.response.chunk()).await {
                Ok(Ok(piece)) => piece.map(|piece| (Ok(piece), Some(live))),
                Ok(Err(e)) => Some((Err(failure(live.peer, e)), None)),
                Err(_) => {
                    let silent = format!("{} was silent for {} s", live.peer, live.idle.as_secs());
                    Some((Err(Error::new(Kind::Timeout, silent)), None))
                }
            }
        })
    }
}
