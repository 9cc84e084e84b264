//! An SSH server that lets everybody in, does nothing, and keeps what it was told to do.

use clawdwako::model::SshTarget;
use clawdwako::ssh;
use russh::keys::PrivateKey;
use russh::server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Served until it is dropped.
pub struct Recorder {
    pub target: SshTarget,
    /// Its host key, as one line.
    pub host_key: String,
    told: Arc<Mutex<Vec<String>>>,
    server: JoinHandle<()>,
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Recorder {
    pub async fn start() -> Recorder {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = SshTarget {
            host: "127.0.0.1".into(),
            port: listener.local_addr().unwrap().port(),
            user: "root".into(),
        };
        let host = ssh::generate("host").unwrap();
        let config = Arc::new(Config {
            keys: vec![PrivateKey::from_openssh(host.private.expose()).unwrap()],
            auth_rejection_time: Duration::ZERO,
            ..Config::default()
        });
        let told = Arc::<Mutex<Vec<String>>>::default();
        let heard = Arc::clone(&told);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let talk = Talk {
                    told: Arc::clone(&heard),
                    inputs: HashMap::new(),
                };
                let config = Arc::clone(&config);
                tokio::spawn(async move {
                    if let Ok(session) = russh::server::run_stream(config, stream, talk).await {
                        // How a session ends is the client's business.
                        let _ = session.await;
                    }
                });
            }
        });
        Recorder {
            target,
            host_key: host.public,
            told,
            server,
        }
    }

    /// All that was sent so far, one text a command.
    pub fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }
}

struct Talk {
    told: Arc<Mutex<Vec<String>>>,
    inputs: HashMap<ChannelId, Vec<u8>>,
}

impl Handler for Talk {
    type Error = russh::Error;

    async fn auth_publickey(&mut self, _: &str, _: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        Ok(Auth::Accept)
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        self.inputs.insert(channel.id(), Vec::new());
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(&mut self, channel: ChannelId, _: &[u8], session: &mut Session) -> Result<(), russh::Error> {
        session.channel_success(channel)
    }

    async fn data(&mut self, channel: ChannelId, data: &[u8], _: &mut Session) -> Result<(), russh::Error> {
        self.inputs.entry(channel).or_default().extend_from_slice(data);
        Ok(())
    }

    async fn channel_eof(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), russh::Error> {
        let input = self.inputs.remove(&channel).unwrap_or_default();
        self.told
            .lock()
            .unwrap()
            .push(String::from_utf8_lossy(&input).into_owned());
        session.exit_status_request(channel, 1)?;
        session.eof(channel)?;
        session.close(channel)
    }
}
