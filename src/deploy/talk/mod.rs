//! Talking with a bot's agent: over its gateway, once it is known that the agent's own user holds
//! the port; by its command line only where its gateway speaks another protocol.
//!
//! [`Talk::health`] waits until the agent is well or will not become so, [`Talk::reading`] is what it
//! has used, [`Talk::turn`] one answer of its model. Everything that comes back is the agent's word.

mod command_line;
mod health;
mod reading;
mod turn;

use super::create::secret_names;
use crate::error::{Error, Kind, Result};
use crate::model::Bot;
use crate::openclaw::gateway::door::Shut;
use crate::openclaw::gateway::{Gateway, Refusal};
use crate::openclaw::look::Look;
use crate::openclaw::{layout, scripts};
use crate::secrets::{Redactor, Secret};
use crate::ssh::{Opened, Output, Relay, Script, Session};
use crate::store::{Owner, Store};
use std::time::Duration;

/// Which agent it is, and what it must not be heard to say.
pub struct Agent {
    /// Its system user.
    user: String,
    /// The bot's name.
    name: String,
    /// What its gateway asks for.
    token: Secret,
    /// Knows the bot's secrets.
    redactor: Redactor,
}

impl Agent {
    /// The agent of a bot, with its secrets from the store.
    ///
    /// # Errors
    /// `not_found` if it was never configured.
    pub async fn of(store: &Store, bot: &Bot) -> Result<Agent> {
        let owner = Owner::Bot(bot.id.clone());
        let token = store.secret(&owner, secret_names::GATEWAY).await?;
        Ok(Agent {
            user: layout::bot_user(&bot.name, &bot.id),
            name: bot.name.clone(),
            redactor: redactor(store, bot).await?,
            token,
        })
    }
}

/// Knows the secrets that a bot's server has.
///
/// # Errors
/// `store` if they cannot be read.
pub async fn redactor(store: &Store, bot: &Bot) -> Result<Redactor> {
    let owner = Owner::Bot(bot.id.clone());
    let mut secrets = Vec::new();
    for name in [secret_names::GATEWAY, secret_names::TELEGRAM, secret_names::MODEL] {
        secrets.extend(store.find_secret(&owner, name).await?);
    }
    Ok(Redactor::new(secrets))
}

/// Where lines for people go.
pub type OnLine<'a> = &'a mut (dyn FnMut(&str) + Send);

/// A talk with an agent, over one SSH session.
pub struct Talk<'a> {
    session: &'a mut Session,
    agent: &'a Agent,
    on_line: OnLine<'a>,
    /// The deployment, if a script of ours there has to end an earlier one's.
    exclusive: Option<String>,
    gateway: Option<Gateway<Relay>>,
    /// Whether its gateway speaks another protocol.
    by_command_line: bool,
    last: Option<Look>,
}

/// Why the agent was not asked.
enum Unasked {
    /// Nobody says anything at its port, for now.
    Shut(Shut),
    /// The gateway did not do it.
    Refused(Refusal),
    /// It speaks another protocol: its command line has to be asked.
    Stranger,
}

impl<'a> Talk<'a> {
    /// Begins one; nothing is said yet.
    pub fn new(session: &'a mut Session, agent: &'a Agent, on_line: OnLine<'a>) -> Self {
        Talk {
            session,
            agent,
            on_line,
            exclusive: None,
            gateway: None,
            by_command_line: false,
            last: None,
        }
    }

    /// Has each script on the server end what an earlier run of this deployment left there.
    #[must_use]
    pub fn exclusive(mut self, deployment_id: &str) -> Self {
        self.exclusive = Some(deployment_id.to_owned());
        self
    }

    async fn script(&mut self, script: Script) -> Result<Output> {
        // What the agent says while nobody reads it stops the whole session.
        self.gateway = None;
        let script = match &self.exclusive {
            Some(id) => script.exclusive(id),
            None => script,
        };
        Box::pin(self.session.run(&script, self.on_line)).await
    }

    /// Looks at the unit, and waits up to `wait` for the agent to come up.
    async fn look(&mut self, wait: Duration, start: &str) -> Result<Look> {
        let told = self.script(scripts::look(&self.agent.user, wait, start)).await?;
        let look = Look::parse(&told)?;
        self.last = Some(look.clone());
        Ok(look)
    }

    /// The signed-in connection, which is made if there is none.
    async fn gateway(&mut self) -> Result<Result<&mut Gateway<Relay>, Unasked>> {
        if self.by_command_line {
            return Ok(Err(Unasked::Stranger));
        }
        if self.gateway.is_none() {
            let stream = match relay(self.session, &self.agent.user).await? {
                Ok(stream) => stream,
                Err(shut) => return Ok(Err(Unasked::Shut(shut))),
            };
            match Box::pin(Gateway::connect(stream, &self.agent.token)).await {
                Ok(gateway) => self.gateway = Some(gateway),
                Err(Refusal::Stranger(why)) => {
                    self.by_command_line = true;
                    let told = format!(
                        "::progress the agent's gateway speaks another protocol ({why}): its command line is asked, which takes longer"
                    );
                    (self.on_line)(&told);
                    return Ok(Err(Unasked::Stranger));
                }
                Err(refusal) => return Ok(Err(Unasked::Refused(refusal))),
            }
        }
        self.gateway
            .as_mut()
            .map(Ok)
            .ok_or_else(|| crate::error::internal("a gateway that was just reached is not there"))
    }

    /// The error of a port that another user holds, and none if that may pass.
    fn held(&self, shut: Shut) -> Option<Error> {
        shut.trouble(&self.agent.name).map(Error::from)
    }
}

/// A way to the gateway of a user's agent, whose process has accepted it.
///
/// # Errors
/// As [`Session::relay`].
pub(super) async fn relay(session: &Session, user: &str) -> Result<Result<Relay, Shut>> {
    Ok(match session.relay(&scripts::relay(user)).await? {
        Opened::Through(stream) => Ok(stream),
        Opened::Killed => Err(Shut::Silent),
        Opened::Told(told) => Err(Shut::read(&told).ok_or_else(|| {
            Error::new(Kind::Remote, "the script relay did not tell why it ended").hint("look at the server by hand")
        })?),
    })
}
