//! The way to an agent's gateway, as a played server's relay makes it.

use super::Mishap;
use super::scripts::Knock;
use super::server::Server;
use crate::support::gateway;
use russh::ChannelId;
use russh::server::Handle;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

pub struct Relay {
    pub server: Arc<Server>,
    pub handle: Handle,
    pub channel: ChannelId,
}

impl Relay {
    /// Carries what is said to the gateway and back, until either side ends.
    pub async fn run(self, text: String, knock: Knock, mut said: mpsc::UnboundedReceiver<Vec<u8>>) {
        let mishap = self.server.mishap(&text);
        match mishap {
            Some(Mishap::CutBefore | Mishap::CutAfter) => return self.cut().await,
            Some(Mishap::Fails) => return self.end(b"a mishap\n", 1).await,
            Some(Mishap::Late(time)) => tokio::time::sleep(time).await,
            _ => {}
        }
        let begun = format!("{} begun\n", knock.mark).into_bytes();
        if !knock.is_heard() {
            return self.end(&[&begun[..], b"::fact refused=closed\n"].concat(), 0).await;
        }
        let through = [&begun[..], knock.mark.as_bytes(), b"\n"].concat();
        let _ = self.handle.data(self.channel, through).await;
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let (mut from_agent, mut to_agent) = tokio::io::split(ours);
        let cut = tokio::sync::Notify::new();
        let instead = || match self.server.mishap_at("model_turn") {
            Some(Mishap::Stumbles(words)) => Some(Err(words.to_owned())),
            Some(Mishap::Says(words)) => Some(Ok(gateway::turned(&format!("{words}/{words}"), words))),
            Some(Mishap::CutBefore | Mishap::CutAfter) => {
                cut.notify_one();
                None
            }
            _ => None,
        };
        let talk = async {
            match mishap {
                Some(Mishap::Stranger) => gateway::refuse(theirs).await,
                Some(Mishap::Floods) => gateway::flood(theirs).await,
                _ => knock.talk(&self.server, theirs, instead).await,
            }
        };
        let up = async {
            while let Some(bytes) = said.recv().await {
                if to_agent.write_all(&bytes).await.is_err() {
                    break;
                }
            }
        };
        let down = async {
            let mut buffer = vec![0; 16 * 1024];
            while let Ok(n @ 1..) = from_agent.read(&mut buffer).await {
                if self.handle.data(self.channel, buffer[..n].to_vec()).await.is_err() {
                    break;
                }
            }
        };
        tokio::select! {
            biased;
            () = cut.notified() => return self.cut().await,
            () = up => {}
            // What it said last still passes.
            _ = async { tokio::join!(talk, down) } => {}
        }
        self.end(b"", 0).await;
    }

    async fn cut(&self) {
        let lost = russh::Disconnect::ConnectionLost;
        let _ = self.handle.disconnect(lost, String::new(), String::new()).await;
    }

    /// A client that went away meanwhile hears none of it.
    async fn end(&self, told: &[u8], code: u32) {
        let _ = self.handle.data(self.channel, told.to_vec()).await;
        let _ = self.handle.exit_status_request(self.channel, code).await;
        let _ = self.handle.eof(self.channel).await;
        let _ = self.handle.close(self.channel).await;
    }
}
