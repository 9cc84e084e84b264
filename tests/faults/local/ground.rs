//! The real binary in a home of its own, with the stand-ins of this process as its outside.

use crate::e2e::world::Story;
use crate::sandbox::stand_ins::{StandIns, read};
use crate::support::cli::{Home, Ran};
use clawdwako::sandbox::fault::{Kind, Rule};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

/// Long enough that a server is always still being made when the step that waits for it begins.
const SLOW: Duration = Duration::from_secs(10);
const QUICK: Duration = Duration::from_millis(20);
/// The size of the disk that the state directory is on.
const DISK: &str = "size=4m";

/// A home and its outside.
pub struct Local {
    stand_ins: StandIns,
    home: Home,
    token: String,
    _disk: Option<Disk>,
    runtime: Runtime,
}

/// A small disk; gone with this.
struct Disk(PathBuf);

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

impl Local {
    /// `disk`: whether what is kept is on a small disk of its own, which only root can make.
    pub fn new(disk: bool) -> Local {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (stand_ins, token) = runtime.block_on(async {
            let stand_ins = StandIns::start().await;
            let (token, _) = stand_ins.bot().await;
            // Where the tests run under `nohup`, what they start would ignore SIGHUP as they do. A
            // signal that is listened to is not handed on as ignored.
            let _ = signal(SignalKind::hangup()).unwrap();
            (stand_ins, token)
        });
        let keys = &stand_ins.world.credentials;
        let home = Home::new()
            .env("CLAWDWAKO_HETZNER_URL", &stand_ins.url("/hetzner/v1/"))
            .env("CLAWDWAKO_TELEGRAM_URL", &stand_ins.url("/telegram/"))
            .env("CLAWDWAKO_ANTHROPIC_URL", &stand_ins.url("/anthropic/"))
            .env("HETZNER_API_TOKEN", &keys.hetzner)
            .env("ANTHROPIC_API_KEY", &keys.anthropic);
        home.write("token", &token);
        let local = Local {
            _disk: disk.then(|| {
                let at = home.path().join("clawdwako");
                std::fs::create_dir(&at).unwrap();
                let mut mount = Command::new("mount");
                crate::support::tools::run(mount.args(["-t", "tmpfs", "-o", DISK, "tmpfs"]).arg(&at));
                Disk(at)
            }),
            stand_ins,
            home,
            token,
            runtime,
        };
        local.pace(SLOW);
        local
    }

    fn pace(&self, pace: Duration) {
        self.stand_ins.world.hetzner.lock().unwrap().set_pace(pace);
    }

    /// Has the cloud refuse every server, since the quota is reached.
    pub fn refuse_servers(&self) {
        self.stand_ins.world.faults.add(Rule {
            path: "/hetzner/v1/servers".into(),
            method: Some("POST".into()),
            times: u32::MAX,
            kind: Kind::Status(403),
            code: None,
            message: None,
        });
    }

    /// The folder that holds everything.
    pub fn dir(&self) -> PathBuf {
        self.home.path().join("clawdwako")
    }

    /// The store's file.
    pub fn store(&self) -> PathBuf {
        fn find(dir: &Path) -> Option<PathBuf> {
            std::fs::read_dir(dir)
                .ok()?
                .flatten()
                .find_map(|entry| match entry.path() {
                    path if path.is_dir() => find(&path),
                    path => path.ends_with("store.db").then_some(path),
                })
        }
        find(&self.dir()).expect("a store")
    }

    fn deploy_args(&self) -> Vec<String> {
        let token = self.home.path().join("token").display().to_string();
        let flags = "deploy demo --model claude-opus --provider hetzner --owner 42 --yes --json --token-file";
        let words = flags.split(' ').map(Into::into);
        words.chain([token]).collect()
    }

    fn command(&self, args: &[String]) -> Command {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        self.home.command(&args)
    }

    /// The command that the user gave, first or again.
    pub fn deploy(&self) -> Story {
        Story::of(self.command(&self.deploy_args()))
    }

    /// The same, to its end.
    pub fn deploy_to_its_end(&self) -> Ran {
        let args = self.deploy_args();
        self.home.run(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        self.home.run(args)
    }

    /// Servers, SSH keys and firewalls at the cloud.
    pub fn at_cloud(&self) -> [usize; 3] {
        let token = &self.stand_ins.world.credentials.hetzner;
        ["servers", "ssh_keys", "firewalls"].map(|list| {
            let url = self.stand_ins.url(&format!("/hetzner/v1/{list}"));
            let request = self.stand_ins.http.get(url).bearer_auth(token);
            let (_, answer) = self.runtime.block_on(read(request));
            answer[list].as_array().unwrap().len()
        })
    }

    /// Demands that none of the secrets is in a text.
    pub fn demand_no_secret(&self, text: &str) -> Result<(), String> {
        let keys = &self.stand_ins.world.credentials;
        let secrets = [self.token.as_str(), &keys.hetzner, &keys.anthropic, "PRIVATE KEY"];
        match secrets.iter().any(|s| text.contains(s)) {
            true => Err("a secret was printed".into()),
            false => Ok(()),
        }
    }

    /// Demands that the store is whole.
    pub fn demand_whole_store(&self) -> Result<(), String> {
        let store = rusqlite::Connection::open(self.store()).map_err(|e| e.to_string())?;
        let check: String = store
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .map_err(|e| e.to_string())?;
        match check.as_str() {
            "ok" => Ok(()),
            bad => Err(format!("the store is damaged: {bad}")),
        }
    }

    /// The same command again until the server is being made, then the end of it all.
    pub fn finish(&self) -> Result<(), String> {
        let mut story = self.deploy();
        let came = story.until("step_started", "wait_server");
        let (told, last) = (story.told.clone(), story.last.clone());
        story.kill();
        if !came {
            return Err(format!("the same command again does not go on: {last}"));
        }
        self.demand_no_secret(&told)?;
        self.demand_whole_store()?;
        match self.at_cloud() {
            [1, 1, 1] => {}
            other => return Err(format!("at the cloud: {other:?}")),
        }
        self.pace(QUICK);
        let ended = self.run(&["destroy", "demo", "--yes", "--json"]);
        match (ended.code, self.at_cloud()) {
            (0, [0, 0, 0]) => self.demand_whole_store(),
            (_, left) => Err(format!("after the destroy: {left:?} {ended:?}")),
        }
    }
}
