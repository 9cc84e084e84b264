//! A world of its own for each cell: stand-ins on a free port, a store, one deployment in it,
//! and a worker that can be cut off before any step.

use crate::sandbox::stand_ins::{StandIns, read};
use crate::support::api::at_google;
use crate::support::engine::Engine;
use clawdwako::deploy::{self, CloudTokens, NewBot, Platform, Reporter, Step};
use clawdwako::error::Error;
use clawdwako::http::Http;
use clawdwako::jobs::drain;
use clawdwako::model::{
    Audience, Bot, Deployment, Event, EventKind, JobKind, LOCAL_USER, Placement, ProviderKind, StepStatus, new_id,
};
use clawdwako::openclaw::catalog::ModelProvider;
use clawdwako::sandbox::fault::Rule;
use clawdwako::secrets::Secret;
use clawdwako::store::{Store, Worker};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// The first pause between tries of an HTTP call, and the unit of the clients' own waiting:
/// long enough for a machine that is busy with other cells.
const PAUSE: Duration = Duration::from_millis(15);
/// How long the clouds' actions take.
const PACE: Duration = Duration::from_millis(20);

/// What is deployed: where, and with whose model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    pub provider: ProviderKind,
    pub model: ModelProvider,
}

/// A deployment in a world of its own.
pub struct Ground {
    pub stand_ins: StandIns,
    pub platform: Platform,
    pub order: Order,
    pub bot_id: String,
    pub deployment_id: String,
    engine: Engine,
    worker: Worker,
    /// What must be seen nowhere.
    canaries: Vec<String>,
    /// Everything that was shown so far.
    shown: Mutex<String>,
    /// The steps so far, and how many calls had been made when each began.
    begun: Mutex<Vec<(String, usize)>>,
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// At the begin of the step that it was to stop at.
    Stopped,
    /// With nothing left to do.
    Done,
    /// With an error.
    Failed(Error),
}

/// A fault that is armed while a step runs.
#[derive(Debug, Clone)]
pub struct Armed {
    pub step: Step,
    pub rule: Rule,
    /// Whether it is armed again when the step is tried again.
    pub lasting: bool,
}

impl Ground {
    /// Writes a deployment down; nothing of it is done.
    pub async fn new(order: Order) -> Ground {
        let stand_ins = StandIns::start().await;
        stand_ins.world.hetzner.lock().unwrap().set_pace(PACE);
        {
            // Minutes are seconds here: a cell deploys and destroys more than once in one.
            let mut digitalocean = stand_ins.world.digitalocean.lock().unwrap();
            digitalocean.set_pace(PACE);
            digitalocean.set_rate_limits(100_000, 10_000);
            digitalocean.set_key_list_limit(10_000);
        }
        let keys = stand_ins.world.credentials.clone();
        let engine = Engine::sqlite();
        let platform = Platform {
            store: engine.open().await,
            http: Http::new().unwrap().with_pause(PAUSE),
            endpoints: at_google(&stand_ins).0,
            tokens: CloudTokens {
                hetzner: Some(Secret::new(keys.hetzner.as_str())),
                digitalocean: Some(Secret::new(keys.digitalocean.as_str())),
            },
        };
        let (token, _) = stand_ins.bot().await;
        let (model, model_key) = match order.model {
            ModelProvider::Anthropic => ("anthropic/claude-opus-5", keys.anthropic.clone()),
            ModelProvider::OpenAi => ("openai/gpt-5.5", keys.openai.clone()),
            ModelProvider::Google => ("google/gemini-3.7-flash", keys.google_ai.clone()),
        };
        let mut canaries = vec![keys.hetzner, keys.digitalocean, model_key.clone(), "PRIVATE KEY".into()];
        canaries.extend(token.split(':').nth(1).map(Into::into));
        let token = Secret::new(token);
        let new = NewBot {
            user_id: LOCAL_USER.into(),
            name: "demo".into(),
            telegram_id: clawdwako::telegram::parse_token(&token).unwrap(),
            username: None,
            token,
            model: model.into(),
            model_key: Secret::new(model_key),
            audience: Audience::Owner(keys.owner),
            provider: order.provider,
            placement: Placement::default(),
            ssh_key: None,
        };
        let (bot, deployment) = deploy::create(&platform, new).await.unwrap();
        Ground {
            stand_ins,
            platform,
            order,
            bot_id: bot.id,
            deployment_id: deployment.id,
            engine,
            worker: Worker::named(format!("elsewhere/{}", new_id())),
            canaries,
            shown: Mutex::default(),
            begun: Mutex::default(),
        }
    }

    pub fn store(&self) -> &Store {
        &self.platform.store
    }

    /// The records as they are now.
    pub async fn records(&self) -> (Bot, Deployment) {
        let bot = self.store().bot_by_id(&self.bot_id).await.unwrap();
        (bot, self.store().deployment(&self.deployment_id).await.unwrap())
    }

    /// Works the deployment off until a step begins. There the worker is cut off as a kill would
    /// do it, and counts as gone.
    pub async fn run(&self, platform: &Platform, until: Option<Step>, armed: Option<&Armed>) -> Ended {
        let watch = Watch {
            ground: self,
            until,
            armed,
            spent: AtomicBool::new(false),
            stop: Notify::new(),
        };
        let ended = tokio::select! {
            biased;
            () = watch.stop.notified() => Ended::Stopped,
            ended = drain(platform, &self.deployment_id, &self.worker, &watch) => match ended {
                Ok(_) => Ended::Done,
                Err(e) => Ended::Failed(e),
            },
        };
        if let Ended::Failed(e) = &ended {
            let text = format!("{} {}\n", e.message(), e.next_step().unwrap_or_default());
            self.shown.lock().unwrap().push_str(&text);
        }
        self.stand_ins.world.faults.clear();
        self.store().end_leases_of(self.worker.name()).await.unwrap();
        ended
    }

    /// The same without any fault.
    pub async fn run_well(&self, until: Option<Step>) -> Ended {
        self.run(&self.platform, until, None).await
    }

    /// The steps so far, each with the calls that were made in it.
    pub fn calls_of_steps(&self) -> Vec<(Step, Vec<(String, String)>)> {
        let (calls, begun) = (self.stand_ins.calls.lock().unwrap(), self.begun.lock().unwrap());
        let ends = begun.iter().skip(1).map(|(_, at)| *at).chain([calls.len()]);
        let steps = begun.iter().zip(ends);
        steps
            .map(|((name, from), to)| (Step::by_name(name).unwrap(), calls[*from..to].to_vec()))
            .collect()
    }

    /// Puts what failed back.
    pub async fn begin_resume(&self) -> Result<(), String> {
        let (bot, deployment) = self.records().await;
        let begun = deploy::begin_resume(&self.platform, &bot, &deployment).await;
        begun.map_err(|e| format!("resume: {e:?}"))
    }

    /// Turns it round.
    pub async fn begin_destroy(&self) -> Result<(), String> {
        let (bot, deployment) = self.records().await;
        let begun = deploy::begin_destroy(&self.platform, &bot, &deployment).await;
        begun.map_err(|e| format!("destroy: {e:?}"))
    }

    /// Notes that the agent was started, as a deployment does that came so far.
    pub async fn note_that_the_agent_ran(&self) {
        let store = self.store();
        let claimed = store.claim_job(&self.deployment_id, self.worker.name(), 30_000).await;
        let (_, lease) = claimed.unwrap().expect("a job to go on with");
        let mut tx = store.begin().await.unwrap();
        tx.step_started(&lease, Step::StartAgent.name()).await.unwrap();
        tx.step_ended(&lease, Step::StartAgent.name(), true, 0).await.unwrap();
        tx.commit().await.unwrap();
        assert!(store.hand_back(&lease).await.unwrap());
    }

    /// What is at the cloud, past our own client: servers, SSH keys, firewalls, and addresses
    /// that no server has.
    pub async fn at_cloud(&self) -> [usize; 4] {
        let keys = &self.stand_ins.world.credentials;
        let (base, token, lists) = match self.order.provider {
            ProviderKind::DigitalOcean => {
                let lists = [
                    ("droplets", "droplets"),
                    ("account/keys", "ssh_keys"),
                    ("firewalls", "firewalls"),
                ];
                ("/digitalocean/v2", &keys.digitalocean, lists.to_vec())
            }
            _ => {
                let lists = ["servers", "ssh_keys", "firewalls", "primary_ips"];
                ("/hetzner/v1", &keys.hetzner, lists.map(|l| (l, l)).to_vec())
            }
        };
        let mut counts = [0; 4];
        for (count, (path, list)) in counts.iter_mut().zip(lists) {
            let url = self.stand_ins.url(&format!("{base}/{path}"));
            let (status, answer) = read(self.stand_ins.http.get(url).bearer_auth(token)).await;
            let items = answer[list].as_array();
            let items = items.unwrap_or_else(|| panic!("{path}: {status} {answer}"));
            *count = items.iter().filter(|i| i["assignee_id"].is_null()).count();
        }
        counts
    }

    /// Which of the secrets can be read in what was shown, in the store's texts or in its file.
    pub async fn leaks(&self) -> Vec<String> {
        let mut places = vec![("what was shown", self.shown.lock().unwrap().clone().into_bytes())];
        for name in ["clawdwako.db", "clawdwako.db-wal"] {
            if let Ok(bytes) = std::fs::read(self.engine.path().join(name)) {
                places.push((name, bytes));
            }
        }
        let mut leaks = Vec::new();
        for (place, bytes) in &places {
            // What is no text stays no text, and the secrets are plain: their search is quick.
            let text = String::from_utf8_lossy(bytes);
            for canary in self.canaries.iter().filter(|canary| text.contains(*canary)) {
                leaks.push(format!("a secret of {} characters is in {place}", canary.len()));
            }
        }
        leaks
    }

    /// Whether the store is whole, and nobody's work in it is half done. `counts`: the steps that
    /// must have ended.
    pub async fn troubles_of_the_store(&self, counts: fn(Step) -> bool) -> Vec<String> {
        let store = self.store();
        let mut troubles = Vec::new();
        let check = store.query("PRAGMA integrity_check", &[]).await.unwrap();
        if check.len() != 1 || check[0].text(0).unwrap() != "ok" {
            troubles.push(format!("the store is damaged: {check:?}"));
        }
        for (what, sql) in [
            ("rows refer to nothing", "SELECT COUNT(*) FROM pragma_foreign_key_check"),
            (
                "jobs are held by nobody",
                "SELECT COUNT(*) FROM jobs WHERE status = 'running'",
            ),
        ] {
            let count = store.query(sql, &[]).await.unwrap()[0].int(0).unwrap();
            if count > 0 {
                troubles.push(format!("{count} {what}"));
            }
        }
        let steps = store.steps(&self.deployment_id).await.unwrap();
        let begun = steps.iter().filter(|s| s.status == StepStatus::Running);
        for step in begun.filter_map(|s| Step::by_name(&s.name)).filter(|&s| counts(s)) {
            troubles.push(format!("the step {} is begun and not ended", step.name()));
        }
        troubles
    }
}

/// Whether a step is one of a destroy.
pub fn is_destroy(step: Step) -> bool {
    step.job() == JobKind::DestroyServer
}

/// Looks on, arms the fault while its step runs, and says when to stop.
struct Watch<'a> {
    ground: &'a Ground,
    until: Option<Step>,
    armed: Option<&'a Armed>,
    spent: AtomicBool,
    stop: Notify,
}

impl Reporter for Watch<'_> {
    fn event(&self, event: &Event) {
        let line = serde_json::to_string(event).unwrap();
        self.ground.shown.lock().unwrap().push_str(&line);
        if let (EventKind::StepStarted, Some(step)) = (event.kind, &event.step) {
            let so_far = self.ground.stand_ins.calls.lock().unwrap().len();
            self.ground.begun.lock().unwrap().push((step.clone(), so_far));
        }
        let is = |step: Step| event.step.as_deref() == Some(step.name());
        if event.kind == EventKind::StepStarted && self.until.is_some_and(is) {
            self.stop.notify_one();
        }
        let Some(armed) = self.armed.filter(|a| is(a.step)) else {
            return;
        };
        let faults = &self.ground.stand_ins.world.faults;
        match event.kind {
            EventKind::StepStarted if !self.spent.load(Ordering::SeqCst) => {
                self.spent.store(!armed.lasting, Ordering::SeqCst);
                faults.clear();
                faults.add(armed.rule.clone());
            }
            EventKind::StepDone => faults.clear(),
            _ => {}
        }
    }
}
