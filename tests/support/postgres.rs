//! A real PostgreSQL for one test: its own data, its own port on 127.0.0.1, gone with the test.

use super::{port, tools};
use clawdwako::secrets::Secret;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long starting and stopping may take; both are well below a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server.
pub struct Postgres {
    bin: PathBuf,
    /// Holds the data and the log.
    dir: TempDir,
    port: u16,
    server: Child,
}

/// Where Debian puts the newest server's programs.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .filter_map(|e| Some((e.file_name().to_str()?.parse().ok()?, e.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().map(|(_, bin)| bin)
}

/// PostgreSQL refuses to run as root: then this user runs it.
fn other_user() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let ids = |name: &str| {
        let line = users.lines().find(|l| l.starts_with(&format!("{name}:")))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    Some(
        ids("postgres")
            .or_else(|| ids("nobody"))
            .expect("a user postgres or nobody"),
    )
}

/// A command as the server's user, which ends when the test's thread does.
fn as_server(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "QUIT"]);
    if let Some((user, group)) = other_user() {
        command.args([
            &format!("--reuid={user}"),
            &format!("--regid={group}"),
            "--clear-groups",
        ]);
    }
    command
        .arg("--")
        .arg(program)
        .current_dir("/")
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8");
    command
}

/// A folder that the server's user may enter.
fn folder() -> TempDir {
    let dir = tempfile::Builder::new()
        .prefix("clawdwako-postgres-")
        .tempdir()
        .unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    if let Some((user, group)) = other_user() {
        chown(dir.path(), Some(user), Some(group)).unwrap();
    }
    dir
}

/// An empty cluster, made once and copied for each server: a tenth of a second instead of more
/// than half of one.
fn template(bin: &Path) -> PathBuf {
    let version = bin.parent().and_then(Path::file_name).unwrap().to_str().unwrap();
    let template = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("postgres-{version}"));
    if !template.join("PG_VERSION").exists() {
        let dir = folder();
        tools::run(
            as_server(&bin.join("initdb"))
                .args(["--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C"])
                .args(["--auth=trust", "--username=clawdwako", "-D"])
                .arg(dir.path().join("data")),
        );
        // Whole or not at all; whoever comes second finds the first one's.
        let own = template.with_extension(std::process::id().to_string());
        copy(&dir.path().join("data"), &own);
        if fs::rename(&own, &template).is_err() {
            fs::remove_dir_all(&own).unwrap();
        }
    }
    template
}

fn copy(from: &Path, to: &Path) {
    tools::run(Command::new("cp").arg("-a").arg(from).arg(to));
}

impl Postgres {
    /// Starts one. `None` where PostgreSQL is not installed: the test is skipped then.
    pub fn start(test: &str) -> Option<Postgres> {
        let Some(bin) = programs() else {
            super::skip(test, "PostgreSQL is not installed (Debian: apt-get install postgresql)");
            return None;
        };
        let dir = folder();
        copy(&template(&bin), &dir.path().join("data"));
        let port = port::free();
        let server = spawn(&bin, dir.path(), port);
        let mut postgres = Postgres { bin, dir, port, server };
        postgres.wait_ready();
        Some(postgres)
    }

    /// The address for `DATABASE_URL`.
    pub fn url(&self) -> String {
        format!("postgres://clawdwako@127.0.0.1:{}/postgres", self.port)
    }

    /// Makes a database of its own, and answers the address for `DATABASE_URL`.
    pub fn database(&self, name: &str) -> Secret {
        let mut create = Command::new(self.bin.join("createdb"));
        create.args(["-h", "127.0.0.1", "-U", "clawdwako", "-p", &self.port.to_string(), name]);
        tools::run(&mut create);
        Secret::new(format!("postgres://clawdwako@127.0.0.1:{}/{name}", self.port))
    }

    /// Where it keeps its files, its log of changes too.
    pub fn files(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Ends it as a crash would (its `immediate` mode: nothing is finished, nothing is flushed)
    /// and starts it again on the same data and port.
    pub fn restart(&mut self) {
        self.crash();
        self.server = spawn(&self.bin, self.dir.path(), self.port);
        self.wait_ready();
    }

    /// Ends it as a crash would.
    pub fn crash(&mut self) {
        self.signal(rustix::process::Signal::QUIT);
        let since = Instant::now();
        while self.server.try_wait().unwrap().is_none() {
            assert!(since.elapsed() < PATIENCE, "PostgreSQL did not stop");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn signal(&mut self, signal: rustix::process::Signal) {
        // Only while it is ours: once it was waited for, its number may be somebody else's.
        if self.server.try_wait().unwrap().is_none() {
            let pid = rustix::process::Pid::from_child(&self.server);
            rustix::process::kill_process(pid, signal).unwrap();
        }
    }

    fn wait_ready(&mut self) {
        let since = Instant::now();
        let ready = |bin: &Path, port: u16| {
            let mut ask = Command::new(bin.join("pg_isready"));
            ask.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
            ask.status().unwrap().success()
        };
        while !ready(&self.bin, self.port) {
            if self.server.try_wait().unwrap().is_some() {
                // Processes of the one before may still be ending.
                self.server = spawn(&self.bin, self.dir.path(), self.port);
            }
            let log = || fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
            assert!(since.elapsed() < PATIENCE, "PostgreSQL did not start: {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn spawn(bin: &Path, dir: &Path, port: u16) -> Child {
    let log = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(dir.join("log"))
        .unwrap();
    as_server(&bin.join("postgres"))
        .arg("-D")
        .arg(dir.join("data"))
        .args(["-p", &port.to_string()])
        .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
        .args(["-c", "max_connections=200", "-c", "log_min_messages=warning"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.signal(rustix::process::Signal::QUIT);
        let _ = self.server.wait();
    }
}
