//! One deployment's ground: its sandbox, its server as root of this machine sees it, and how each
//! fault is struck there and mended.

use super::rows::Fault;
use super::scripts;
use crate::e2e::world::{World, golden_image};
use clawdwako::deploy::Step;
use serde_json::Value;
use std::time::Duration;

/// How long the cuts of the network and of power last.
const BLACKHOLE: Duration = Duration::from_secs(30);
const RESET: Duration = Duration::from_secs(4);
const OFF: Duration = Duration::from_secs(1);

/// A bot's name.
pub const BOT: &str = "demo";

pub struct Ground {
    pub world: World,
    secrets: Vec<String>,
}

impl Ground {
    /// A sandbox of its own, and a bot's token.
    pub fn new() -> Ground {
        let world = World::up();
        let made = world.json(&["sandbox", "bot", BOT]);
        let token = made["token"].as_str().unwrap().to_owned();
        std::fs::write(world.home().join("token"), &token).unwrap();
        let env = world.json(&["sandbox", "env"]);
        let known = ["HETZNER_API_TOKEN", "ANTHROPIC_API_KEY"].map(|n| env[n].as_str().unwrap().to_owned());
        let mut secrets = vec![token, "PRIVATE KEY".to_owned()];
        secrets.extend(known);
        Ground { world, secrets }
    }

    /// The command that begins the deployment.
    pub fn first(&self) -> Vec<String> {
        let words = [
            "deploy",
            BOT,
            "--model",
            "claude-opus",
            "--yes",
            "--provider",
            "hetzner",
            "--image",
            golden_image("hetzner"),
            "--token-file",
        ];
        let token = self.world.home().join("token").to_string_lossy().into_owned();
        words.iter().map(|w| (*w).to_owned()).chain([token]).collect()
    }

    /// Demands that no secret stands in a text.
    pub fn demand_no_secret(&self, text: &str) -> Result<(), String> {
        match self.secrets.iter().find(|s| text.contains(s.as_str())) {
            Some(secret) => Err(format!("a secret was shown, which begins with {:.4}", secret)),
            None => Ok(()),
        }
    }

    /// What the store tells of the bot.
    pub fn status(&self) -> Value {
        self.world.json(&["status", BOT, "--quick"])
    }

    /// Demands that the store is whole.
    pub fn demand_whole_store(&self) -> Result<(), String> {
        let path = self
            .world
            .home()
            .join(".local/state/clawdwako/sandbox/profiles/default/store.db");
        let store = rusqlite::Connection::open(path).map_err(|e| e.to_string())?;
        let check: String = store
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .map_err(|e| e.to_string())?;
        (check == "ok")
            .then_some(())
            .ok_or(format!("the store is damaged: {check}"))
    }

    /// Runs a script on the server as its root; it must end well.
    #[track_caller]
    pub fn must(&self, script: &str) -> String {
        self.world.must_on_server(script)
    }

    fn host(&self, action: &str) {
        self.world.run(&["sandbox", "host", &self.world.host(), action]).ok();
    }

    fn http(&self, path: &str, how: &[&str]) {
        self.world
            .run(&[&["sandbox", "fault", "http", path], how].concat())
            .ok();
    }

    /// The agent's unit.
    fn unit(&self) -> String {
        let user = self.status()["agent"]["facts"]["user"].as_str().unwrap().to_owned();
        format!("clawdwako-{user}.service")
    }

    /// Lets a fault happen before the step begins.
    pub fn arm(&self, fault: Fault) {
        match fault {
            Fault::SshLate => drop(self.must(scripts::SSH_LATE)),
            Fault::HostKey => drop(self.must(scripts::ANOTHER_HOST_KEY)),
            Fault::DiskFull => self.host("fill-disk"),
            Fault::Memory => drop(self.must(scripts::MEMORY_HOG)),
            Fault::PackagesBusy => drop(self.must(&scripts::LOCKS.replace("SECONDS", "8"))),
            Fault::PackagesHeld => drop(self.must(&scripts::LOCKS.replace("SECONDS", "3600"))),
            Fault::RegistryDown => self.http("/npm/*", &["--status", "503", "--times", "999999"]),
            Fault::NpmKilled => drop(self.must(scripts::KILL_NPM)),
            Fault::BadArchive => {
                self.must("rm -rf /opt/clawdwako/node/*");
                self.http("/node/v*/node-*", &["--kind", "bad-json", "--times", "9"]);
            }
            Fault::AgentKilled => drop(self.must(&format!("systemctl kill -s KILL {}", self.unit()))),
            Fault::AgentCrashes => drop(self.must(&scripts::CRASHES.replace("UNIT", &self.unit()))),
            Fault::AgentStarves => drop(self.must(&scripts::STARVES.replace("UNIT", &self.unit()))),
            Fault::AgentHangs => drop(self.must(&format!("systemctl kill -s STOP {}", self.unit()))),
            Fault::BadConfig => {
                let unit = self.unit();
                let user = unit.trim_start_matches("clawdwako-").trim_end_matches(".service");
                self.must(&format!(
                    "echo '{{' >/var/lib/clawdwako/{user}/openclaw.json; systemctl restart {unit}"
                ));
            }
            Fault::TelegramRefuses => self.agent_meets("/telegram/*", &["--status", "401", "--times", "999999"]),
            Fault::TelegramConflict => {
                self.agent_meets("/telegram/*/getUpdates", &["--status", "409", "--times", "999999"]);
            }
            Fault::TelegramLimits => self.agent_meets("/telegram/*", &["--kind", "rate-limit", "--times", "2"]),
            Fault::KeyRefused => self.http("/anthropic/*", &["--status", "401", "--times", "999999"]),
            Fault::NoCredit => self.http("/anthropic/*", &["--kind", "no-credit", "--times", "999999"]),
            Fault::ModelUnknown => self.http("/anthropic/*", &["--status", "404", "--times", "999999"]),
            Fault::ModelSlow => self.http("/anthropic/*", &["--kind", "slow", "--times", "999999"]),
            Fault::Blackhole | Fault::Reset | Fault::Reboot | Fault::PowerCut => {
                unreachable!("{fault:?} strikes within")
            }
        }
    }

    /// A fault of Telegram's that the agent meets from its start.
    fn agent_meets(&self, path: &str, how: &[&str]) {
        let unit = self.unit();
        self.must(&format!("systemctl kill -s KILL {unit}; systemctl stop {unit}"));
        self.http(path, how);
        self.must(&format!("systemctl reset-failed {unit}; systemctl start {unit}"));
    }

    /// Lets a fault happen while a step's session is open. Answers when it is to be mended by
    /// itself, if it is.
    pub fn strike(&self, fault: Fault) -> Option<Duration> {
        match fault {
            Fault::Blackhole => {
                self.host("blackhole");
                Some(BLACKHOLE)
            }
            Fault::Reset => {
                self.host("reset");
                Some(RESET)
            }
            Fault::Reboot => {
                self.host("reboot");
                None
            }
            Fault::PowerCut => {
                self.host("power-off");
                Some(OFF)
            }
            _ => unreachable!("{fault:?} strikes before"),
        }
    }

    /// Ends a fault; what is over already stays so.
    pub fn mend(&self, fault: Fault) {
        match fault {
            Fault::HostKey => drop(self.must(scripts::OWN_HOST_KEY)),
            Fault::Blackhole | Fault::Reset => self.host("restore"),
            Fault::PowerCut => self.host("power-on"),
            Fault::DiskFull => self.host("free-disk"),
            Fault::Memory => drop(self.must("systemctl stop fault-memory")),
            Fault::PackagesHeld => drop(self.must("systemctl stop fault-locks")),
            Fault::AgentCrashes | Fault::AgentStarves => {
                self.must(&scripts::UNIT_AS_IT_WAS.replace("UNIT", &self.unit()));
            }
            Fault::AgentHangs => drop(self.must(&format!("systemctl kill -s CONT {}", self.unit()))),
            Fault::BadArchive
            | Fault::RegistryDown
            | Fault::TelegramRefuses
            | Fault::TelegramConflict
            | Fault::TelegramLimits
            | Fault::KeyRefused
            | Fault::NoCredit
            | Fault::ModelUnknown
            | Fault::ModelSlow => drop(self.world.run(&["sandbox", "fault", "clear"]).ok()),
            // Over by itself, or for `resume` to mend.
            Fault::SshLate
            | Fault::Reboot
            | Fault::PackagesBusy
            | Fault::NpmKilled
            | Fault::AgentKilled
            | Fault::BadConfig => {}
        }
    }

    /// Restarts the server at its provider.
    pub fn restart(&self) {
        self.host("reboot");
    }

    /// What must hold besides after a failure.
    pub fn demand_nothing_half_made(&self, fault: Fault, step: Step) -> Result<(), String> {
        let find = match fault {
            Fault::BadArchive => "find /opt/clawdwako/node -mindepth 1 -maxdepth 1 ! -name '.new-*'",
            Fault::DiskFull => "find /etc/systemd/system -name 'clawdwako*' -empty",
            _ => return Ok(()),
        };
        let there = self.must(find);
        match there.is_empty() {
            true => Ok(()),
            false => Err(format!("{} left {there}", step.name())),
        }
    }

    /// Says something to the bot.
    pub fn demand_answer(&self) -> Result<(), String> {
        let said = self.world.run(&["sandbox", "chat", BOT, "alive?", "--sandbox"]);
        match said.code == Some(0) && said.out.contains("alive?") {
            true => Ok(()),
            false => Err(format!("the bot does not answer: {said:?}")),
        }
    }
}
