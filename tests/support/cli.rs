//! Runs the real binary in a home of its own.

use clawdwako::secrets::master;
use clawdwako::store::Store;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A home of its own, with an environment that holds nothing of the developer's.
pub struct Home {
    dir: TempDir,
    env: Vec<(String, String)>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// The binary under test; `CLAWDWAKO_TEST_BINARY` names another one, such as that of an older
/// version, to see a test of an attack fail there.
pub fn binary() -> PathBuf {
    if let Some(other) = std::env::var_os("CLAWDWAKO_TEST_BINARY") {
        return other.into();
    }
    assert_cmd::cargo::cargo_bin!("clawdwako").to_owned()
}

/// The top of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Home {
    pub fn new() -> Home {
        Home {
            dir: tempfile::tempdir().unwrap(),
            env: Vec::new(),
        }
    }

    /// Sets an environment variable for all runs.
    pub fn env(mut self, name: &str, value: &str) -> Home {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file below the home.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The store of this home's own bots.
    pub async fn store(&self) -> Store {
        self.store_below("").await
    }

    /// The embedded store of a control server in this home.
    pub async fn server_store(&self) -> Store {
        self.store_below("server").await
    }

    async fn store_below(&self, name: &str) -> Store {
        let dir = self.path().join("clawdwako/state/profiles/default").join(name);
        std::fs::create_dir_all(&dir).unwrap();
        let sealer = master::load(&dir, None).unwrap();
        Store::open(&dir.join("store.db"), sealer).await.unwrap()
    }

    /// The command, ready to run: no terminal, everything below this home.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("CLAWDWAKO_HOME", self.path().join("clawdwako"))
            .env("RUST_BACKTRACE", "0")
            .env("TZ", "UTC")
            .envs(self.env.iter().map(|(k, v)| (k, v)))
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    /// Runs with this on standard input.
    pub fn run_with(&self, args: &[&str], input: &str) -> Ran {
        use std::io::Write;
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The command may end before it has read everything.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Ran::of(child.wait_with_output().unwrap())
    }
}

impl Ran {
    fn of(output: std::process::Output) -> Ran {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran {
            code: output.status.code().expect("not ended by a signal"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// The one JSON document on standard output.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("no JSON document ({e}): {self:?}"))
    }

    /// Checks that it ended well.
    #[track_caller]
    pub fn ok(self) -> Ran {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

/// Every command of the grammar, as the words that call it, hidden ones left out.
pub fn all_commands() -> Vec<Vec<String>> {
    fn walk(command: &clap::Command, words: &[String], found: &mut Vec<Vec<String>>) {
        found.push(words.to_vec());
        for sub in command.get_subcommands().filter(|s| !s.is_hide_set()) {
            let mut words = words.to_vec();
            words.push(sub.get_name().to_owned());
            walk(sub, &words, found);
        }
    }
    let mut found = Vec::new();
    let grammar = <clawdwako::cli::args::Cli as clap::CommandFactory>::command();
    walk(&grammar, &[], &mut found);
    found
}
