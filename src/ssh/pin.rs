//! What we demand of a server: modern algorithms, and exactly the pinned ed25519 host key.

use crate::error::Result;
use russh::client::{ChannelOpenHandle, Msg};
use russh::keys::{Algorithm, PublicKey, PublicKeyOrCertificate};
use russh::{Channel, Preferred, cipher, client, compression, kex, mac};
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Compares the server's host key with the pins, and remembers what was shown.
pub struct Pin {
    pinned: Vec<PublicKey>,
    shown: Shown,
}

/// What the server showed as its identity; the same cell for the handler and for who asks it.
#[derive(Clone, Default)]
pub(super) struct Shown(Arc<Mutex<Option<Identity>>>);

/// What a server can show.
#[derive(Clone)]
pub(super) enum Identity {
    /// A plain key.
    Key(PublicKey),
    /// A certificate, which is refused.
    Certificate,
}

impl Shown {
    /// What was shown, if the handshake came that far.
    pub(super) fn get(&self) -> Option<Identity> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, identity: Identity) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(identity);
    }
}

impl Pin {
    /// Accepts any of these keys and nothing else; with none it accepts nothing and only looks.
    pub(super) fn new(pinned: Vec<PublicKey>) -> (Pin, Shown) {
        let shown = Shown::default();
        let pin = Pin {
            pinned,
            shown: shown.clone(),
        };
        (pin, shown)
    }
}

impl client::Handler for Pin {
    type Error = russh::Error;

    async fn check_server_key(&mut self, server: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        match server {
            PublicKeyOrCertificate::PublicKey { key, .. } => {
                self.shown.set(Identity::Key(key.clone()));
                // Only the key itself counts: comments are the file's, not the server's.
                Ok(self.pinned.iter().any(|pinned| pinned.key_data() == key.key_data()))
            }
            PublicKeyOrCertificate::Certificate(_) => {
                self.shown.set(Identity::Certificate);
                Ok(false)
            }
        }
    }

    // A server opens no channel towards us: not to an agent, a display or a port here. The
    // library would accept them; a handle that is dropped unanswered refuses.

    async fn server_channel_open_session(
        &mut self,
        _: Channel<Msg>,
        _refused: ChannelOpenHandle,
        _: &mut client::Session,
    ) -> Result<(), russh::Error> {
        Ok(())
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        _: Channel<Msg>,
        _refused: ChannelOpenHandle,
        _: &mut client::Session,
    ) -> Result<(), russh::Error> {
        Ok(())
    }

    async fn server_channel_open_x11(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _refused: ChannelOpenHandle,
        _: &mut client::Session,
    ) -> Result<(), russh::Error> {
        Ok(())
    }

    async fn server_channel_open_forwarded_tcpip(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        _refused: ChannelOpenHandle,
        _: &mut client::Session,
    ) -> Result<(), russh::Error> {
        Ok(())
    }

    async fn server_channel_open_direct_tcpip(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        _refused: ChannelOpenHandle,
        _: &mut client::Session,
    ) -> Result<(), russh::Error> {
        Ok(())
    }

    async fn server_channel_open_forwarded_streamlocal(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _refused: ChannelOpenHandle,
        _: &mut client::Session,
    ) -> Result<(), russh::Error> {
        Ok(())
    }

    async fn server_channel_open_direct_streamlocal(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _refused: ChannelOpenHandle,
        _: &mut client::Session,
    ) -> Result<(), russh::Error> {
        Ok(())
    }
}

/// How we speak SSH. The algorithms are those that OpenSSH itself has preferred since 2014, so
/// that every server with an ed25519 host key has them.
pub(super) fn config() -> Arc<client::Config> {
    Arc::new(client::Config {
        preferred: Preferred {
            kex: Cow::Borrowed(&[
                kex::MLKEM768X25519_SHA256,
                kex::CURVE25519,
                kex::CURVE25519_PRE_RFC_8731,
                kex::EXTENSION_SUPPORT_AS_CLIENT,
                kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT,
            ]),
            key: Cow::Borrowed(&[Algorithm::Ed25519]),
            host_key_certificates: Cow::Borrowed(&[]),
            cipher: Cow::Borrowed(&[cipher::AES_256_GCM, cipher::CHACHA20_POLY1305, cipher::AES_128_GCM]),
            mac: Cow::Borrowed(&[mac::HMAC_SHA512_ETM, mac::HMAC_SHA256_ETM]),
            compression: Cow::Borrowed(&[compression::NONE]),
        },
        // A dead server is noticed after 4 × 5 s of silence. While we are stuck writing, no
        // keepalive is sent: then the inactivity limit notices.
        keepalive_interval: Some(Duration::from_secs(5)),
        keepalive_max: 3,
        inactivity_timeout: Some(Duration::from_secs(25)),
        nodelay: true,
        ..client::Config::default()
    })
}
