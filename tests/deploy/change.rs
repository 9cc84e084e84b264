//! Changes of a bot that answers: what is taken back is what it last answered with, and its key.

use crate::store::new_bot;
use crate::support::engine::{Engine, on_both_engines, on_sqlite};
use clawdwako::deploy::{self, Change, NewBot, Platform, Silent, Step, begin_change, create, secret_names};
use clawdwako::error::{Error, Kind, Result};
use clawdwako::jobs::{self, Crew, Run, Settings};
use clawdwako::model::{Audience, BotStatus, DeploymentStatus, Failure, JobKind, JobStatus, ProviderKind};
use clawdwako::secrets::Secret;
use clawdwako::store::Owner;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use wiremock::matchers::{header, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

on_both_engines! {
    a_change_that_fails_is_taken_back_with_its_key,
}

on_sqlite! {
    each_change_is_taken_back_to_what_was_proved_last,
    a_change_that_was_never_proved_is_no_ground_for_the_next,
    a_going_back_that_fails_is_not_taken_back_again,
    a_change_that_is_refused_changes_nothing,
    what_is_begun_shows_at_once_and_without_an_old_failure,
}

const OPUS: &str = "anthropic/claude-opus-5";
const HAIKU: &str = "anthropic/claude-haiku-4-5";
const GPT: &str = "openai/gpt-5.5";

/// One bot whose steps are all played: they end well, but for a gate that can be shut.
struct Played {
    p: Platform,
    bot_id: String,
    deployment_id: String,
    /// How often the gate stays shut from now on.
    shut: Arc<AtomicUsize>,
    _models: MockServer,
}

/// What a bot answers with: model, audience and key.
type Answers = (&'static str, Audience, &'static str);

impl Played {
    /// A bot that answers with Opus to 42, by the key `first`.
    async fn new(engine: &Engine) -> Played {
        let models = MockServer::start().await;
        for (at, answer) in [
            ("/v1/messages", json!({"type": "message"})),
            ("/v1/responses", json!({"object": "response", "status": "completed"})),
        ] {
            let refused = Mock::given(path(at)).and(header("x-api-key", "refused"));
            let refused = refused.respond_with(ResponseTemplate::new(401)).with_priority(1);
            refused.mount(&models).await;
            let good = Mock::given(path(at)).respond_with(ResponseTemplate::new(200).set_body_json(answer));
            good.mount(&models).await;
        }
        let mut p = engine.platform().await;
        p.endpoints.anthropic = models.uri().parse().unwrap();
        p.endpoints.openai = models.uri().parse().unwrap();
        let new = NewBot {
            provider: ProviderKind::Existing,
            model: OPUS.into(),
            model_key: Secret::new("first"),
            audience: Audience::Owner(42),
            ..new_bot("demo", 1)
        };
        let (bot, deployment) = create(&p, new).await.unwrap();
        let played = Played {
            p,
            bot_id: bot.id,
            deployment_id: deployment.id,
            shut: Arc::default(),
            _models: models,
        };
        played.work().await;
        assert_eq!(played.status().await, (BotStatus::Active, DeploymentStatus::Active));
        played
    }

    /// Ends a job as the pipeline does, all its steps done.
    fn run(&self) -> Run {
        let (p, shut) = (self.p.clone(), Arc::clone(&self.shut));
        Arc::new(move |job, lease| {
            let (p, shut) = (p.clone(), Arc::clone(&shut));
            Box::pin(async move {
                let less = |n: usize| n.checked_sub(1);
                if job.kind == JobKind::StartBot && shut.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok()
                {
                    return Err(Error::new(Kind::Agent, "the model does not answer"));
                }
                let mut tx = p.store.begin().await?;
                for step in Step::of(job.kind) {
                    tx.step_started(&lease, step.name()).await?;
                    tx.step_ended(&lease, step.name(), true, 0).await?;
                }
                tx.commit().await?;
                deploy::run(&p, &job, &lease, &Silent).await
            })
        })
    }

    /// Works off what there is to do.
    async fn work(&self) {
        let (stop, stopped) = watch::channel(false);
        let crew = Crew::new(self.p.store.clone(), Settings::default(), self.run());
        let crew = tokio::spawn(crew.work(stopped));
        let since = Instant::now();
        while self.p.store.has_work(&self.deployment_id).await.unwrap() {
            assert!(since.elapsed() < Duration::from_secs(60), "it does not end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.send(true).unwrap();
        crew.await.unwrap();
    }

    /// Begins a change.
    async fn begin(&self, model: Option<&str>, audience: Option<Audience>, key: Option<&str>) -> Result<()> {
        let bot = self.p.store.bot_by_id(&self.bot_id).await.unwrap();
        let deployment = self.p.store.deployment(&self.deployment_id).await.unwrap();
        let change = Change {
            model: model.map(Into::into),
            model_key: key.map(Secret::new),
            audience,
        };
        begin_change(&self.p, &bot, &deployment, &change).await
    }

    /// Makes a change; the gate stays shut so often.
    async fn change(&self, model: Option<&str>, audience: Option<Audience>, key: Option<&str>, shut: usize) {
        self.shut.store(shut, Ordering::SeqCst);
        self.begin(model, audience, key).await.unwrap();
        self.work().await;
    }

    async fn status(&self) -> (BotStatus, DeploymentStatus) {
        let bot = self.p.store.bot_by_id(&self.bot_id).await.unwrap();
        let deployment = self.p.store.deployment(&self.deployment_id).await.unwrap();
        (bot.status, deployment.status)
    }

    /// Demands that it answers with this, and that nothing of a change is left.
    #[track_caller]
    fn answers(&self, wanted: Answers) -> impl Future<Output = ()> {
        let at = std::panic::Location::caller();
        async move {
            assert_eq!(
                self.status().await,
                (BotStatus::Active, DeploymentStatus::Active),
                "{at}"
            );
            self.holds(wanted).await;
            let mut tx = self.p.store.begin().await.unwrap();
            assert!(tx.former(&self.bot_id).await.unwrap().is_none(), "{at}");
            drop(tx);
            let former = self.key(secret_names::MODEL_FORMER).await;
            assert_eq!(former, None, "{at}: a key that is not needed any more");
        }
    }

    /// Demands that this is written down.
    async fn holds(&self, (model, audience, key): Answers) {
        let bot = self.p.store.bot_by_id(&self.bot_id).await.unwrap();
        let kept = self.key(secret_names::MODEL).await;
        assert_eq!(
            (bot.model.as_str(), bot.audience, kept.as_deref()),
            (model, audience, Some(key))
        );
    }

    async fn key(&self, name: &str) -> Option<String> {
        let owner = Owner::Bot(self.bot_id.clone());
        let found = self.p.store.find_secret(&owner, name).await.unwrap();
        found.map(|key| key.expose().to_owned())
    }

    /// Why work last came to nothing, and whether that was taken back.
    async fn failure(&self) -> Option<bool> {
        let failure = self.p.store.last_failure(&self.bot_id).await.unwrap();
        failure.map(|f| f.taken_back)
    }
}

async fn a_change_that_fails_is_taken_back_with_its_key(engine: Engine) {
    let bot = Played::new(&engine).await;
    let first = (OPUS, Audience::Owner(42), "first");
    for (model, audience, key) in [
        (Some(HAIKU), Some(Audience::Everyone), Some("second")),
        (Some(GPT), Some(Audience::Owner(7)), Some("another provider's")),
        (None, None, Some("second")),
        (Some(HAIKU), None, None),
        (None, Some(Audience::Everyone), None),
    ] {
        bot.change(model, audience, key, 1).await;
        bot.answers(first).await;
        assert_eq!(bot.failure().await, Some(true), "{model:?} {audience:?} {key:?}");
    }
    // The same, and they are proved.
    bot.change(Some(GPT), Some(Audience::Everyone), Some("another provider's"), 0)
        .await;
    bot.answers((GPT, Audience::Everyone, "another provider's")).await;
    assert_eq!(bot.failure().await, None);
}

async fn each_change_is_taken_back_to_what_was_proved_last(engine: Engine) {
    let bot = Played::new(&engine).await;
    bot.change(Some(HAIKU), Some(Audience::Owner(7)), Some("second"), 0)
        .await;
    bot.answers((HAIKU, Audience::Owner(7), "second")).await;
    bot.change(Some(GPT), Some(Audience::Everyone), Some("third"), 1).await;
    bot.answers((HAIKU, Audience::Owner(7), "second")).await;
    bot.change(Some(OPUS), None, Some("fourth"), 1).await;
    bot.answers((HAIKU, Audience::Owner(7), "second")).await;
}

async fn a_change_that_was_never_proved_is_no_ground_for_the_next(engine: Engine) {
    let bot = Played::new(&engine).await;
    for (shut, ends) in [
        (1, (OPUS, Audience::Owner(42), "first")),
        (0, (GPT, Audience::Owner(42), "third")),
    ] {
        bot.begin(Some(HAIKU), Some(Audience::Everyone), Some("second"))
            .await
            .unwrap();
        let open = bot.p.store.jobs(&bot.deployment_id).await.unwrap();
        let open = open.iter().find(|j| j.status == JobStatus::Queued).unwrap();
        jobs::cancel(&bot.p.store, &open.id).await.unwrap();
        assert_eq!(bot.status().await, (BotStatus::Failed, DeploymentStatus::Failed));
        bot.change(Some(GPT), Some(Audience::Owner(42)), Some("third"), shut)
            .await;
        bot.answers(ends).await;
    }
}

async fn a_going_back_that_fails_is_not_taken_back_again(engine: Engine) {
    let bot = Played::new(&engine).await;
    bot.change(Some(HAIKU), Some(Audience::Everyone), Some("second"), 2)
        .await;
    assert_eq!(bot.status().await, (BotStatus::Failed, DeploymentStatus::Failed));
    bot.holds((OPUS, Audience::Owner(42), "first")).await;
    assert_eq!(bot.failure().await, Some(false));
    // What failed is no ground to go back to.
    bot.change(Some(GPT), None, Some("third"), 1).await;
    assert_eq!(bot.status().await, (BotStatus::Failed, DeploymentStatus::Failed));
    bot.holds((GPT, Audience::Owner(42), "third")).await;
}

async fn a_change_that_is_refused_changes_nothing(engine: Engine) {
    let bot = Played::new(&engine).await;
    let first = (OPUS, Audience::Owner(42), "first");
    let e = bot
        .begin(Some(HAIKU), Some(Audience::Everyone), Some("refused"))
        .await
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Auth, "{e:?}");
    bot.answers(first).await;
    // While it is deployed, and where its agent was never installed.
    for (status, job) in [
        (BotStatus::Deploying, JobStatus::Done),
        (BotStatus::Failed, JobStatus::Cancelled),
    ] {
        let mut tx = bot.p.store.begin().await.unwrap();
        tx.set_bot_status(&bot.bot_id, status, None).await.unwrap();
        let sql = "UPDATE jobs SET status = $1 WHERE kind = 'deploy_openclaw'";
        assert_eq!(tx.execute(sql, &[job.as_str().into()]).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let e = bot
            .begin(Some(HAIKU), Some(Audience::Everyone), Some("second"))
            .await
            .unwrap_err();
        assert!(e.kind() == Kind::State && e.next_step().is_some(), "{status}: {e:?}");
        bot.holds(first).await;
        assert_eq!(bot.status().await.0, status);
        assert!(!bot.p.store.has_work(&bot.deployment_id).await.unwrap());
    }
}

async fn what_is_begun_shows_at_once_and_without_an_old_failure(engine: Engine) {
    let played = Played::new(&engine).await;
    let p = &played.p;
    for what in ["change", "start", "destroy"] {
        let old = Failure::of(&Error::new(Kind::Network, "long ago"));
        let mut tx = p.store.begin().await.unwrap();
        tx.set_last_failure(&played.bot_id, Some(&old)).await.unwrap();
        tx.commit().await.unwrap();
        let bot = p.store.bot_by_id(&played.bot_id).await.unwrap();
        let deployment = p.store.deployment(&played.deployment_id).await.unwrap();
        match what {
            "change" => played.begin(None, Some(Audience::Everyone), None).await,
            "start" => deploy::begin_start(p, &bot, &deployment).await,
            _ => deploy::begin_destroy(p, &bot, &deployment).await,
        }
        .unwrap();
        let (bot, deployment) = played.status().await;
        assert_eq!((bot, played.failure().await), (BotStatus::Deploying, None), "{what}");
        if what != "destroy" {
            assert_eq!(deployment, DeploymentStatus::Deploying, "{what}");
            played.work().await;
            played.answers((OPUS, Audience::Everyone, "first")).await;
        }
    }
}
