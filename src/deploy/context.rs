//! What a step works with.

use super::create::secret_names;
use super::talk::{Agent, Talk};
use super::{Platform, Step, Story};
use crate::error::{Error, Kind, Result, internal};
use crate::model::{Bot, Deployment, Packages, ProviderKind};
use crate::openclaw::health::{HealthReport, Turn};
use crate::openclaw::scripts::Ground;
use crate::provider::{Instance, Provider, Tag};
use crate::secrets::Secret;
use crate::ssh::{Output, Script, Session};
use crate::store::Owner;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

/// How long a rented server, which had our key before, may refuse it: it does for a moment when it
/// goes down or comes up.
const RESTART: Duration = Duration::from_secs(10);
/// How often what a running script tells is written down.
const SOON: Duration = Duration::from_secs(1);

/// What a step comes to a server that stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Errand {
    /// It cannot go on without the server.
    Work,
    /// The server is about to be taken down: a word with it first is worth a short wait.
    Farewell,
}

impl Errand {
    /// How long the SSH connection may take.
    fn patience(self) -> Duration {
        match self {
            Errand::Work => Duration::from_secs(60),
            Errand::Farewell => Duration::from_secs(15),
        }
    }
}

/// What a step works with: the records, the outside world, and the one SSH session.
pub struct Cx<'a> {
    /// The outside world and the store.
    pub platform: &'a Platform,
    /// The bot.
    pub bot: Bot,
    /// Its deployment; steps write what they learn to `deployment.facts`, which is saved when
    /// the step ends well.
    pub deployment: Deployment,
    /// Where progress goes.
    pub story: Story<'a>,
    /// Secrets that the step made; sealed and saved when the step ends well.
    pub(super) new_secrets: Vec<(&'static str, Secret)>,
    /// Secrets that nothing needs once the step has ended well; forgotten with its end.
    pub(super) spent_secrets: Vec<&'static str>,
    /// The packages that the step found; saved when it ends well.
    pub(super) new_packages: Option<Packages>,
    /// Steps of this deployment that were begun and whose end nobody wrote down.
    pub(super) cut_off: Vec<String>,
    /// What it comes to the server for.
    pub(super) errand: Errand,
    session: Option<Session>,
}

impl<'a> Cx<'a> {
    /// Gathers what the steps of a deployment need.
    pub fn new(platform: &'a Platform, bot: Bot, deployment: Deployment, story: Story<'a>) -> Self {
        Cx {
            platform,
            bot,
            deployment,
            story,
            new_secrets: Vec::new(),
            spent_secrets: Vec::new(),
            new_packages: None,
            cut_off: Vec::new(),
            errand: Errand::Work,
            session: None,
        }
    }

    /// Whose the bot's secrets are.
    pub fn owner(&self) -> Owner {
        Owner::Bot(self.bot.id.clone())
    }

    /// A secret of the bot's.
    pub async fn secret(&self, name: &str) -> Result<Secret> {
        self.platform.store.secret(&self.owner(), name).await
    }

    /// Keeps a secret when the step ends well.
    pub fn keep_secret(&mut self, name: &'static str, value: Secret) {
        self.new_secrets.push((name, value));
    }

    /// Forgets a secret when the step ends well. Until that is written down it is there, so that a
    /// step that was cut off finds it again.
    pub fn forget_secret(&mut self, name: &'static str) {
        self.spent_secrets.push(name);
    }

    /// Keeps which packages the agent has when the step ends well.
    pub fn keep_packages(&mut self, packages: Packages) {
        self.deployment.facts.agent.packages = Some(packages.sum());
        self.new_packages = Some(packages);
    }

    /// The provider's client.
    pub fn provider(&self) -> Result<Provider> {
        self.platform.provider(self.deployment.provider)
    }

    /// What marks everything that this deployment has at the provider.
    pub fn tag(&self) -> Tag {
        Tag {
            deployment_id: self.deployment.id.clone(),
            bot_name: self.bot.name.clone(),
        }
    }

    /// Opens the SSH session with the pinned host key. `booting` waits for a server that has
    /// just been ordered.
    pub async fn connect(&mut self, booting: Option<Duration>) -> Result<()> {
        let facts = &self.deployment.facts;
        let target = facts
            .ssh
            .clone()
            .ok_or_else(|| internal("the server's address is not known"))?;
        let pinned = facts
            .host_key
            .clone()
            .ok_or_else(|| internal("no host key is pinned"))?;
        let next = facts.next_host_key.clone();
        let key = self.secret(secret_names::SSH_KEY).await?;
        let patience = self.errand.patience();
        let first = match booting {
            Some(deadline) => Session::connect_booting(&target, &key, &pinned, deadline).await,
            None => match Session::connect(&target, &key, &pinned, patience).await {
                Err(e) if e.kind() == Kind::Auth && self.rented() && self.errand == Errand::Work => {
                    Session::connect_booting(&target, &key, &pinned, RESTART).await
                }
                first => first,
            },
        };
        self.session = Some(match (first, next) {
            // A rotation that was cut off before it was noted: the server may have the next key already.
            (Err(e), Some(next)) if e.kind() == Kind::HostKey => {
                Session::connect(&target, &key, &next, patience).await.map_err(|_| e)?
            }
            (result, _) => result?,
        });
        Ok(())
    }

    /// Runs a script on the server, over the one session; its lines go to the story.
    pub async fn script(&mut self, script: &Script) -> Result<Output> {
        let script = script.clone().exclusive(&self.deployment.id);
        let (mut send, lines) = lines();
        self.open().await?;
        let session = self.session.as_mut().ok_or_else(no_session)?;
        let result = told_while_it_runs(session.run(&script, &mut send), lines, &mut self.story).await;
        self.after(result).await
    }

    /// Asks the agent how it is, waiting up to `wait` for it to become well; see [`Talk::health`].
    pub async fn agent_health(&mut self, wait: Duration, start: &str) -> Result<HealthReport> {
        let (agent, id) = self.agent().await?;
        let (mut send, lines) = lines();
        self.open().await?;
        let session = self.session.as_mut().ok_or_else(no_session)?;
        let work = async {
            let mut talk = Talk::new(session, &agent, &mut send).exclusive(&id);
            talk.health(wait, start).await
        };
        // On the heap: a talk is large, and a deployment's stack is deep already.
        let result = told_while_it_runs(Box::pin(work), lines, &mut self.story).await;
        self.after(result).await
    }

    /// Has the agent's model answer; see [`Talk::turn`].
    pub async fn agent_turn(&mut self, prompt: &str, limit: Duration) -> Result<Turn> {
        let (agent, id) = self.agent().await?;
        let (mut send, lines) = lines();
        self.open().await?;
        let session = self.session.as_mut().ok_or_else(no_session)?;
        let work = async {
            let mut talk = Talk::new(session, &agent, &mut send).exclusive(&id);
            talk.turn(prompt, limit).await
        };
        // On the heap: a talk is large, and a deployment's stack is deep already.
        let result = told_while_it_runs(Box::pin(work), lines, &mut self.story).await;
        self.after(result).await
    }

    async fn agent(&self) -> Result<(Agent, String)> {
        let agent = Agent::of(&self.platform.store, &self.bot).await?;
        Ok((agent, self.deployment.id.clone()))
    }

    /// The session, which is opened if there is none.
    async fn open(&mut self) -> Result<()> {
        match self.session {
            Some(_) => Ok(()),
            None => self.connect(None).await,
        }
    }

    /// What is to be done after something was run, whatever it came to.
    async fn after<T>(&mut self, result: Result<T>) -> Result<T> {
        if result
            .as_ref()
            .is_err_and(|e| matches!(e.kind(), Kind::Network | Kind::Timeout))
        {
            self.session = None;
        }
        self.story.flush_if_much().await?;
        result
    }

    /// Drops the session: the server restarts, or its host key changed.
    pub fn disconnect(&mut self) {
        self.session = None;
    }

    /// The server, if there is one. After a create that was cut off, it looks for as long as a
    /// new server can stay unseen.
    pub(super) async fn find_server(&self) -> Result<Option<Instance>> {
        let provider = self.provider()?;
        if self.cut_off.iter().any(|name| name == Step::CreateServer.name()) {
            return provider.find_settled(&self.tag()).await;
        }
        provider.find_instance(&self.tag()).await
    }

    /// Whose the server is.
    pub fn ground(&self) -> Ground {
        if self.rented() {
            Ground::Rented
        } else {
            Ground::Existing
        }
    }

    /// Whether the server was rented for this deployment, so that all of it is ours.
    pub fn rented(&self) -> bool {
        self.deployment.provider != ProviderKind::Existing
    }
}

fn no_session() -> Error {
    internal("no SSH session")
}

/// Two ends of what is told while something runs.
fn lines() -> (impl FnMut(&str) + Send, UnboundedReceiver<String>) {
    let (sender, lines) = tokio::sync::mpsc::unbounded_channel();
    let send = move |line: &str| {
        // Received for as long as it runs.
        let _ = sender.send(line.to_owned());
    };
    (send, lines)
}

/// Waits for what runs, and has what it tells in the store soon: others may be following the story.
async fn told_while_it_runs<T>(
    run: impl Future<Output = Result<T>>,
    mut lines: UnboundedReceiver<String>,
    story: &mut Story<'_>,
) -> Result<T> {
    tokio::pin!(run);
    let mut soon = tokio::time::interval(SOON);
    soon.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let result = loop {
        tokio::select! {
            result = &mut run => break result,
            Some(line) = lines.recv() => story.line(&line),
            // A store that is busy for a moment gets them with the next ones.
            _ = soon.tick() => drop(story.flush().await),
        }
    };
    while let Ok(line) = lines.try_recv() {
        story.line(&line);
    }
    result
}

/// A fact that a script must have told.
pub fn fact(output: &Output, script: &Script, name: &str) -> Result<String> {
    output
        .facts
        .get(name)
        .filter(|v| !v.is_empty())
        .cloned()
        .ok_or_else(|| {
            Error::new(Kind::Remote, format!("the script {} did not tell {name}", script.name))
                .hint("`clawdwako logs NAME --deploy` shows what it wrote")
        })
}
