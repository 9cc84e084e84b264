//! Where a process can be killed: before and after each call to the outside world and each
//! script. All of them are counted, and one can be the last.

use crate::support::fleet::Mishap;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::watch;

/// The count since the last [`Passes::begin`].
#[derive(Default)]
pub struct Passes {
    count: AtomicU32,
    last: AtomicU32,
    killed: watch::Sender<bool>,
}

impl Passes {
    /// Counts anew; the pass of that number is the last one. Zero means that none is. A kill that
    /// came too late for the process before is none for the next.
    pub fn begin(&self, last: u32) {
        self.last.store(last, Ordering::SeqCst);
        self.count.store(0, Ordering::SeqCst);
        self.killed.send_replace(false);
    }

    /// What the work comes to, or none if the last one was reached before: also where the work has
    /// seen that its connection was cut, and ended, before it could be killed.
    pub async fn unless_killed<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut killed = self.killed.subscribe();
        let ended = tokio::select! {
            ended = work => Some(ended),
            _ = killed.wait_for(|&now| now) => None,
        };
        ended.filter(|_| !*self.killed.borrow())
    }

    /// Whether this pass is the last one.
    fn pass(&self) -> bool {
        let n = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        let last = n == self.last.load(Ordering::SeqCst);
        if last {
            self.killed.send_replace(true);
        }
        last
    }

    /// For a script: whether its client is gone before it, or before its end is told.
    pub fn script(&self) -> Option<Mishap> {
        let (before, after) = (self.pass(), self.pass());
        match (before, after) {
            (true, _) => Some(Mishap::CutBefore),
            (_, true) => Some(Mishap::CutAfter),
            _ => None,
        }
    }
}

/// Around all routes. A caller that is gone is never answered.
pub async fn layer(State(passes): State<Arc<Passes>>, request: Request, next: Next) -> Response {
    if passes.pass() {
        return std::future::pending().await;
    }
    let response = next.run(request).await;
    if passes.pass() {
        return std::future::pending().await;
    }
    response
}
