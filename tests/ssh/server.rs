//! OpenSSH's sshd on a loopback port, with its own host key, in a folder of its own.

use crate::support::port;
use clawdwako::model::SshTarget;
use clawdwako::secrets::Secret;
use clawdwako::ssh::{KeyPair, Session, generate};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a test waits for anything before it fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What root's shell reads when somebody signs in is this machine's, and may take its time.
const EMPTY_HOME: &str = "set -e\nmount -t tmpfs none ~root";

/// Whether the tests can run here; says so if not.
pub fn possible() -> bool {
    let ok = Path::new("/usr/sbin/sshd").exists() && rustix::process::geteuid().is_root();
    if !ok {
        crate::support::skip(
            "SSH to a real server",
            "needs root and OpenSSH's server (Debian: apt-get install openssh-server)",
        );
    }
    ok
}

/// What a server shall be like.
pub struct Plan {
    /// Further lines of its configuration.
    pub extra: String,
    /// Whether it accepts the user's key.
    pub accepts: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            extra: String::new(),
            accepts: true,
        }
    }
}

/// A server, maybe not started yet.
pub struct Server {
    pub dir: tempfile::TempDir,
    pub port: u16,
    pub host: KeyPair,
    pub user: KeyPair,
    child: Option<Child>,
}

impl Server {
    /// Writes everything that a server needs, without starting it.
    pub fn plan(plan: Plan) -> Server {
        std::fs::create_dir_all("/run/sshd").unwrap();
        let dir = tempfile::tempdir().unwrap();
        let (host, user) = (generate("host").unwrap(), generate("user").unwrap());
        let port = port::free();
        let at = |name: &str| dir.path().join(name);
        private(&at("host_key"), host.private.expose());
        std::fs::write(at("host_key.pub"), &host.public).unwrap();
        let accepted = if plan.accepts { user.public.as_str() } else { "" };
        std::fs::write(at("authorized_keys"), accepted).unwrap();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {key}\nAuthorizedKeysFile {keys}\nStrictModes no\n\
             PasswordAuthentication no\nUsePAM no\nPidFile none\nLogLevel VERBOSE\nMaxSessions 50\n{extra}\n",
            key = at("host_key").display(),
            keys = at("authorized_keys").display(),
            extra = plan.extra,
        );
        std::fs::write(at("config"), config).unwrap();
        Server {
            dir,
            port,
            host,
            user,
            child: None,
        }
    }

    /// A running server.
    pub fn start() -> Server {
        let mut server = Server::plan(Plan::default());
        server.launch();
        server
    }

    /// A running server with a journal of its own, which nothing else on this machine writes to.
    pub fn with_journal() -> Server {
        const SCRIPT: &str = r#"
            mkdir -p /run/systemd /run/log
            mount -t tmpfs none /run/systemd
            mount -t tmpfs none /run/log
            mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /run/log/journal
            printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nReadKMsg=no\nAudit=\n' \
                >/run/systemd/journald.conf.d/test.conf
            /lib/systemd/systemd-journald </dev/null >/dev/null 2>&1 &
            while [ ! -S /run/systemd/journal/socket ]; do sleep 0.05; done
            exec "$@"
        "#;
        let mut server = Server::plan(Plan::default());
        // Killing it ends everything that runs in there.
        let mut command = Command::new("unshare");
        command.args([
            "--mount",
            "--propagation",
            "private",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "bash",
            "-c",
            &format!("{EMPTY_HOME}\n{SCRIPT}"),
            "bash",
            "/usr/sbin/sshd",
        ]);
        server.spawn_as(command);
        server.wait();
        server
    }

    /// Replaces a line of its configuration, before it starts.
    pub fn set(&self, line: &str, by: &str) {
        let config = std::fs::read_to_string(self.path("config")).unwrap();
        assert!(config.contains(line), "{config}");
        std::fs::write(self.path("config"), config.replace(line, by)).unwrap();
    }

    /// Starts sshd and waits for its port.
    pub fn launch(&mut self) {
        self.spawn();
        self.wait();
    }

    fn wait(&self) {
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < end, "sshd does not come up: {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts sshd.
    pub fn spawn(&mut self) {
        let mut command = Command::new("unshare");
        let at_home = format!("{EMPTY_HOME}\nexec /usr/sbin/sshd \"$@\"");
        command.args(["--mount", "--propagation", "private", "bash", "-c", &at_home, "bash"]);
        self.spawn_as(command);
    }

    fn spawn_as(&mut self, mut command: Command) {
        let child = command
            .args(["-D", "-E"])
            .arg(self.path("log"))
            .arg("-f")
            .arg(self.path("config"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    pub fn target(&self) -> SshTarget {
        SshTarget {
            host: "127.0.0.1".into(),
            port: self.port,
            user: "root".into(),
        }
    }

    pub async fn session(&self) -> Session {
        self.connect(&self.host.public).await.unwrap()
    }

    pub async fn connect(&self, pin: &str) -> clawdwako::error::Result<Session> {
        Session::connect(&self.target(), &self.user.private, pin, PATIENCE).await
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Writes a file that only we may read.
pub fn private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// Waits until something is so.
pub async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < end, "waited 30 s for: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The command lines of all processes that hold a text.
pub fn processes_with(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let id = entry.file_name().to_string_lossy().into_owned();
        if !id.bytes().all(|b| b.is_ascii_digit()) || id == std::process::id().to_string() {
            continue;
        }
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        if line.contains(text) {
            found.push(line);
        }
    }
    found
}

pub fn secret(text: &str) -> Secret {
    Secret::new(text)
}
