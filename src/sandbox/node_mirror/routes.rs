//! The mirror's routes.

use super::{NodeMirror, SUMS, arch, none};
use crate::error::Error;
use crate::sandbox::send_file::{refusal, send};
use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use semver::Version;

impl NodeMirror {
    /// Routes: `/index.json`, `/v26.1.0/…`, `/latest-v26.x/…`.
    pub fn router(self) -> Router {
        Router::new()
            .route("/index.json", get(index))
            .route("/{folder}/{file}", get(file))
            .with_state(self)
    }
}

async fn index(State(mirror): State<NodeMirror>) -> Response {
    let list = async {
        let files = [format!("linux-{}", arch()?)];
        let entry = |(version, date): (&Version, &String)| serde_json::json!({"version": format!("v{version}"), "date": date, "files": files, "lts": false});
        Ok::<_, Error>(mirror.versions().await?.iter().rev().map(entry).collect::<Vec<_>>())
    };
    match list.await {
        Ok(entries) => axum::Json(entries).into_response(),
        Err(e) => refusal(&e),
    }
}

async fn file(State(mirror): State<NodeMirror>, UrlPath((folder, name)): UrlPath<(String, String)>) -> Response {
    // In a task of its own: a caller that gives up finds the archive when it comes again.
    let found = tokio::spawn(async move {
        let version = match folder.strip_prefix("latest-v").and_then(|f| f.strip_suffix(".x")) {
            Some(major) => mirror.newest(major.parse().map_err(|_| none(&folder))?).await?,
            None => folder
                .strip_prefix('v')
                .and_then(|v| v.parse().ok())
                .ok_or_else(|| none(&folder))?,
        };
        if !plain(&name) {
            return Err(none(&name));
        }
        mirror.file(&version, &name).await
    });
    let path = match found.await {
        Ok(Ok(path)) => path,
        Ok(Err(e)) => return refusal(&e),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    let kind = if path.ends_with(SUMS) {
        "text/plain"
    } else {
        "application/octet-stream"
    };
    send(&path, kind).await
}

/// Whether it is a file's name and nothing that leads elsewhere.
fn plain(name: &str) -> bool {
    !name.starts_with('.') && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}
