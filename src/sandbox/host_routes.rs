//! Control routes about the sandbox itself and its servers, below `/_control`.

use super::address::{endpoints_json, variables};
use super::daemon::Daemon;
use super::hosts::{HostSpec, Network};
use crate::error::{Error, Kind, Result};
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How long a new server may take until its SSH answers.
const BOOT: Duration = Duration::from_secs(60);

/// Routes: `env`, `status`, `shutdown`, `hosts…`, `image`.
pub fn router(daemon: Daemon) -> Router {
    Router::new()
        .route("/env", get(env))
        .route("/status", get(status))
        .route("/shutdown", post(shutdown))
        .route("/hosts", post(boot))
        .route("/hosts/never-boot", post(never_boot))
        .route("/hosts/{id}", delete(remove))
        .route("/hosts/{id}/{action}", post(act))
        .route("/image", post(image))
        .with_state(daemon)
}

/// An error as the control routes tell it.
struct Refused(Error);

impl From<Error> for Refused {
    fn from(e: Error) -> Self {
        Refused(e)
    }
}

impl From<JsonRejection> for Refused {
    fn from(e: JsonRejection) -> Self {
        Refused(Error::new(Kind::Usage, format!("bad JSON: {}", e.body_text())))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let e = self.0;
        let status = StatusCode::from_u16(e.kind().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = json!({"error": {"code": e.kind().code(), "message": e.message(), "hint": e.next_step()}});
        (status, Json(body)).into_response()
    }
}

type Answer = Result<Json<Value>, Refused>;
type Body<T> = Result<Json<T>, JsonRejection>;

async fn env(State(daemon): State<Daemon>) -> Answer {
    let (endpoints, credentials) = (daemon.record.endpoints()?, &daemon.world.credentials);
    let variables = variables(&endpoints, credentials);
    Ok(Json(
        json!({"endpoints": endpoints_json(&endpoints), "credentials": credentials, "variables": variables}),
    ))
}

async fn status(State(daemon): State<Daemon>) -> Answer {
    let record = &daemon.record;
    Ok(Json(json!({
        "pid": record.process.pid,
        "uptime_s": daemon.started.elapsed().as_secs(),
        "loopback": record.loopback,
        "bridge": record.bridge,
        "servers": daemon.world.hosts.list(),
    })))
}

async fn shutdown(State(daemon): State<Daemon>) -> Answer {
    daemon.shutdown.notify_one();
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Boot {
    #[serde(default)]
    hostname: Option<String>,
    #[serde(default)]
    memory_mb: i64,
    #[serde(default)]
    disk_gb: i64,
    authorized_keys: Vec<String>,
    #[serde(default)]
    image: String,
}

/// A server as if somebody had it already: no cloud knows it.
async fn boot(State(daemon): State<Daemon>, body: Body<Boot>) -> Answer {
    let Json(asked) = body?;
    let spec = HostSpec {
        hostname: asked.hostname.unwrap_or_else(|| "existing".into()),
        memory_mb: asked.memory_mb,
        disk_gb: asked.disk_gb,
        user_data: None,
        authorized_keys: asked.authorized_keys,
        image: asked.image,
    };
    let hosts = &daemon.world.hosts;
    let host = hosts.create(&spec).await?;
    if let Err(e) = hosts.wait_ssh(&host.id, BOOT).await {
        hosts.delete(&host.id).await?;
        return Err(e.into());
    }
    let key = hosts.host_key(&host.id)?;
    Ok(Json(
        json!({"id": host.id, "ipv4": host.ipv4, "host_key": key, "fingerprint": fingerprint(&key)?}),
    ))
}

#[derive(Deserialize)]
struct Times {
    times: u32,
}

async fn never_boot(State(daemon): State<Daemon>, body: Body<Times>) -> Answer {
    daemon.world.hosts.never_boot(body?.times)?;
    Ok(Json(json!({})))
}

async fn remove(State(daemon): State<Daemon>, Path(id): Path<String>) -> Answer {
    daemon.world.hosts.delete(&id).await?;
    Ok(Json(json!({})))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct How {
    how: Option<Network>,
}

async fn act(State(daemon): State<Daemon>, Path((id, action)): Path<(String, String)>, body: String) -> Answer {
    let world = Arc::clone(&daemon.world);
    // In a task of its own: a caller that gives up does not leave it half done.
    let done = tokio::spawn(async move {
        let hosts = &world.hosts;
        match action.as_str() {
            "reboot" => hosts.reboot(&id).await,
            "power-on" => hosts.power(&id, true).await,
            "power-off" => hosts.power(&id, false).await,
            "fill-disk" => hosts.fill_disk(&id, true).await,
            "free-disk" => hosts.fill_disk(&id, false).await,
            "network" => {
                let asked: How = serde_json::from_str(&body).unwrap_or_default();
                let words = "`how` is not one of restore, blackhole, reset, unplug";
                hosts
                    .network(&id, asked.how.ok_or_else(|| Error::new(Kind::Usage, words))?)
                    .await
            }
            other => Err(Error::new(Kind::NotFound, format!("servers cannot {other:?}"))),
        }
    });
    done.await
        .map_err(|e| crate::error::internal("a server's action broke off").because(e))??;
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
struct Image {
    from: String,
}

async fn image(State(daemon): State<Daemon>, body: Body<Image>) -> Answer {
    let path = daemon.world.hosts.keep_golden(&body?.from).await?;
    Ok(Json(json!({"image": "golden", "path": path})))
}

/// The SHA-256 fingerprint of a public key, as OpenSSH shows it.
fn fingerprint(line: &str) -> Result<String> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    use sha2::{Digest, Sha256};
    let bytes = line.split_whitespace().nth(1).and_then(|b| STANDARD.decode(b).ok());
    let bytes = bytes.ok_or_else(|| crate::error::internal("a host key that is none"))?;
    Ok(format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(bytes))))
}

#[cfg(test)]
mod tests {
    #[test]
    fn fingerprints_are_those_of_openssh() {
        let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl x";
        assert_eq!(
            super::fingerprint(line).unwrap(),
            "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
        );
        assert!(super::fingerprint("ssh-ed25519").is_err());
    }
}
