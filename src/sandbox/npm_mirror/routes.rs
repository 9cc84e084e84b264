//! The mirror's routes: `/NAME`, `/@SCOPE%2fNAME`, `/NAME/-/FILE.tgz`.

use super::name::Wanted;
use super::packument::HERE;
use super::{FRESH, FRESH_ENOUGH, NpmMirror};
use crate::error::Error;
use crate::sandbox::send_file::{refusal, send};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// What npm asks for when it installs.
const SHORT: &str = "application/vnd.npm.install-v1+json";

enum Found {
    Document(String),
    File(std::path::PathBuf),
}

impl NpmMirror {
    /// Routes, relative to a prefix such as `/npm`.
    pub fn router(self, prefix: &'static str) -> Router {
        // One for all: a package's name has a slash in it, written as `%2f` or as it is.
        Router::new().fallback(get(answer)).with_state((self, prefix))
    }
}

async fn answer(State((mirror, prefix)): State<(NpmMirror, &'static str)>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(wanted) = Wanted::parse(uri.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let age = if text(header::ACCEPT).contains(SHORT) {
        FRESH_ENOUGH
    } else {
        FRESH
    };
    // In a task of its own: a caller that gives up finds it when it comes again.
    let found = tokio::spawn(async move {
        Ok::<_, Error>(match wanted {
            Wanted::Document(name) => Found::Document(mirror.document(&name, age).await?),
            Wanted::Tarball(name, file) => Found::File(mirror.tarball(&name, &file).await?),
        })
    });
    let mut response = match found.await {
        Ok(Ok(Found::Document(document))) => {
            let here = format!("http://{}{prefix}/", text(header::HOST));
            ([(header::CONTENT_TYPE, SHORT)], document.replace(HERE, &here)).into_response()
        }
        Ok(Ok(Found::File(path))) => send(&path, "application/octet-stream").await,
        Ok(Err(e)) => refusal(&e),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    // The servers' npm need not write down what is kept here: that takes it longer than asking again.
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
