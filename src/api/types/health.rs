//! How an agent is, on the wire and on the screen.

use crate::error::Result;
use crate::model::words;
use crate::openclaw::cage::{Cage, Lack};
use crate::openclaw::health::{HealthReport, Verdict as Judged, judge};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How an agent is, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Runs, and Telegram is connected.
    Well,
    /// May still become well.
    Starting,
    /// Does not run, and is not meant to.
    Stopped,
    /// Does not work.
    Bad,
    /// Its server could not be asked.
    Unreachable,
}

words!(Verdict {
    Well = "well",
    Starting = "starting",
    Stopped = "stopped",
    Bad = "bad",
    Unreachable = "unreachable",
});

/// What the agent on the server says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HealthView {
    /// How it is.
    pub verdict: Verdict,
    /// What that means, for people.
    pub text: String,
    /// Its process now.
    pub pid: Option<u32>,
    /// Its version now.
    pub version: Option<String>,
    /// What shuts the agent in on its server; none if that was not told.
    #[serde(default)]
    pub cage: Option<CageView>,
}

/// What shuts an agent in, so that what strangers talk it into stays with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CageView {
    /// Whether all of it is as this version wants it.
    pub safe: bool,
    /// What is not.
    pub lacks: Vec<Lack>,
    /// The same for people; empty if it is safe.
    pub text: String,
    /// Whether a restart of the agent from here puts it right.
    pub restart_mends: bool,
}

impl From<Cage> for CageView {
    fn from(cage: Cage) -> CageView {
        CageView {
            safe: cage.is_safe(),
            text: cage.text(),
            restart_mends: cage.mends(),
            lacks: cage.lacks,
        }
    }
}

impl HealthView {
    /// What a look led to, also one that led nowhere.
    pub fn of(looked: Result<HealthReport>) -> HealthView {
        let report = match looked {
            Ok(report) => report,
            Err(e) => {
                return HealthView {
                    verdict: Verdict::Unreachable,
                    text: e.message(),
                    pid: None,
                    version: None,
                    cage: None,
                };
            }
        };
        let (verdict, text) = match judge(&report) {
            Judged::Well => (Verdict::Well, "runs, and Telegram is connected".to_owned()),
            Judged::Starting(what) => (Verdict::Starting, format!("is starting: {what}")),
            Judged::Stopped => (Verdict::Stopped, "does not run".to_owned()),
            Judged::Bad(trouble) => (Verdict::Bad, trouble.meaning),
        };
        HealthView {
            verdict,
            text,
            pid: report.unit.pid,
            version: report.version,
            cage: report.cage.map(CageView::from),
        }
    }
}
