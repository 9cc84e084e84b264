//! What all stand-ins share: the machines, the credentials that are valid here, the faults.

use super::{digitalocean, fault, google, hetzner, hosts::Hosts, models, telegram};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// Credentials that the stand-ins accept; everything else is refused.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Credentials {
    /// Hetzner project token: 64 letters and digits.
    pub hetzner: String,
    /// DigitalOcean token: `dop_v1_` and 64 hexadecimal digits.
    pub digitalocean: String,
    /// Anthropic key.
    pub anthropic: String,
    /// OpenAI key.
    pub openai: String,
    /// Google AI key.
    pub google_ai: String,
    /// OAuth client id, of the type for devices.
    pub google_client_id: String,
    /// OAuth client secret.
    pub google_client_secret: String,
    /// OAuth client id, of the type for web pages.
    pub google_web_client_id: String,
    /// Its secret.
    pub google_web_client_secret: String,
    /// Telegram id of the person who talks in `sandbox chat`.
    pub owner: i64,
}

/// The sandbox's state; lives as long as its process.
pub struct World {
    /// Where disks, caches and the record of machines are.
    pub dir: PathBuf,
    /// The machines.
    pub hosts: Hosts,
    /// What is accepted.
    pub credentials: Credentials,
    /// What is to go wrong.
    pub faults: fault::Faults,
    /// Hetzner's project.
    pub hetzner: Mutex<hetzner::State>,
    /// DigitalOcean's account.
    pub digitalocean: Mutex<digitalocean::State>,
    /// Telegram's bots and chats.
    pub telegram: telegram::Telegram,
    /// Google's sign-ins.
    pub google: Mutex<google::State>,
    /// What was asked of the models.
    pub models: Mutex<models::State>,
}

impl World {
    /// A world with new credentials.
    pub fn new(dir: PathBuf, hosts: Hosts) -> Arc<World> {
        Arc::new(World {
            dir,
            hosts,
            credentials: Credentials::generate(),
            faults: fault::Faults::default(),
            hetzner: Mutex::default(),
            digitalocean: Mutex::default(),
            telegram: telegram::Telegram::default(),
            google: Mutex::default(),
            models: Mutex::default(),
        })
    }
}

impl Credentials {
    /// New random credentials in the shapes that the real services give out.
    pub fn generate() -> Self {
        let hex = |n: usize| {
            let mut bytes = vec![0u8; n / 2];
            let _ = getrandom::fill(&mut bytes);
            bytes.iter().map(|b| format!("{b:02x}")).collect::<String>()
        };
        Credentials {
            hetzner: hex(64),
            digitalocean: format!("dop_v1_{}", hex(64)),
            anthropic: format!("sk-ant-api03-{}", hex(60)),
            openai: format!("sk-proj-{}", hex(60)),
            google_ai: format!("AIza{}", hex(36)),
            google_client_id: format!("{}.apps.googleusercontent.com", hex(24)),
            google_client_secret: format!("GOCSPX-{}", hex(28)),
            google_web_client_id: format!("{}.apps.googleusercontent.com", hex(24)),
            google_web_client_secret: format!("GOCSPX-{}", hex(28)),
            owner: 424_200_001,
        }
    }
}
