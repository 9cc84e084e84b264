//! Making a thing once, at providers whose "create" makes another one each time it is called.

use super::wait::Wait;
use crate::error::{Kind, Result};
use std::time::Duration;

/// How often a create whose outcome stayed unclear is sent.
const CREATE_TRIES: u32 = 3;

/// Looks for a thing, else creates it.
///
/// After a create with an unclear outcome (no answer, or the other side's own failure) it looks
/// again, for as long as `lag` says that a new thing can stay unseen, before it creates again:
/// else a lost reply would cost a second server.
///
/// # Errors
/// Whatever `look` fails with; whatever `create` fails with and cannot be cured by looking.
pub(super) async fn ensure<T, L, C>(
    pause: Duration,
    lag: Duration,
    look: impl Fn() -> L,
    create: impl Fn() -> C,
) -> Result<T>
where
    L: Future<Output = Result<Option<T>>>,
    C: Future<Output = Result<T>>,
{
    if let Some(found) = look().await? {
        return Ok(found);
    }
    let mut tried = 0;
    loop {
        tried += 1;
        let error = match create().await {
            Ok(made) => return Ok(made),
            Err(error) => error,
        };
        let (unclear, last) = match error.kind() {
            Kind::Network | Kind::Timeout | Kind::Upstream => (true, tried == CREATE_TRIES),
            // The name is taken: by an earlier try of ours that got through, or by a stranger.
            Kind::Exists => (tried > 1, true),
            _ => return Err(error),
        };
        let mut wait = Wait::growing(pause, lag);
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if !unclear || !wait.next().await {
                break;
            }
        }
        if last {
            return Err(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use std::cell::Cell;

    /// Runs `ensure` against a cloud in which the n-th look (from 1) is the first to see the
    /// thing and every create fails with `kind`; tells the result, the looks and the creates.
    async fn run(seen_at: u32, kind: Kind) -> (Result<u32>, u32, u32) {
        let (looks, creates) = (Cell::new(0), Cell::new(0));
        let ms = Duration::from_millis;
        let result = ensure(
            ms(1),
            ms(30),
            || {
                looks.set(looks.get() + 1);
                let found = (looks.get() >= seen_at).then_some(7);
                async move { Ok(found) }
            },
            || {
                creates.set(creates.get() + 1);
                async move { Err::<u32, _>(Error::new(kind, "no")) }
            },
        )
        .await;
        (result, looks.get(), creates.get())
    }

    #[tokio::test]
    async fn what_is_there_is_not_made() {
        let (result, looks, creates) = run(1, Kind::Network).await;
        assert_eq!((result.unwrap(), looks, creates), (7, 1, 0));
    }

    #[tokio::test]
    async fn after_a_lost_reply_it_looks_until_the_lag_is_over() {
        for kind in [Kind::Network, Kind::Timeout, Kind::Upstream] {
            let (result, looks, creates) = run(4, kind).await;
            assert_eq!((result.unwrap(), looks, creates), (7, 4, 1), "{kind:?}");
        }
    }

    #[tokio::test]
    async fn creates_are_limited() {
        let (result, _, creates) = run(u32::MAX, Kind::Timeout).await;
        assert_eq!((result.unwrap_err().kind(), creates), (Kind::Timeout, CREATE_TRIES));
    }

    #[tokio::test]
    async fn a_taken_name_is_looked_up_once_and_clear_errors_not_at_all() {
        let (result, looks, creates) = run(u32::MAX, Kind::Exists).await;
        assert_eq!((result.unwrap_err().kind(), looks, creates), (Kind::Exists, 2, 1));
        let (result, looks, creates) = run(u32::MAX, Kind::Quota).await;
        assert_eq!((result.unwrap_err().kind(), looks, creates), (Kind::Quota, 1, 1));
    }
}
