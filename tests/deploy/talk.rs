//! What is heard of an agent's model: played, over SSH and the agent's gateway.

use crate::sandbox::stand_ins::StandIns;
use crate::support::api::at_google;
use crate::support::engine::Engine;
use crate::support::fleet::{Mishap, Standing};
use clawdwako::deploy::talk::{Agent, Talk};
use clawdwako::deploy::{Platform, care};
use clawdwako::openclaw::health::Turn;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

struct Scene {
    platform: Platform,
    standing: Standing,
    mishap: Arc<OnceLock<Mishap>>,
    _engine: Engine,
    _stand_ins: StandIns,
}

impl Scene {
    /// Nothing is out of order until there is a mishap.
    async fn new() -> Scene {
        let (engine, stand_ins) = (Engine::sqlite(), StandIns::start().await);
        let platform = Platform {
            endpoints: at_google(&stand_ins).0,
            ..engine.platform().await
        };
        let mishap = Arc::<OnceLock<Mishap>>::default();
        let met = mishap.clone();
        let standing = Standing::new(&platform, &stand_ins, "ada", move |what| {
            met.get().copied().filter(|_| what == "model_turn")
        })
        .await;
        Scene {
            platform,
            standing,
            mishap,
            _engine: engine,
            _stand_ins: stand_ins,
        }
    }

    async fn turn(&self) -> Turn {
        let (bot, deployment) = (&self.standing.bot, &self.standing.deployment);
        let mut session = care::session(&self.platform, bot, deployment).await.unwrap();
        let agent = Agent::of(&self.platform.store, bot).await.unwrap();
        let mut silent = |_: &str| {};
        let mut talk = Talk::new(&mut session, &agent, &mut silent);
        talk.turn("Answer with the one word: ready", Duration::from_secs(10))
            .await
            .unwrap()
    }

    /// All that its agent knows and nobody is to hear, in one text.
    fn secrets(&self) -> String {
        let secrets = &self.standing.secrets;
        let all = [&secrets.telegram, &secrets.model_key, &secrets.gateway];
        all.map(|secret| secret.expose().to_owned()).join(" ")
    }
}

#[tokio::test]
async fn a_turn_is_one_answer_of_the_model() {
    let scene = Scene::new().await;
    let turn = scene.turn().await;
    assert!(turn.trouble().is_none(), "{turn:?}");
    let told = [&turn.provider, &turn.model, &turn.text].map(|t| t.as_deref().unwrap_or_default());
    assert_eq!(told, ["anthropic", "claude-opus-5", "ready"]);
}

#[tokio::test]
async fn no_word_of_a_turn_carries_a_secret() {
    let scene = Scene::new().await;
    // The agent says them in all that it may say.
    let words = scene.secrets().leak();
    scene.mishap.set(Mishap::Says(words)).unwrap();
    let turn = scene.turn().await;
    assert!(turn.ok && turn.error.is_none(), "{turn:?}");
    for (what, told) in [
        ("provider", &turn.provider),
        ("model", &turn.model),
        ("text", &turn.text),
    ] {
        assert_eq!(told.as_deref(), Some("*** *** ***"), "{what}");
    }

    let scene = Scene::new().await;
    scene.mishap.set(Mishap::Stumbles(scene.secrets().leak())).unwrap();
    let turn = scene.turn().await;
    assert_eq!((turn.ok, turn.error.as_deref()), (false, Some("*** *** ***")));
}

/// What is cut off leaves no beginning of one.
#[tokio::test]
async fn a_secret_at_the_end_of_a_long_answer_is_not_shown_in_part() {
    for before in [470, 499] {
        let scene = Scene::new().await;
        let secret = scene.standing.secrets.gateway.expose().to_owned();
        let words = format!("\u{1b}[31m{}{secret} and more", "x".repeat(before));
        scene.mishap.set(Mishap::Says(words.leak())).unwrap();
        let text = scene.turn().await.text.unwrap();
        let whole = format!("{}*** and more", "x".repeat(before));
        let shown: String = whole.chars().take(500).collect();
        assert_eq!(text, shown, "{before}");
    }
}
