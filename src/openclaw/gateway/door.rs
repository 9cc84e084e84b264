//! Whether there is a way to an agent's gateway, as the scripts that knock at its port tell.

use crate::openclaw::trouble::{Trouble, held};
use crate::ssh::Output;

/// Why nothing was said to whoever listens, or that nobody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shut {
    /// The bot has no port on the server.
    Absent,
    /// Nobody listens, or the connection was ended at once.
    Closed,
    /// The agent listens and did not accept the connection in time.
    Silent,
    /// Another user's process listens.
    Held {
        /// The port.
        port: u16,
        /// That user.
        uid: u32,
    },
}

impl Shut {
    /// Reads the facts of a script that knocked: `refused`, `listener`, `port`.
    pub fn read(told: &Output) -> Option<Shut> {
        let fact = |name: &str| told.facts.get(name).map(String::as_str);
        Some(match fact("refused")? {
            "absent" => Shut::Absent,
            "silent" => Shut::Silent,
            "held" => match (number(fact("port")), number(fact("listener"))) {
                (Some(port), Some(uid)) => Shut::Held { port, uid },
                _ => Shut::Closed,
            },
            _ => Shut::Closed,
        })
    }

    /// What it means, in a clause.
    pub fn words(self) -> &'static str {
        match self {
            Shut::Absent => "the bot has no gateway on this server",
            Shut::Closed => "the agent's gateway is not there",
            Shut::Silent => "the agent's gateway accepts no connection",
            Shut::Held { .. } => "another user holds the port of the agent's gateway",
        }
    }

    /// What is wrong, if this will not pass by itself.
    pub fn trouble(self, bot: &str) -> Option<Trouble> {
        match self {
            Shut::Held { port, uid } => Some(held(bot, port, uid)),
            _ => None,
        }
    }
}

fn number<N: std::str::FromStr>(text: Option<&str>) -> Option<N> {
    text?.parse().ok()
}
