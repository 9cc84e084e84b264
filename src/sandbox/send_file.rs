//! Answers of the mirrors: files, and why there is none.

use crate::error::{Error, Result};
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::path::Path;
use std::pin::Pin;
use std::task::Poll;
use tokio::io::{AsyncRead, ReadBuf};

/// How much is read at a time.
const PIECE: usize = 256 << 10;

/// Streams a file of a content type.
pub async fn send(path: &Path, kind: &'static str) -> Response {
    open(path, kind).await.unwrap_or_else(|e| refusal(&e))
}

async fn open(path: &Path, kind: &'static str) -> Result<Response> {
    let mut file = tokio::fs::File::open(path).await?;
    let length = file.metadata().await?.len();
    let stream = futures_util::stream::poll_fn(move |cx| {
        let mut buffer = vec![0u8; PIECE];
        let mut read = ReadBuf::new(&mut buffer);
        match Pin::new(&mut file).poll_read(cx, &mut read) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(e)) => Poll::Ready(Some(Err(e))),
            Poll::Ready(Ok(())) => {
                let count = read.filled().len();
                buffer.truncate(count);
                Poll::Ready((count > 0).then_some(Ok(buffer)))
            }
        }
    });
    let headers = [
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_TYPE, kind.to_owned()),
    ];
    Ok((headers, Body::from_stream(stream)).into_response())
}

/// An error as the answer to a download.
pub fn refusal(e: &Error) -> Response {
    let status = StatusCode::from_u16(e.kind().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, format!("{e}\n")).into_response()
}
