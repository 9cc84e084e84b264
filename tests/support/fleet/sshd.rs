//! The SSH side of a played server: its present host key, its one user's key, and scripts.

use super::Mishap;
use super::server::Server;
use super::{relay, scripts};
use russh::server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Accepts sessions until it is dropped.
pub async fn serve(listener: TcpListener, server: Arc<Server>) {
    let mut sessions = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            return;
        };
        let config = Arc::new(Config {
            keys: vec![server.host_key()],
            auth_rejection_time: Duration::ZERO,
            auth_rejection_time_initial: Some(Duration::ZERO),
            nodelay: true,
            ..Config::default()
        });
        let talk = Talk {
            server: Arc::clone(&server),
            inputs: HashMap::new(),
            relays: HashMap::new(),
        };
        sessions.spawn(async move {
            if let Ok(session) = russh::server::run_stream(config, stream, talk).await {
                // How a session ends is the client's business.
                let _ = session.await;
            }
        });
        while sessions.try_join_next().is_some() {}
    }
}

struct Talk {
    server: Arc<Server>,
    inputs: HashMap<ChannelId, Vec<u8>>,
    /// What is said to a relay from here on.
    relays: HashMap<ChannelId, mpsc::UnboundedSender<Vec<u8>>>,
}

impl Handler for Talk {
    type Error = russh::Error;

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        let known = user == "root" && self.server.knows(key.public_key);
        Ok(if known { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        self.inputs.insert(channel.id(), Vec::new());
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        if data == b"bash -s" {
            session.channel_success(channel)
        } else {
            session.channel_failure(channel)
        }
    }

    async fn data(&mut self, channel: ChannelId, data: &[u8], session: &mut Session) -> Result<(), russh::Error> {
        if let Some(relay) = self.relays.get(&channel) {
            // One that has ended hears nothing more.
            let _ = relay.send(data.to_vec());
            return Ok(());
        }
        let input = self.inputs.entry(channel).or_default();
        input.extend_from_slice(data);
        let text = String::from_utf8_lossy(input).into_owned();
        if let Some(knock) = scripts::knock(&self.server, &text) {
            let (sender, said) = mpsc::unbounded_channel();
            self.relays.insert(channel, sender);
            self.inputs.remove(&channel);
            let relay = relay::Relay {
                server: Arc::clone(&self.server),
                handle: session.handle(),
                channel,
            };
            tokio::spawn(relay.run(text, knock, said));
        }
        Ok(())
    }

    async fn channel_close(&mut self, channel: ChannelId, _session: &mut Session) -> Result<(), russh::Error> {
        self.relays.remove(&channel);
        Ok(())
    }

    async fn channel_eof(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), russh::Error> {
        if self.relays.remove(&channel).is_some() {
            return Ok(());
        }
        let input = self.inputs.remove(&channel).unwrap_or_default();
        let text = String::from_utf8_lossy(&input).into_owned();
        let (server, handle) = (Arc::clone(&self.server), session.handle());
        tokio::spawn(async move {
            let mishap = server.mishap(&text);
            let cut = || handle.disconnect(russh::Disconnect::ConnectionLost, String::new(), String::new());
            match mishap {
                Some(Mishap::CutBefore) => return drop(cut().await),
                Some(Mishap::Late(time)) => tokio::time::sleep(time).await,
                _ => {}
            }
            let done = match mishap {
                Some(Mishap::Fails) => Err("a mishap".to_owned()),
                Some(Mishap::OtherPackage) => {
                    let told = server.run(&text).await;
                    told.map(|facts| facts.replace("sha512-", "sha512-another"))
                }
                _ => server.run(&text).await,
            };
            if mishap == Some(Mishap::CutAfter) {
                return drop(cut().await);
            }
            let (told, code) = match done {
                Ok(facts) => (facts, 0),
                Err(why) => (format!("{why}\n"), 1),
            };
            // A client that went away meanwhile hears none of it.
            let _ = handle.data(channel, format!("::started\n{told}").into_bytes()).await;
            let _ = handle.exit_status_request(channel, code).await;
            let _ = handle.eof(channel).await;
            let _ = handle.close(channel).await;
        });
        Ok(())
    }
}
