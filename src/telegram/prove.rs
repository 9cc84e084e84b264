//! The proof that a token is good, which comes before anything is kept for it.

use super::{BotIdentity, Telegram, Webhook, parse_token};
use crate::error::{Error, Kind, Result};
use std::time::Duration;

/// How long a proof may take, with all its tries.
const PROOF: Duration = Duration::from_secs(15);

impl Telegram {
    /// Has Telegram say whose token it is, within 15 s. The answer to a token that Telegram does
    /// not know is always the same.
    ///
    /// # Errors
    /// `refused` if Telegram does not know the token; `network`, `timeout`, `upstream` or
    /// `rate_limited` if it does not say.
    pub async fn prove(&self) -> Result<BotIdentity> {
        in_time(PROOF, self.owned()).await
    }

    /// Proves the token, and tells where its updates go, within the same time.
    ///
    /// # Errors
    /// As [`Telegram::prove`].
    pub async fn look(&self) -> Result<(BotIdentity, Webhook)> {
        in_time(PROOF, async { Ok((self.owned().await?, self.webhook().await?)) }).await
    }

    async fn owned(&self) -> Result<BotIdentity> {
        let me = self.get_me().await?;
        match me.id == parse_token(&self.token)? {
            true => Ok(me),
            false => Err(other_bot()),
        }
    }
}

/// What is wrong with a token whose number is not that of its bot.
pub(crate) fn other_bot() -> Error {
    Error::new(Kind::Auth, "Telegram says that the token belongs to another bot")
        .hint("copy the token from @BotFather again")
}

async fn in_time<T>(limit: Duration, proof: impl Future<Output = Result<T>>) -> Result<T> {
    let late = || {
        Error::new(
            Kind::Timeout,
            format!("Telegram did not answer within {} s", limit.as_secs()),
        )
        .hint("try again in a few minutes: without Telegram no token can be proved")
    };
    let proved = tokio::time::timeout(limit, proof).await.unwrap_or_else(|_| Err(late()));
    proved.map_err(|e| match e.kind().may_retry() {
        true => e.context("the token could not be proved, and nothing was changed"),
        false => e,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_proof_ends_though_telegram_says_nothing() {
        let hangs = std::future::pending::<Result<()>>();
        let e = in_time(Duration::from_millis(5), hangs).await.unwrap_err();
        assert_eq!(e.kind(), Kind::Timeout);
        assert!(
            e.message()
                .starts_with("the token could not be proved, and nothing was changed: Telegram")
        );
        assert!(e.next_step().is_some());
        // What Telegram says of the token is told as it is.
        let refused = async { Err::<(), _>(other_bot()) };
        let e = in_time(PROOF, refused).await.unwrap_err();
        assert_eq!((e.kind(), e.message()), (Kind::Auth, other_bot().message()));
    }
}
