//! Bots that are written down, with what they have at the stand-ins of both clouds. Their servers
//! are on paper: whoever knocks at one is not answered.

use crate::sandbox::stand_ins::{StandIns, read};
use crate::support::api::at_google;
use crate::support::engine::Engine;
use clawdwako::deploy::{self, CloudTokens, NewBot, Outcome, Platform, Reporter, Step, secret_names};
use clawdwako::error::Result;
use clawdwako::http::Http;
use clawdwako::jobs::drain;
use clawdwako::model::{
    Audience, Bot, BotStatus, Deployment, DeploymentStatus, Event, EventKind, Facts, JobStatus, LOCAL_USER, Placement,
    ProviderKind,
};
use clawdwako::provider::{InstanceSpec, OfferFilter, ResourceKind, Tag};
use clawdwako::secrets::Secret;
use clawdwako::ssh;
use clawdwako::store::{Owner, Store, Worker};
use serde_json::json;
use std::time::Duration;

/// Both clouds.
pub const CLOUDS: [ProviderKind; 2] = [ProviderKind::Hetzner, ProviderKind::DigitalOcean];
/// A worker whose process nobody can look for.
const WORKER: &str = "elsewhere/1/1";

pub struct Ground {
    pub stand_ins: StandIns,
    pub platform: Platform,
    _engine: Engine,
}

impl Ground {
    /// `pause`: the unit of the clients' waits, and how long the stand-ins' actions take.
    pub async fn paced(pause: Duration) -> Ground {
        let engine = Engine::sqlite();
        let stand_ins = StandIns::start().await;
        let keys = &stand_ins.world.credentials;
        {
            let mut digitalocean = stand_ins.world.digitalocean.lock().unwrap();
            digitalocean.set_pace(pause);
            // The limits have tests of their own; here they would only be waited for.
            digitalocean.set_rate_limits(1_000_000, 1_000_000);
            digitalocean.set_key_list_limit(1_000_000);
            let mut hetzner = stand_ins.world.hetzner.lock().unwrap();
            hetzner.set_pace(pause);
            hetzner.set_rate_limit(1_000_000);
        }
        let platform = Platform {
            store: engine.open().await,
            http: Http::new().unwrap().with_pause(pause),
            endpoints: at_google(&stand_ins).0,
            tokens: CloudTokens {
                hetzner: Some(Secret::new(keys.hetzner.as_str())),
                digitalocean: Some(Secret::new(keys.digitalocean.as_str())),
            },
        };
        Ground {
            stand_ins,
            platform,
            _engine: engine,
        }
    }

    pub async fn quick() -> Ground {
        Ground::paced(Duration::from_millis(5)).await
    }

    pub fn store(&self) -> &Store {
        &self.platform.store
    }

    /// A bot that BotFather has just made.
    pub async fn wanted(&self, name: &str, provider: ProviderKind) -> NewBot {
        let (token, _) = self.stand_ins.bot().await;
        NewBot {
            user_id: LOCAL_USER.into(),
            name: name.into(),
            username: None,
            telegram_id: token.split(':').next().unwrap().parse().unwrap(),
            token: Secret::new(token),
            model: "anthropic/claude-opus-5".into(),
            model_key: Secret::new(self.stand_ins.world.credentials.anthropic.as_str()),
            audience: Audience::Owner(42),
            provider,
            placement: Placement::default(),
            ssh_key: None,
        }
    }

    /// A bot that answered, with everything that it has at its cloud.
    pub async fn standing(&self, name: &str, provider: ProviderKind) -> (Bot, Deployment) {
        let (bot, deployment) = self.made(name, provider, Some(ResourceKind::Server)).await;
        let store = self.store();
        while let Some((_, lease)) = store.claim_job(&deployment.id, WORKER, 60_000).await.unwrap() {
            let mut tx = store.begin().await.unwrap();
            tx.end_job(&lease, JobStatus::Done, None, 0).await.unwrap();
            tx.commit().await.unwrap();
        }
        let mut tx = store.begin().await.unwrap();
        for (status, bot_status) in [
            (DeploymentStatus::Deploying, BotStatus::Deploying),
            (DeploymentStatus::Active, BotStatus::Active),
        ] {
            tx.set_deployment_status(&deployment.id, status).await.unwrap();
            tx.set_bot_status(&bot.id, bot_status, None).await.unwrap();
        }
        tx.commit().await.unwrap();
        self.records(&bot.id).await
    }

    /// A bot whose deployment came so far, before its worker ended: nothing, the key, the firewall
    /// as well, or all up to the server.
    pub async fn made(&self, name: &str, cloud: ProviderKind, upto: Option<ResourceKind>) -> (Bot, Deployment) {
        let new = self.wanted(name, cloud).await;
        let (bot, deployment) = deploy::create(&self.platform, new).await.unwrap();
        let (provider, tag) = (self.platform.provider(cloud).unwrap(), tag(&bot, &deployment));
        let (pair, once) = (ssh::generate("test").unwrap(), ssh::generate("once").unwrap());
        let mut facts = Facts {
            ssh_public_key: Some(pair.public.clone()),
            host_key: Some(once.public),
            ..Facts::default()
        };
        let mut steps = vec![
            Step::CheckTelegram,
            Step::CheckModel,
            Step::CheckAccount,
            Step::MakeKeys,
        ];
        if upto.is_some() {
            facts.ssh_key_id = Some(provider.ensure_ssh_key(&tag, &pair.public).await.unwrap());
            steps.push(Step::CreateSshKey);
        }
        if matches!(upto, Some(ResourceKind::Firewall | ResourceKind::Server)) {
            facts.firewall_id = Some(provider.ensure_firewall(&tag).await.unwrap());
            steps.push(Step::CreateFirewall);
        }
        self.note(&deployment.id, &steps, Some(&facts)).await;
        let mut tx = self.store().begin().await.unwrap();
        let owner = Owner::Bot(bot.id.clone());
        for (name, key) in [
            (secret_names::SSH_KEY, &pair.private),
            (secret_names::HOST_KEY_ONCE, &once.private),
        ] {
            tx.put_secret(&owner, name, key).await.unwrap();
        }
        tx.commit().await.unwrap();
        let (bot, deployment) = self.records(&bot.id).await;
        if upto == Some(ResourceKind::Server) {
            facts.instance_id = Some(self.order(&bot, &deployment).await);
            let steps = [Step::CreateServer, Step::WaitServer];
            self.note(&deployment.id, &steps, Some(&facts)).await;
        }
        self.records(&bot.id).await
    }

    /// Orders a deployment's server at its cloud and waits until it runs, without writing anything
    /// down; answers its id there.
    pub async fn order(&self, bot: &Bot, deployment: &Deployment) -> String {
        let provider = self.platform.provider(deployment.provider).unwrap();
        let facts = &deployment.facts;
        let spec = InstanceSpec {
            image: "debian-12".into(),
            ssh_key_id: facts.ssh_key_id.clone().unwrap(),
            firewall_id: facts.firewall_id.clone().unwrap(),
            user_data: Secret::new("#cloud-config\n{}\n"),
        };
        let offers = provider.offers(&OfferFilter::default()).await.unwrap();
        let tag = tag(bot, deployment);
        let server = provider.ensure_instance(&tag, &spec, &offers).await.unwrap();
        provider.wait_running(&server, Duration::from_secs(30)).await.unwrap();
        server.id
    }

    /// Notes a step as begun, as a worker does that is killed in it.
    pub async fn begin_step(&self, deployment_id: &str, step: Step) {
        let store = self.store();
        let (_, lease) = store.claim_job(deployment_id, WORKER, 60_000).await.unwrap().unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.step_started(&lease, step.name()).await.unwrap();
        tx.commit().await.unwrap();
        store.end_leases_of(WORKER).await.unwrap();
    }

    /// Notes steps as done, and facts, as a worker does that ends afterwards.
    pub async fn note(&self, deployment_id: &str, steps: &[Step], facts: Option<&Facts>) {
        let store = self.store();
        let (_, lease) = store.claim_job(deployment_id, WORKER, 60_000).await.unwrap().unwrap();
        let mut tx = store.begin().await.unwrap();
        for step in steps {
            tx.step_started(&lease, step.name()).await.unwrap();
            tx.step_ended(&lease, step.name(), true, 1).await.unwrap();
        }
        if let Some(facts) = facts {
            tx.save_facts(&lease, facts).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert!(store.hand_back(&lease).await.unwrap());
    }

    /// The records as they are now.
    pub async fn records(&self, bot_id: &str) -> (Bot, Deployment) {
        let bot = self.store().bot_by_id(bot_id).await.unwrap();
        let deployment = self.store().deployment_of(bot_id).await.unwrap();
        (bot, deployment)
    }

    /// Begins a destroy and works it off.
    pub async fn destroy(&self, bot: &Bot, told: impl Fn(&Event) + Send + Sync) -> Result<Outcome> {
        let (bot, deployment) = self.records(&bot.id).await;
        deploy::begin_destroy(&self.platform, &bot, &deployment).await?;
        work(&self.platform, &deployment.id, told).await
    }

    /// How many things a deployment has at its cloud.
    pub async fn left(&self, deployment: &Deployment) -> usize {
        let provider = self.platform.provider(deployment.provider).unwrap();
        provider.resources(Some(&deployment.id)).await.unwrap().len()
    }

    /// How many servers there are at both clouds, whatever marks them.
    pub async fn servers(&self) -> usize {
        let keys = &self.stand_ins.world.credentials;
        let mut count = 0;
        for (path, token, list) in [
            ("/hetzner/v1/servers", &keys.hetzner, "servers"),
            ("/digitalocean/v2/droplets", &keys.digitalocean, "droplets"),
        ] {
            let url = self.stand_ins.url(path);
            let (status, answer) = read(self.stand_ins.http.get(url).bearer_auth(token)).await;
            assert_eq!(status, 200, "{answer}");
            count += answer[list].as_array().unwrap().len();
        }
        count
    }

    /// The names of a bot's secrets.
    pub async fn secrets(&self, bot_id: &str) -> Vec<String> {
        let named = self.store().secret_names(&Owner::Bot(bot_id.into())).await.unwrap();
        named.into_iter().map(|(name, _)| name).collect()
    }

    /// The calls so far that change something, by their paths' beginning.
    pub fn changes(&self, method: &str, begin: &str) -> Vec<String> {
        let calls = self.stand_ins.calls.lock().unwrap();
        let these = calls.iter().filter(|(m, path)| m == method && path.starts_with(begin));
        these.map(|(_, path)| path.clone()).collect()
    }

    /// Calls a method of Telegram's in a bot's name.
    pub async fn telegram(&self, token: &Secret, method: &str, body: serde_json::Value) -> serde_json::Value {
        let url = self.stand_ins.url(&format!("/telegram/bot{}/{method}", token.expose()));
        let (status, answer) = read(self.stand_ins.http.post(url).json(&body)).await;
        assert_eq!(status, 200, "{answer}");
        answer["result"].clone()
    }

    /// Where a bot's webhook is.
    pub async fn webhook(&self, token: &Secret) -> String {
        let info = self.telegram(token, "getWebhookInfo", json!({})).await;
        info["url"].as_str().unwrap_or_default().to_owned()
    }
}

/// Works a deployment off, as a terminal does.
pub async fn work(platform: &Platform, deployment_id: &str, told: impl Fn(&Event) + Send + Sync) -> Result<Outcome> {
    drain(platform, deployment_id, &Worker::this(), &Told(told)).await
}

/// What marks everything of a deployment at its cloud.
pub fn tag(bot: &Bot, deployment: &Deployment) -> Tag {
    Tag {
        deployment_id: deployment.id.clone(),
        bot_name: bot.name.clone(),
    }
}

/// Whether an event is the beginning of a step.
pub fn begins(event: &Event, step: Step) -> bool {
    event.kind == EventKind::StepStarted && event.step.as_deref() == Some(step.name())
}

/// Nobody looks on.
pub fn quiet(_: &Event) {}

struct Told<F>(F);

impl<F: Fn(&Event) + Send + Sync> Reporter for Told<F> {
    fn event(&self, event: &Event) {
        (self.0)(event);
    }
}
