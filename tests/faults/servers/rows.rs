//! The rows: what befalls a server, its agent, or what the two of them ask. What a cell expects
//! comes from its row and from what its column's step asks for, never from a table of cells.

use clawdwako::deploy::Step;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// sshd is down for some seconds.
    SshLate,
    /// The server shows another host key.
    HostKey,
    /// Packets vanish for a while, in the middle of an open session.
    Blackhole,
    /// Connections are reset for a while, in the middle of an open session.
    Reset,
    /// An orderly reboot.
    Reboot,
    /// The power is cut, and comes again.
    PowerCut,
    /// No room on the server's disk.
    DiskFull,
    /// Another process takes almost all of the memory.
    Memory,
    /// Another process holds the package manager's locks for some seconds.
    PackagesBusy,
    /// The same, and it never lets them go.
    PackagesHeld,
    /// The npm registry answers with errors alone.
    RegistryDown,
    /// npm is killed while it installs.
    NpmKilled,
    /// Node's archive is not what its checksum says.
    BadArchive,
    /// The agent is killed, once.
    AgentKilled,
    /// The agent ends as often as it is started.
    AgentCrashes,
    /// The kernel kills the agent for memory as often as it is started.
    AgentStarves,
    /// The agent runs and does nothing.
    AgentHangs,
    /// The agent's configuration is broken.
    BadConfig,
    /// Telegram refuses the token, as the agent asks.
    TelegramRefuses,
    /// Something else polls with the token.
    TelegramConflict,
    /// Telegram asks the agent to come later.
    TelegramLimits,
    /// The model's provider refuses the key.
    KeyRefused,
    /// The account behind the key has no credit.
    NoCredit,
    /// The provider does not know the model.
    ModelUnknown,
    /// The provider is slow, but answers.
    ModelSlow,
}

/// What a step needs beside a server that lets us in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    Packages,
    NodeMirror,
    Registry,
    NpmInstall,
    Agent,
    Telegram,
    Model,
}

/// What a step needs; a new step needs nothing special until somebody says so here.
fn needs(step: Step) -> &'static [Need] {
    use Need::*;
    match step {
        Step::PrepareSystem => &[Packages],
        Step::InstallNode => &[NodeMirror],
        Step::ResolveAgent => &[Registry],
        Step::InstallAgent => &[NpmInstall],
        Step::GateReady => &[Agent, Telegram],
        Step::GateAnswer => &[Agent, Model],
        _ => &[],
    }
}

/// When a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The step meets it from its begin.
    Before,
    /// It comes while the step's session is open.
    Within,
}

/// How a step may end. Whatever it does, nothing is doubled, and `resume` finishes once the
/// fault is over.
#[derive(Debug, Clone, Copy)]
pub enum Ends {
    /// It gets over it by itself.
    Cured,
    /// It fails with one of these codes, and in its message stands one of these words.
    Told(&'static [&'static str], &'static [&'static str]),
    /// Either.
    Open(&'static [&'static str], &'static [&'static str]),
}

/// What there is to know about a row.
pub struct Row {
    /// Which steps it can strike: all, or those that need something.
    at: Option<Need>,
    pub when: When,
    ends: Ends,
    /// About how long a cell takes, in seconds.
    seconds: u64,
}

impl Fault {
    pub const ALL: &[Fault] = &[
        Fault::SshLate,
        Fault::HostKey,
        Fault::Blackhole,
        Fault::Reset,
        Fault::Reboot,
        Fault::PowerCut,
        Fault::DiskFull,
        Fault::Memory,
        Fault::PackagesBusy,
        Fault::PackagesHeld,
        Fault::RegistryDown,
        Fault::NpmKilled,
        Fault::BadArchive,
        Fault::AgentKilled,
        Fault::AgentCrashes,
        Fault::AgentStarves,
        Fault::AgentHangs,
        Fault::BadConfig,
        Fault::TelegramRefuses,
        Fault::TelegramConflict,
        Fault::TelegramLimits,
        Fault::KeyRefused,
        Fault::NoCredit,
        Fault::ModelUnknown,
        Fault::ModelSlow,
    ];

    pub fn row(self) -> Row {
        use Ends::{Cured, Open, Told};
        use Need::*;
        use When::{Before, Within};
        let row = |at, when, ends, seconds| Row {
            at,
            when,
            ends,
            seconds,
        };
        // A session that breaks, and a script that the server ended with it.
        const CUT: &[&str] = &["network", "timeout", "remote_script"];
        // While it goes down or comes up a server may refuse the login.
        const DOWN: &[&str] = &["network", "timeout", "remote_script", "refused"];
        const FULL: &[&str] = &["No space left", "disk is full"];
        const CRASHES: &[&str] = &["ended again and again (exit code 1)"];
        // While it starts, and while it answers.
        const HANGS: &[&str] = &["did not become ready in time", "accepts no connection"];
        const TIGHT: &[&str] = &["remote_script", "agent", "network", "timeout", "refused"];
        match self {
            Fault::SshLate => row(None, Before, Cured, 8),
            Fault::HostKey => row(
                None,
                Before,
                Told(&["host_key"], &["not the server that was pinned"]),
                3,
            ),
            Fault::Blackhole => row(None, Within, Open(CUT, &[]), 45),
            Fault::Reset => row(None, Within, Open(CUT, &[]), 10),
            Fault::Reboot => row(None, Within, Open(DOWN, &[]), 20),
            Fault::PowerCut => row(None, Within, Open(DOWN, &[]), 20),
            Fault::DiskFull => row(None, Before, Open(&["remote_script", "agent"], FULL), 8),
            Fault::Memory => row(None, Before, Open(TIGHT, &[]), 15),
            Fault::PackagesBusy => row(Some(Packages), Before, Cured, 15),
            Fault::PackagesHeld => row(Some(Packages), Before, Told(&["remote_script"], &["lock"]), 310),
            Fault::RegistryDown => row(Some(Registry), Before, Told(&["remote_script"], &["the registry"]), 50),
            Fault::NpmKilled => row(Some(NpmInstall), Before, Told(&["remote_script"], &["npm"]), 20),
            Fault::BadArchive => row(Some(NodeMirror), Before, Told(&["remote_script"], &["SHA-256"]), 5),
            Fault::AgentKilled => row(Some(Agent), Before, Open(&["agent"], &[]), 40),
            Fault::AgentCrashes => row(Some(Agent), Before, Told(&["agent"], CRASHES), 40),
            Fault::AgentStarves => row(Some(Agent), Before, Told(&["agent"], &["out of memory"]), 40),
            Fault::AgentHangs => row(Some(Agent), Before, Told(&["agent", "timeout"], HANGS), 185),
            Fault::BadConfig => row(Some(Telegram), Before, Told(&["agent"], &["configuration"]), 10),
            Fault::TelegramRefuses => row(Some(Telegram), Before, Told(&["refused"], &["Telegram refuses"]), 30),
            Fault::TelegramConflict => row(Some(Telegram), Before, Told(&["agent"], &["409"]), 60),
            Fault::TelegramLimits => row(Some(Telegram), Before, Cured, 40),
            Fault::KeyRefused => row(Some(Model), Before, Told(&["refused"], &["key"]), 35),
            Fault::NoCredit => row(Some(Model), Before, Told(&["quota"], &["credit"]), 35),
            Fault::ModelUnknown => row(Some(Model), Before, Told(&["agent"], &["model"]), 35),
            Fault::ModelSlow => row(Some(Model), Before, Cured, 50),
        }
    }

    /// Whether it can strike a step.
    pub fn fits(self, step: Step) -> bool {
        self.row().at.is_none_or(|need| needs(step).contains(&need))
    }

    /// How the step may end.
    pub fn ends(self, step: Step) -> Ends {
        match self {
            // A disk that is full before the first boot has written our key lets nobody in.
            Fault::DiskFull if step == Step::Connect => Ends::Open(&["timeout", "refused", "host_key"], &[]),
            _ => self.row().ends,
        }
    }

    /// About how long a cell takes, in seconds.
    pub fn seconds(self, step: Step) -> u64 {
        match (self, step) {
            (Fault::DiskFull | Fault::Memory, Step::Connect) => 250,
            // The agent's own client waits some seconds for an agent that hangs.
            (Fault::AgentHangs, Step::GateAnswer) => 90,
            _ => self.row().seconds,
        }
    }

    /// Whether nothing gets past the step while it lasts, so that others can follow at the same.
    pub fn holds(self, step: Step) -> bool {
        matches!(self.ends(step), Ends::Told(..)) && !self.spoils()
    }

    /// Whether the server has to be restarted at its provider once the fault is over, as the hint
    /// says: whose disk was full while it first booted has no sshd.
    pub fn wants_restart(self, step: Step) -> bool {
        self == Fault::DiskFull && step == Step::Connect
    }

    /// Whether `resume` cannot finish soon after it: the agent pauses a key without credit for
    /// ten minutes at least, and says so. Then a destroy has to leave nothing.
    pub fn spoils(self) -> bool {
        self == Fault::NoCredit
    }
}
