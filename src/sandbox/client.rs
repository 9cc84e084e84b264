//! What the command line uses: starts the sandbox's process, finds it, asks it.

use super::address::{WorldRecord, variables};
use super::cache::Cache;
use super::hosts::{HostStatus, Network};
use super::world::Credentials;
use super::{daemon, image, prerequisites};
use crate::error::{Error, Kind, Result};
use crate::http::{Call, Endpoints, Http};
use crate::secrets::Secret;
use reqwest::Method;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// How long the process may take until it listens, with the base image there.
const START: Duration = Duration::from_secs(60);
/// How long it may take to remove its servers.
const END: Duration = Duration::from_secs(120);
/// How long one control call may take: an orderly reboot waits for what runs on the server.
const CALL: Duration = Duration::from_secs(150);
/// Between looks at whether something has happened.
const PAUSE: Duration = Duration::from_millis(10);

/// A sandbox that runs.
#[derive(Debug, Clone)]
pub struct Running {
    record: WorldRecord,
    credentials: Credentials,
    http: Http,
}

/// What a sandbox tells of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Status {
    /// Its process.
    pub pid: u32,
    /// For how long it has run, in seconds.
    pub uptime_s: u64,
    /// Its servers.
    pub servers: Vec<HostStatus>,
}

/// A server that was booted as if somebody had it already.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Existing {
    /// Its id.
    pub id: String,
    /// Its address.
    pub ipv4: String,
    /// Its public host key, one OpenSSH line.
    pub host_key: String,
    /// The same as OpenSSH shows it.
    pub fingerprint: String,
}

/// What can be done to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostAction {
    /// Reboots it the orderly way.
    Reboot,
    /// Switches it on.
    PowerOn,
    /// Cuts its power.
    PowerOff,
    /// Fills its disk.
    FillDisk,
    /// Frees what was filled.
    FreeDisk,
    /// Cuts or restores its network.
    Network(Network),
    /// Removes it.
    Delete,
}

/// The command that becomes the sandbox's process.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
}

impl Launch {
    /// This program's own hidden verb.
    ///
    /// # Errors
    /// `io` if the system does not tell where this program is.
    pub fn own(dir: &Path, cache: &Path) -> Result<Launch> {
        let args = [
            "sandbox".into(),
            "serve".into(),
            "--dir".into(),
            dir.into(),
            "--cache".into(),
            cache.into(),
        ];
        Ok(Launch {
            program: std::env::current_exe()?,
            args: args.into(),
        })
    }
}

/// Finds the running sandbox of a folder, or starts one; what a dead one left is removed.
///
/// # Errors
/// `unsupported` with what is missing; `io` with the last lines of its log if it dies.
pub async fn up(dir: &Path, cache: &Path, yes: bool, on_progress: &mut (dyn FnMut(&str) + Send)) -> Result<Running> {
    up_with(&Launch::own(dir, cache)?, dir, cache, yes, on_progress).await
}

/// The same with another command.
///
/// # Errors
/// As [`up`].
pub async fn up_with(
    launch: &Launch,
    dir: &Path,
    cache: &Path,
    yes: bool,
    on_progress: &mut (dyn FnMut(&str) + Send),
) -> Result<Running> {
    if let Some(running) = find(dir).await? {
        return Ok(running);
    }
    prerequisites::ensure(yes, on_progress).await?;
    image::base(&Cache::open(cache)?, on_progress).await?;
    crate::private::folder(dir)?;
    let log_path = dir.join("sandbox.log");
    let log = crate::private::open_or_create(&log_path)?;
    // What the one before told is over.
    log.set_len(0)?;
    // A session of its own: it outlives this terminal.
    let mut child = tokio::process::Command::new("setsid")
        .arg(&launch.program)
        .args(&launch.args)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .current_dir("/")
        .spawn()
        .map_err(|e| Error::new(Kind::Io, "the sandbox's process could not be started").because(e))?;
    let start = Instant::now();
    while start.elapsed() < START {
        if let Some(running) = find(dir).await? {
            return Ok(running);
        }
        // Another command may have started it at the same time: then ours ends, and theirs is found.
        if child.try_wait()?.is_some() && !is_held(dir) {
            return match find(dir).await? {
                Some(running) => Ok(running),
                None => Err(Error::new(
                    Kind::Io,
                    format!("the sandbox ended at once: {}", last_lines(&log_path)),
                )
                .hint(format!("its whole log is {}", log_path.display()))),
            };
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(Error::new(
        Kind::Timeout,
        format!(
            "the sandbox did not start within {} s: {}",
            START.as_secs(),
            last_lines(&log_path)
        ),
    ))
}

/// Finds the running sandbox of a folder.
///
/// # Errors
/// `network` if it runs but does not answer.
pub async fn find(dir: &Path) -> Result<Option<Running>> {
    let Some(record) = super::record::read::<WorldRecord>(&WorldRecord::path(dir))? else {
        return Ok(None);
    };
    if !record.process.alive() {
        return Ok(None);
    }
    #[derive(Deserialize)]
    struct Env {
        credentials: Credentials,
    }
    let http = Http::new()?.with_pause(Duration::from_millis(50));
    let env: Env = match call(&http, &record, Method::GET, "env", None).await {
        Ok(env) => env,
        // It was just ending.
        Err(_) if !record.process.alive() => return Ok(None),
        Err(e) => return Err(e),
    };
    Ok(Some(Running {
        record,
        credentials: env.credentials,
        http,
    }))
}

/// Ends the sandbox of a folder, or removes what a dead one left; answers whether one ran.
///
/// # Errors
/// `timeout` if it does not end; `io` if something stays.
pub async fn down(dir: &Path) -> Result<bool> {
    let Some(running) = find(dir).await? else {
        daemon::clear_dead(dir).await?;
        return Ok(false);
    };
    running.post("shutdown", None).await?;
    let start = Instant::now();
    while running.record.process.alive() {
        if start.elapsed() > END {
            return Err(Error::new(
                Kind::Timeout,
                format!("the sandbox has not ended after {} s", END.as_secs()),
            )
            .hint(format!("look at {}", dir.join("sandbox.log").display())));
        }
        tokio::time::sleep(PAUSE).await;
    }
    // Nothing is left to do if it ended well.
    daemon::clear_dead(dir).await?;
    Ok(true)
}

impl Running {
    /// The addresses that take the place of the outside world's.
    ///
    /// # Errors
    /// `internal` never, in practice.
    pub fn endpoints(&self) -> Result<Endpoints> {
        self.record.endpoints()
    }

    /// The credentials that are accepted there.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Both as environment variables.
    ///
    /// # Errors
    /// `internal` never, in practice.
    pub fn variables(&self) -> Result<BTreeMap<String, String>> {
        Ok(variables(&self.endpoints()?, &self.credentials))
    }

    /// What runs in it.
    ///
    /// # Errors
    /// `network` if it has ended.
    pub async fn status(&self) -> Result<Status> {
        call(&self.http, &self.record, Method::GET, "status", None).await
    }

    /// Boots a server as if somebody had it already; answers once its SSH does.
    ///
    /// # Errors
    /// `timeout` with the last lines of its console.
    pub async fn boot_existing(
        &self,
        hostname: &str,
        authorized_keys: &[String],
        memory_mb: i64,
        image: &str,
    ) -> Result<Existing> {
        let body = json!({
            "hostname": hostname, "authorized_keys": authorized_keys, "memory_mb": memory_mb, "image": image,
        });
        call(&self.http, &self.record, Method::POST, "hosts", Some(body)).await
    }

    /// Does something to a server.
    ///
    /// # Errors
    /// `not_found`; `wrong_state` if it is off.
    pub async fn host_action(&self, id: &str, action: HostAction) -> Result<()> {
        let (word, body) = match action {
            HostAction::Reboot => ("reboot", None),
            HostAction::PowerOn => ("power-on", None),
            HostAction::PowerOff => ("power-off", None),
            HostAction::FillDisk => ("fill-disk", None),
            HostAction::FreeDisk => ("free-disk", None),
            HostAction::Network(how) => ("network", Some(json!({"how": how}))),
            HostAction::Delete => {
                let path = format!("hosts/{id}");
                return call::<Value>(&self.http, &self.record, Method::DELETE, &path, None)
                    .await
                    .map(drop);
            }
        };
        self.post(&format!("hosts/{id}/{word}"), body).await.map(drop)
    }

    /// Lets the next so many servers never boot.
    ///
    /// # Errors
    /// `network` if it has ended.
    pub async fn never_boot(&self, times: u32) -> Result<()> {
        self.post("hosts/never-boot", Some(json!({"times": times})))
            .await
            .map(drop)
    }

    /// Keeps Node and the agent of a server as the golden image; answers where.
    ///
    /// # Errors
    /// `not_found`; `wrong_state` if it is off; `io` if it has no agent.
    pub async fn keep_image(&self, id: &str) -> Result<Value> {
        self.post("image", Some(json!({"from": id}))).await
    }

    /// A control call of the stand-ins.
    ///
    /// # Errors
    /// What the route says.
    pub async fn control(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        call(&self.http, &self.record, method, path, body).await
    }

    async fn post(&self, path: &str, body: Option<Value>) -> Result<Value> {
        self.control(Method::POST, path, body).await
    }
}

async fn call<T: DeserializeOwned>(
    http: &Http,
    record: &WorldRecord,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Result<T> {
    let mut call = Call::new("the sandbox", method, record.control(path)?).bearer(&Secret::new(&record.token));
    call.deadline = CALL;
    if let Some(body) = body {
        call = call.json(body);
    }
    let answer = http.send(&call).await?;
    if answer.ok() {
        return answer.json("the sandbox");
    }
    let told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let error = &told["error"];
    let message = error["message"].as_str().unwrap_or("it gave no reason");
    let kind = match answer.status {
        401 => Kind::Auth,
        404 => Kind::NotFound,
        409 => Kind::State,
        422 => Kind::Usage,
        501 => Kind::Unsupported,
        504 => Kind::Timeout,
        _ => Kind::Upstream,
    };
    let e = Error::new(kind, format!("the sandbox refused: {message}"));
    Err(match error["hint"].as_str() {
        Some(hint) => e.hint(hint),
        None => e,
    })
}

/// Whether some process has the folder.
fn is_held(dir: &Path) -> bool {
    matches!(super::cache::try_lock(&dir.join("lock")), Ok(None))
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    match lines.len() {
        0 => "it wrote nothing".into(),
        n => lines[n.saturating_sub(5)..].join("\n"),
    }
}
