//! One turn of the model that touches no conversation.

use super::{Gateway, Refusal};
use crate::openclaw::health::Turn;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use uuid::Uuid;

/// Has the model answer once, within `limit`; costs a few tokens. What the agent says comes as it is:
/// whole, and with whatever is in it.
///
/// # Errors
/// As [`Gateway::call`]; what the model's provider refused is in [`Refusal::Said`].
pub async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    gateway: &mut Gateway<S>,
    prompt: &str,
    limit: Duration,
) -> Result<Turn, Refusal> {
    let id = Uuid::now_v7();
    // What `openclaw infer model run --gateway` sends: no system prompt, no tools, no chat.
    let params = json!({
        "agentId": "main", "sessionId": format!("model-run-{id}"),
        "sessionKey": format!("agent:main:explicit:model-run-{id}"), "message": prompt,
        "modelRun": true, "promptMode": "none", "cleanupBundleMcpOnRunEnd": true, "idempotencyKey": id,
    });
    let answer: Answer = gateway.call("agent", &params, limit).await?;
    Ok(answer.into())
}

/// The final answer of `agent`.
#[derive(Debug, Deserialize)]
pub struct Answer {
    status: String,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    result: Outcome,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Outcome {
    payloads: Vec<Payload>,
    meta: Meta,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Payload {
    text: Option<String>,
    is_error: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Meta {
    agent_meta: Model,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Model {
    provider: Option<String>,
    model: Option<String>,
}

impl From<Answer> for Turn {
    fn from(answer: Answer) -> Turn {
        let Outcome { payloads, meta } = answer.result;
        let failed = payloads.iter().any(|p| p.is_error == Some(true));
        let text = payloads.into_iter().find_map(|p| p.text);
        let ok = answer.status == "ok" && !failed;
        let error = match ok {
            true => None,
            false => text.clone().or(answer.summary),
        };
        Turn {
            ok,
            provider: meta.agent_meta.provider,
            model: meta.agent_meta.model,
            text: text.filter(|_| ok),
            error,
            start: None,
        }
    }
}
