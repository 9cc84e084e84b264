//! The columns: what each step asks of the outside. Nobody lists it: a deployment without any
//! fault is watched, so a new step, or a new call of one, is a new column by itself.

use super::ground::{Ended, Ground, Order, is_destroy};
use clawdwako::deploy::Step;
use clawdwako::model::ProviderKind;
use clawdwako::openclaw::catalog::ModelProvider;
use std::fmt;

/// One call of one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub order: Order,
    pub step: Step,
    /// Whether no other call of the step comes before it.
    pub first: bool,
    pub method: String,
    /// Its path; `*` is what differs from world to world.
    pub path: String,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    Cloud,
    Telegram,
    Model,
}

impl Column {
    pub fn peer(&self) -> Peer {
        match self.path.split('/').nth(1).unwrap_or_default() {
            "hetzner" | "digitalocean" => Peer::Cloud,
            "telegram" => Peer::Telegram,
            _ => Peer::Model,
        }
    }

    /// Whether the step goes on without what it asks for, since that is only courtesy.
    pub fn is_courtesy(&self) -> bool {
        matches!(self.step, Step::StopAgent | Step::RemoveWebhook)
    }

    /// Whether the step goes on when this call alone is refused: an empty tag costs nothing.
    pub fn is_optional(&self) -> bool {
        self.method == "DELETE" && self.path.contains("/tags/")
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {} {}", self.step.name(), self.method, self.path)
    }
}

/// Every call of every step, at both clouds and with each model.
pub async fn all() -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for (provider, model) in [
        (ProviderKind::Hetzner, ModelProvider::Anthropic),
        (ProviderKind::DigitalOcean, ModelProvider::OpenAi),
        (ProviderKind::Hetzner, ModelProvider::Google),
    ] {
        for column in of(Order { provider, model }).await {
            let same = |c: &Column| (c.step, &c.method, &c.path) == (column.step, &column.method, &column.path);
            let again = |c: &Column| same(c) && (c.peer() != Peer::Cloud || c.order.provider == provider);
            if !columns.iter().any(again) {
                columns.push(column);
            }
        }
    }
    columns
}

/// Watches one deployment up to where its server has to answer, and another one's end.
async fn of(order: Order) -> Vec<Column> {
    let there = Ground::new(order).await;
    let ended = there.run_well(Some(Step::Connect)).await;
    assert!(matches!(ended, Ended::Stopped), "{ended:?}");
    let back = Ground::new(order).await;
    let ended = back.run_well(Some(Step::WaitServer)).await;
    assert!(matches!(ended, Ended::Stopped), "{ended:?}");
    back.note_that_the_agent_ran().await;
    back.begin_destroy().await.unwrap();
    let ended = back.run_well(None).await;
    assert!(matches!(ended, Ended::Done), "{ended:?}");

    let down = back.calls_of_steps().into_iter().filter(|(step, _)| is_destroy(*step));
    let mut columns = Vec::new();
    for (step, calls) in there.calls_of_steps().into_iter().chain(down) {
        for (i, (method, path)) in calls.into_iter().enumerate() {
            let column = Column {
                order,
                step,
                first: i == 0,
                method,
                path: pattern(&path),
            };
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
    }
    columns
}

/// A path with stars for what differs: numbers, ids, tokens.
fn pattern(path: &str) -> String {
    let star = |part: &str| {
        let number = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        match part {
            _ if part.starts_with("bot") && part.contains(':') => "bot*".to_owned(),
            _ if number || part.len() >= 32 || part.matches(':').count() > 1 => "*".to_owned(),
            _ => part.to_owned(),
        }
    };
    path.split('/').map(star).collect::<Vec<_>>().join("/")
}

#[test]
fn paths_lose_what_differs() {
    for (path, expected) in [
        ("/telegram/bot123:AAxyz/getMe", "/telegram/bot*/getMe"),
        ("/hetzner/v1/servers/120704776", "/hetzner/v1/servers/*"),
        (
            "/digitalocean/v2/account/keys/af:0d:c5",
            "/digitalocean/v2/account/keys/*",
        ),
        (
            "/digitalocean/v2/tags/clawdwako-deployment:0193aaaabbbb7ccc8ddd",
            "/digitalocean/v2/tags/*",
        ),
        (
            "/google-ai/v1beta/models/gemini:generateContent",
            "/google-ai/v1beta/models/gemini:generateContent",
        ),
    ] {
        assert_eq!(pattern(path), expected);
    }
}
