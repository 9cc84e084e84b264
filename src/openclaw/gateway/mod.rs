//! The agent's control protocol: JSON messages over a WebSocket, on any stream of bytes.
//!
//! What answers is the agent, which is not trusted: messages have a size limit, calls a deadline,
//! and only the fields that are needed are read, strictly. [`wire`] is what a message looks like,
//! [`channels`], [`usage`] and [`turn`] are the calls that are made, [`refusal`] why one failed,
//! [`door`] why there was no stream to begin with.
//!
//! Whoever makes the stream has to know who is at its other end: [`Gateway::connect`] sends the token.

pub mod channels;
pub mod door;
pub mod refusal;
pub mod turn;
pub mod usage;
pub mod wire;

pub use refusal::Refusal;

use crate::secrets::Secret;
use futures_util::{SinkExt, StreamExt};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Error as WsError, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// The version of the protocol that is spoken here.
pub const PROTOCOL: u32 = 4;
/// The largest message that is read, in bytes: what was used in all the days of a long life fits.
const MAX_MESSAGE: usize = 4 * 1024 * 1024;
/// How many messages of others may come before the answer to a call.
const MAX_STRAY: usize = 2_000;
/// How long upgrade, challenge and sign-in may take together.
const SIGN_IN: Duration = Duration::from_secs(10);

/// A connection that is signed in.
pub struct Gateway<S> {
    socket: WebSocketStream<S>,
    calls: u64,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Gateway<S> {
    /// Upgrades the stream, waits for the challenge, and signs in with the token. The token is not
    /// sent to what does not speak the protocol so far.
    ///
    /// # Errors
    /// [`Refusal::Stranger`] if the other side speaks no such protocol, or no such version of it;
    /// [`Refusal::Token`] if it does not take the token; the others as [`Gateway::call`].
    pub async fn connect(stream: S, token: &Secret) -> Result<Self, Refusal> {
        let signing_in = async {
            let mut gateway = Gateway::upgrade(stream).await?;
            gateway.challenge().await?;
            let hello: wire::Hello = gateway.ask("connect", &sign_in(token)).await?;
            match hello.protocol {
                PROTOCOL => Ok(gateway),
                other => Err(Refusal::Stranger(format!("it speaks version {other} of the protocol"))),
            }
        };
        tokio::time::timeout(SIGN_IN, signing_in)
            .await
            .unwrap_or(Err(Refusal::Stranger("it did not let us in within 10 s".to_owned())))
    }

    async fn upgrade(stream: S) -> Result<Self, Refusal> {
        let config = WebSocketConfig::default()
            .read_buffer_size(16 * 1024)
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE));
        match client_async_with_config("ws://127.0.0.1/", stream, Some(config)).await {
            Ok((socket, _)) => Ok(Gateway { socket, calls: 0 }),
            Err(WsError::Io(_) | WsError::ConnectionClosed) => Err(Refusal::Broken),
            Err(_) => Err(Refusal::Stranger("it answers no WebSocket".to_owned())),
        }
    }

    /// The first message of the other side has to be its challenge.
    async fn challenge(&mut self) -> Result<(), Refusal> {
        let text = self.message().await?;
        match wire::Head::read(&text) {
            Ok(head) if head.is_event("connect.challenge") => Ok(()),
            _ => Err(Refusal::Stranger("it sent no challenge".to_owned())),
        }
    }

    /// Calls a method and waits for its final answer, `limit` at most.
    ///
    /// # Errors
    /// [`Refusal::Said`] with the other side's words; [`Refusal::Overdue`] after the limit, and the
    /// connection is of no more use then; [`Refusal::Broken`] if it ended; [`Refusal::Garbled`] if
    /// the answer is not what the protocol says.
    pub async fn call<P: DeserializeOwned>(
        &mut self,
        method: &str,
        params: &Value,
        limit: Duration,
    ) -> Result<P, Refusal> {
        tokio::time::timeout(limit, self.ask(method, params))
            .await
            .unwrap_or(Err(Refusal::Overdue))
    }

    async fn ask<P: DeserializeOwned>(&mut self, method: &str, params: &Value) -> Result<P, Refusal> {
        self.calls += 1;
        let id = self.calls.to_string();
        let request = json!({"type": "req", "id": id, "method": method, "params": params});
        self.socket.send(Message::text(request.to_string())).await?;
        for _ in 0..MAX_STRAY {
            let text = self.message().await?;
            let head = wire::Head::read(&text)?;
            if !head.answers(&id) {
                continue;
            }
            match head.outcome(&text)? {
                // It was begun; another answer with the same id tells how it ended.
                wire::Outcome::Accepted => {}
                wire::Outcome::Done => return wire::payload(&text),
            }
        }
        Err(Refusal::Garbled)
    }

    /// The next text that comes.
    async fn message(&mut self) -> Result<Bytes, Refusal> {
        for _ in 0..MAX_STRAY {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.into()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_))) | None => return Err(Refusal::Broken),
                Some(Ok(_)) => return Err(Refusal::Garbled),
                Some(Err(e)) => return Err(e.into()),
            }
        }
        Err(Refusal::Garbled)
    }
}

/// What signs in. Only this id and mode keep their scopes without a paired device.
fn sign_in(token: &Secret) -> Value {
    json!({
        "minProtocol": PROTOCOL, "maxProtocol": PROTOCOL,
        "client": {"id": "gateway-client", "version": env!("CARGO_PKG_VERSION"), "platform": "linux", "mode": "backend"},
        "role": "operator", "scopes": ["operator.admin", "operator.read", "operator.write"],
        "auth": {"token": token.expose()},
    })
}
