//! The bodies of a request and of its answer, watched.

use super::connection::EndOf;
use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

/// A request's body, which tells whether it was read to its end.
pub struct Incoming {
    body: hyper::body::Incoming,
    ended: Arc<AtomicBool>,
}

/// Whether a request's body was read.
pub struct Read(Arc<AtomicBool>);

impl Read {
    /// Whether all of it was.
    pub fn to_its_end(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Incoming {
    pub fn new(body: hyper::body::Incoming) -> (Incoming, Read) {
        let ended = Arc::new(AtomicBool::new(body.is_end_stream()));
        let read = Read(ended.clone());
        (Incoming { body, ended }, read)
    }
}

impl HttpBody for Incoming {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if frame.is_none() || self.body.is_end_stream() {
            self.ended.store(true, Ordering::Release);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body, which tells when it was handed over, or given up.
pub struct Answer {
    body: Body,
    _end: EndOf,
}

impl Answer {
    pub fn new(body: Body, end: EndOf) -> Answer {
        Answer { body, _end: end }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
