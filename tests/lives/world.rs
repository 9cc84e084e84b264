//! A whole world in one process: stand-ins, played servers, a store, and processes that come,
//! work and are killed.

use super::passes::{self, Passes};
use crate::sandbox::stand_ins::StandIns;
use crate::support::fleet::{Fleet, Mishap, Played};
use clawdwako::deploy::{self, CloudTokens, NewBot, Outcome, Platform, Silent};
use clawdwako::error::Result;
use clawdwako::http::{Endpoints, Http};
use clawdwako::jobs::drain;
use clawdwako::model::{Audience, Bot, Deployment, LOCAL_USER, Placement, ProviderKind};
use clawdwako::provider::{Resource, ResourceKind};
use clawdwako::sandbox::hosts::Hosts;
use clawdwako::secrets::{Secret, master};
use clawdwako::store::{BotFilter, Store, Worker};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use url::Url;

pub struct World {
    pub stand_ins: StandIns,
    pub fleet: Arc<Fleet>,
    pub passes: Arc<Passes>,
    pub platform: Platform,
    processes: AtomicU32,
    _dir: tempfile::TempDir,
}

impl World {
    /// An empty world; `mishap` is asked before each script that no kill ends.
    pub async fn start(mishap: impl Fn(&str) -> Option<Mishap> + Send + Sync + 'static) -> World {
        let (fleet, passes) = (Arc::new(Fleet::default()), Arc::new(Passes::default()));
        let counted = Arc::clone(&passes);
        let stand_ins = StandIns::start_with(Hosts::played(Played(Arc::clone(&fleet))), |routes| {
            routes.layer(axum::middleware::from_fn_with_state(counted, passes::layer))
        })
        .await;
        let pace = Duration::from_millis(5);
        stand_ins.world.hetzner.lock().unwrap().set_pace(pace);
        {
            let mut digitalocean = stand_ins.world.digitalocean.lock().unwrap();
            digitalocean.set_pace(pace);
            // The limits have tests of their own; here they would only be waited for.
            digitalocean.set_rate_limits(1_000_000, 1_000_000);
            digitalocean.set_key_list_limit(1_000_000);
            digitalocean.set_droplet_limit(1000);
            let mut hetzner = stand_ins.world.hetzner.lock().unwrap();
            hetzner.set_rate_limit(1_000_000);
            hetzner.set_limits(1000, 1000);
        }
        let counted = Arc::clone(&passes);
        fleet.mishaps(move |script| counted.script().or_else(|| mishap(script)));
        let at = |path: &str| Url::parse(&stand_ins.url(path)).unwrap();
        let endpoints = Endpoints {
            hetzner: at("/hetzner/v1/"),
            digitalocean: at("/digitalocean/v2/"),
            telegram: at("/telegram/"),
            anthropic: at("/anthropic/"),
            openai: at("/openai/"),
            google_ai: at("/google-ai/"),
            ..Endpoints::default()
        };
        fleet.outside(endpoints.clone());
        let dir = tempfile::tempdir().unwrap();
        let sealer = master::load(dir.path(), None).unwrap();
        let credentials = &stand_ins.world.credentials;
        let platform = Platform {
            store: Store::open(&dir.path().join("store.db"), sealer).await.unwrap(),
            http: Http::new().unwrap().with_pause(Duration::from_millis(5)),
            endpoints,
            tokens: CloudTokens {
                hetzner: Some(Secret::new(&credentials.hetzner)),
                digitalocean: Some(Secret::new(&credentials.digitalocean)),
            },
        };
        World {
            stand_ins,
            fleet,
            passes,
            platform,
            processes: AtomicU32::new(0),
            _dir: dir,
        }
    }

    /// A bot that BotFather has just made.
    pub async fn wanted(&self, name: &str, provider: ProviderKind) -> NewBot {
        let (token, _) = self.stand_ins.bot().await;
        NewBot {
            user_id: LOCAL_USER.into(),
            name: name.into(),
            telegram_id: token.split(':').next().unwrap().parse().unwrap(),
            username: None,
            token: Secret::new(token),
            model: OPUS.into(),
            model_key: Secret::new(&self.stand_ins.world.credentials.anthropic),
            audience: Audience::Owner(self.stand_ins.world.credentials.owner),
            provider,
            placement: Placement::default(),
            ssh_key: None,
        }
    }

    /// The bot of that name, if there is one that was not destroyed.
    pub async fn bot(&self, name: &str) -> Option<(Bot, Deployment)> {
        let filter = BotFilter::default();
        let all = self.platform.store.bots(LOCAL_USER, filter).await.unwrap();
        all.into_iter().find(|(bot, _)| bot.name == name)
    }

    /// One more process.
    pub fn process(&self) -> Process<'_> {
        let n = self.processes.fetch_add(1, Ordering::SeqCst);
        Process {
            world: self,
            worker: Worker::named(format!("process {n}")),
        }
    }

    /// Everything that both clouds have of ours.
    pub async fn resources(&self) -> Vec<Resource> {
        let mut all = Vec::new();
        for kind in [ProviderKind::Hetzner, ProviderKind::DigitalOcean] {
            all.extend(self.platform.provider(kind).unwrap().resources(None).await.unwrap());
        }
        all
    }
}

/// A process that works; whoever kills it drops what it does, and says so.
pub struct Process<'a> {
    pub world: &'a World,
    worker: Worker,
}

impl Process<'_> {
    /// Works a deployment off, as the terminal that waits for it does.
    pub async fn work(&self, deployment_id: &str) -> Result<Outcome> {
        drain(&self.world.platform, deployment_id, &self.worker, &Silent).await
    }

    /// Writes a bot down and works its deployment off until it answers.
    pub async fn deploy(&self, new: NewBot) -> Result<Outcome> {
        let (_, deployment) = deploy::create(&self.world.platform, new).await?;
        self.work(&deployment.id).await?.active()
    }

    /// What the next process sees once this one is no more: nobody holds what it held.
    pub async fn end(self) {
        let store = &self.world.platform.store;
        store.end_leases_of(self.worker.name()).await.unwrap();
    }
}

pub const OPUS: &str = "anthropic/claude-opus-5";
pub const HAIKU: &str = "anthropic/claude-haiku-4-5";

/// How many there are of a kind.
pub fn count(resources: &[Resource], kind: ResourceKind) -> usize {
    resources.iter().filter(|r| r.kind == kind).count()
}
