//! One played server that stands, on a loopback port, with a bot on it that the store knows: for
//! what is done with a bot that was deployed before.

use super::{Mishap, Server, Shared, sshd};
use crate::sandbox::stand_ins::StandIns;
use crate::support::bots::a_bot_in_full;
use clawdwako::deploy::{Platform, secret_names};
use clawdwako::model::{Bot, Deployment, SshTarget};
use clawdwako::openclaw::config::{AgentConfig, BotFiles, BotSecrets, new_gateway_token};
use clawdwako::openclaw::{catalog, layout};
use clawdwako::secrets::Secret;
use clawdwako::ssh::generate;
use clawdwako::store::Owner;
use russh::keys::{PrivateKey, PublicKey};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Served until it is dropped.
pub struct Standing {
    pub server: Arc<Server>,
    pub bot: Bot,
    pub deployment: Deployment,
    /// What its agent must keep to itself.
    pub secrets: BotSecrets,
    served: JoinHandle<()>,
}

impl Drop for Standing {
    fn drop(&mut self) {
        self.served.abort();
    }
}

impl Standing {
    /// A bot of somebody's; Telegram and the model's provider are the stand-ins. `mishap` is asked
    /// before each script.
    pub async fn new(
        platform: &Platform,
        stand_ins: &StandIns,
        user_id: &str,
        mishap: impl Fn(&str) -> Option<Mishap> + Send + Sync + 'static,
    ) -> Standing {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (token, _) = stand_ins.bot().await;
        let secrets = BotSecrets {
            telegram: Secret::new(token),
            model_key: Secret::new(stand_ins.world.credentials.anthropic.as_str()),
            gateway: new_gateway_token().unwrap(),
        };
        let id = clawdwako::telegram::parse_token(&secrets.telegram).unwrap();
        let (user, host) = (generate("user").unwrap(), generate("host").unwrap());
        let (mut bot, mut deployment) = a_bot_in_full("demo", id);
        bot.user_id = user_id.into();
        deployment.facts.ssh = Some(SshTarget {
            host: "127.0.0.1".into(),
            port: listener.local_addr().unwrap().port(),
            user: "root".into(),
        });
        deployment.facts.host_key = Some(host.public.clone());

        let name = layout::bot_user(&bot.name, &bot.id);
        let agent = AgentConfig {
            model: &catalog::parse_model(&bot.model).unwrap(),
            endpoints: &platform.endpoints,
            audience: bot.audience,
            port: 18_789,
            user: &name,
        };
        let files = BotFiles::new(&agent, &secrets).unwrap();
        let files = (files.config, serde_json::from_str(files.secrets.expose()).unwrap());
        let shared = Arc::<Shared>::default();
        shared.endpoints.set(platform.endpoints.clone()).unwrap();
        assert!(shared.mishap.set(Box::new(mishap)).is_ok());
        let authorized = PublicKey::from_openssh(&user.public).unwrap();
        let host = PrivateKey::from_openssh(host.private.expose()).unwrap();
        let server = Arc::new(Server::with_agent(authorized, host, shared, name, files));
        let served = tokio::spawn(sshd::serve(listener, Arc::clone(&server)));

        let mut tx = platform.store.begin().await.unwrap();
        tx.insert_bot(&bot).await.unwrap();
        tx.insert_deployment(&deployment).await.unwrap();
        let owner = Owner::Bot(bot.id.clone());
        for (name, secret) in [
            (secret_names::SSH_KEY, &user.private),
            (secret_names::TELEGRAM, &secrets.telegram),
            (secret_names::MODEL, &secrets.model_key),
            (secret_names::GATEWAY, &secrets.gateway),
        ] {
            tx.put_secret(&owner, name, secret).await.unwrap();
        }
        tx.commit().await.unwrap();
        Standing {
            server,
            bot,
            deployment,
            secrets,
            served,
        }
    }
}
