//! Hears that there is something new in the store.

use super::crew::{LONGEST_PAUSE, PAUSE};
use crate::store::{News, Store};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// Ends when there may be new jobs.
pub(super) async fn jobs_told(news: &mut Receiver<News>) {
    loop {
        match news.recv().await {
            Ok(News::Events(_)) => {}
            Ok(News::Jobs) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Passes news of other processes on, for as long as it is let; connects again when the database
/// was away. A [`super::Crew`] does so by itself.
pub async fn relay(store: Store) {
    let mut pause = PAUSE;
    loop {
        let since = std::time::Instant::now();
        if let Err(e) = store.relay().await {
            tracing::warn!(error = e.to_string(), "the database's news are not heard for now");
        }
        if since.elapsed() > LONGEST_PAUSE {
            pause = PAUSE;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
