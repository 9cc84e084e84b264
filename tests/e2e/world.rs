//! A sandbox of its own for each test, driven through the real binary.

use crate::support::cli::binary;
use clawdwako::sandbox::{cache::Cache, image};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What lets a cloud's snapshot with Node and the agent be asked for (`sandbox image` keeps it).
pub fn golden_image(provider: &str) -> &'static str {
    if provider == "digitalocean" {
        "210000001"
    } else {
        "310000001"
    }
}

/// A sandbox, and a user's home that knows only this sandbox.
pub struct World {
    home: tempfile::TempDir,
    /// Where programs are looked for, if not where the test itself does.
    path: Option<OsString>,
}

/// How a run of the binary ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl World {
    /// A new home with its sandbox up.
    pub fn up() -> World {
        World::with_path(None)
    }

    /// The same, where the sandbox looks for its programs elsewhere.
    pub fn with_path(path: Option<OsString>) -> World {
        let world = World {
            home: tempfile::tempdir().unwrap(),
            path,
        };
        world.run(&["sandbox", "up", "--yes"]).ok();
        world
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The cache that all tests share: images and downloads.
    fn cache() -> PathBuf {
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")
    }

    /// The binary in this home, without a terminal.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.env_clear();
        for name in ["PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command
            .args(args)
            .env("HOME", self.home())
            .env("XDG_CACHE_HOME", World::cache())
            .env("RUST_BACKTRACE", "0")
            .envs(self.path.iter().map(|path| ("PATH", path)))
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, args: &[&str]) -> Ran {
        let output = self.command(args).output().unwrap();
        Ran {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs a verb in the sandbox with `--json`; answers its last document.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        self.run(&[args, &["--sandbox", "--json"]].concat()).ok().document()
    }

    /// Starts a verb in the sandbox with `--json`, its standard output to be read line by line.
    pub fn start(&self, args: &[&str]) -> Story {
        Story::of(self.command(&[args, &["--sandbox", "--json"]].concat()))
    }

    /// Says something to a bot and answers what it said.
    #[track_caller]
    pub fn chat(&self, name: &str, text: &str) -> String {
        self.run(&["sandbox", "chat", name, text, "--sandbox"]).ok().out
    }

    /// Asks until the answer is right; fails with the last one after the deadline.
    #[track_caller]
    pub fn until(&self, what: &str, deadline: Duration, mut look: impl FnMut() -> Result<(), String>) {
        let start = Instant::now();
        loop {
            match look() {
                Ok(()) => return,
                Err(last) if start.elapsed() > deadline => panic!("{what}: still {last} after {deadline:?}"),
                Err(_) => std::thread::sleep(Duration::from_millis(200)),
            }
        }
    }

    /// The sandbox's id of the one server that runs in it.
    #[track_caller]
    pub fn host(&self) -> String {
        let status = self.json(&["sandbox", "status"]);
        let servers = status["status"]["servers"].as_array().unwrap();
        assert_eq!(servers.len(), 1, "{status}");
        servers[0]["id"].as_str().unwrap().to_owned()
    }

    /// What is at a cloud, past our own client: servers, SSH keys, firewalls.
    pub fn at_cloud(&self, provider: &str) -> [usize; 3] {
        let env = self.json(&["sandbox", "env"]);
        let var = |name: &str| {
            env[name]
                .as_str()
                .unwrap_or_else(|| panic!("{name} in {env}"))
                .to_owned()
        };
        let (base, token, paths) = if provider == "digitalocean" {
            let paths = [
                ("droplets", "droplets"),
                ("account/keys", "ssh_keys"),
                ("firewalls", "firewalls"),
            ];
            (var("CLAWDWAKO_DIGITALOCEAN_URL"), var("DIGITALOCEAN_API_TOKEN"), paths)
        } else {
            let paths = [
                ("servers", "servers"),
                ("ssh_keys", "ssh_keys"),
                ("firewalls", "firewalls"),
            ];
            (var("CLAWDWAKO_HETZNER_URL"), var("HETZNER_API_TOKEN"), paths)
        };
        paths.map(|(path, field)| {
            let url = format!("{}/{path}", base.trim_end_matches('/'));
            let output = Command::new("curl")
                .args([
                    "-sf",
                    // The clouds limit this look too (keys: ten a minute): 429 is waited out.
                    "--retry",
                    "6",
                    "--max-time",
                    "10",
                    "-H",
                    &format!("Authorization: Bearer {token}"),
                    &url,
                ])
                .output()
                .unwrap();
            let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{url}: {e}"));
            answer[field].as_array().unwrap().len()
        })
    }

    /// Makes sure that the cache has the image with Node and the agent. Of tests that run side by
    /// side one makes it, and the others wait.
    pub fn need_golden(&self) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let cache = Cache::open(&World::cache().join("clawdwako/sandbox")).unwrap();
        let _maker = runtime.block_on(cache.exclusive("mould")).unwrap();
        if runtime.block_on(image::golden(&cache)).is_err() {
            self.deploy("mould", "hetzner", &[]);
            self.run(&["sandbox", "image", &self.host()]).ok();
            self.run(&["destroy", "mould", "--sandbox", "--yes"]).ok();
        }
    }

    /// Deploys a bot and answers the last document.
    #[track_caller]
    pub fn deploy(&self, name: &str, provider: &str, more: &[&str]) -> Value {
        let args = ["deploy", name, "--model", "claude-opus", "--yes"];
        let done = match provider {
            "existing" => self.json(&[&args, more].concat()),
            _ => self.json(&[&args, &["--provider", provider][..], more].concat()),
        };
        assert_eq!(done["bot"]["status"], "active", "{done}");
        done
    }

    /// Boots a server as if the user had it, and answers the flags that `deploy` takes for it.
    pub fn existing(&self, image: &str) -> Vec<String> {
        let made = self.json(&["sandbox", "server", "--image", image]);
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        vec![
            "--host".into(),
            text("host"),
            "--ssh-key".into(),
            text("ssh_key"),
            "--host-key".into(),
            text("host_key"),
        ]
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let ended = self.run(&["sandbox", "down"]);
        if !std::thread::panicking() {
            assert_eq!(ended.code, Some(0), "{ended:?}");
        }
    }
}

impl Ran {
    #[track_caller]
    pub fn ok(self) -> Ran {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// The last line of standard output as JSON, or the whole if it is one document.
    #[track_caller]
    pub fn document(&self) -> Value {
        let whole = serde_json::from_str(&self.out);
        whole
            .or_else(|_| serde_json::from_str(self.out.lines().last().unwrap_or_default()))
            .unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

/// A verb that runs, told by its events.
pub struct Story {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    errors: File,
    /// The last document that it printed.
    pub last: Value,
    /// Everything that it printed.
    pub told: String,
}

impl Story {
    /// Starts a command that prints JSON lines.
    pub fn of(mut command: Command) -> Story {
        let errors = tempfile::tempfile().unwrap();
        let piped = command.stdout(Stdio::piped()).stderr(errors.try_clone().unwrap());
        let mut child = piped.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Story {
            child,
            lines,
            errors,
            last: Value::Null,
            told: String::new(),
        }
    }

    /// The next event, or none at its end.
    pub fn next(&mut self) -> Option<Value> {
        let mut line = String::new();
        if self.lines.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        self.last = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
        self.told.push_str(&line);
        Some(self.last.clone())
    }

    /// Reads on until an event of a kind for a step.
    pub fn until(&mut self, kind: &str, step: &str) -> bool {
        while let Some(event) = self.next() {
            if event["kind"] == kind && event["step"] == step {
                return true;
            }
        }
        false
    }

    /// What it wrote to standard error, once it has ended.
    pub fn errors(&mut self) -> String {
        let mut text = String::new();
        self.errors.rewind().unwrap();
        self.errors.read_to_string(&mut text).unwrap();
        text
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Stops it where it is, does something, and lets it go on.
    pub fn frozen(&self, act: impl FnOnce()) {
        self.signal(Signal::STOP);
        act();
        self.signal(Signal::CONT);
    }

    /// Ends it at once, as a crash or a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Reads to its end; answers its exit code.
    pub fn end(mut self) -> (Option<i32>, Value) {
        let code = self.code();
        (code, self.last)
    }

    /// Reads to its end; answers its exit code, and none after a signal.
    pub fn code(&mut self) -> Option<i32> {
        while self.next().is_some() {}
        self.child.wait().unwrap().code()
    }

    /// Reads no more, so that what it prints from now on meets a closed pipe; answers the process.
    pub fn unread(self) -> Child {
        self.child
    }
}
