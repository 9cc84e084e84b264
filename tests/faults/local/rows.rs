//! The rows of the local ground: what goes wrong on the user's own machine.

use super::ground::Local;
use crate::e2e::world::Story;
use clawdwako::deploy::Step;
use rustix::process::Signal;
use serde_json::Value;
use std::process::Command;
use std::time::Duration;

/// How long the other writer keeps the store: longer than a command waits for it.
const KEPT: Duration = Duration::from_secs(30);

/// What goes wrong when a step begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Ctrl-C.
    Interrupt,
    /// A polite end, as a service manager asks for it.
    Terminate,
    /// The terminal was closed.
    Hangup,
    /// `kill -9`, or a power cut.
    Kill,
    /// Whoever read the output went away.
    ReaderGone,
    /// The same command a second time, while the first one runs.
    Twice,
    /// No room on the disk.
    DiskFull,
    /// The disk can only be read when the command is given again.
    ReadOnly,
    /// Another process writes to the store, and does not end.
    StoreLocked,
    /// A newer version of the program made the store what it is.
    NewerStore,
    /// The store's first page is no more.
    NoStore,
    /// Some of the store's pages are overwritten.
    BadPages,
}

impl Fault {
    pub const ALL: &[Fault] = &[
        Fault::Interrupt,
        Fault::Terminate,
        Fault::Hangup,
        Fault::Kill,
        Fault::ReaderGone,
        Fault::Twice,
        Fault::DiskFull,
        Fault::ReadOnly,
        Fault::StoreLocked,
        Fault::NewerStore,
        Fault::NoStore,
        Fault::BadPages,
    ];

    /// Whether it needs a disk of its own.
    pub fn needs_disk(self) -> bool {
        matches!(self, Fault::DiskFull | Fault::ReadOnly)
    }

    /// Whether it takes longer than some seconds.
    pub fn is_slow(self) -> bool {
        self == Fault::StoreLocked
    }

    /// Lets it happen to a deployment whose step has just begun, and mends it again.
    pub fn strike(self, local: &Local, mut story: Story, step: Step) -> Result<(), String> {
        match self {
            Fault::Interrupt => ends(local, story, Signal::INT, Some(130)),
            Fault::Terminate => ends(local, story, Signal::TERM, Some(130)),
            Fault::Hangup => ends(local, story, Signal::HUP, None),
            Fault::Kill => ends(local, story, Signal::KILL, None),
            Fault::ReaderGone => reader_gone(local, story),
            Fault::Twice => twice(local, story, step),
            Fault::DiskFull => {
                let fill = local.dir().join("fill");
                story.frozen(|| {
                    // It ends with an error: that is what is wanted.
                    let _ = std::fs::write(&fill, vec![0; 64 << 20]);
                });
                let told = told(local, &mut story, &["store", "io"], step);
                std::fs::remove_file(fill).unwrap();
                told
            }
            Fault::StoreLocked => {
                let holder = rusqlite::Connection::open(local.store()).unwrap();
                holder.busy_timeout(KEPT).unwrap();
                holder.execute_batch("BEGIN IMMEDIATE").unwrap();
                let told = told(local, &mut story, &["busy"], step);
                holder.execute_batch("ROLLBACK").unwrap();
                told
            }
            Fault::ReadOnly => {
                story.kill();
                remount(local, "ro");
                let refused = refused(local, &["store", "io"]);
                remount(local, "rw");
                refused
            }
            Fault::NewerStore => {
                story.kill();
                let sql = |sql| {
                    let store = rusqlite::Connection::open(local.store()).unwrap();
                    assert_eq!(store.execute(sql, []).unwrap(), 1);
                };
                sql("INSERT INTO migrations (number, name, applied_at) VALUES (9999, 'later', 0)");
                let refused = refused(local, &["store"]);
                sql("DELETE FROM migrations WHERE number = 9999");
                refused
            }
            Fault::NoStore => {
                story.kill();
                damaged(local, |bytes| bytes[..4096].fill(b'x'))
            }
            Fault::BadPages => {
                story.kill();
                damaged(local, |bytes| bytes[4096..].fill(0xff))
            }
        }
    }
}

/// A signal ends it with this code (none: by the signal itself).
fn ends(local: &Local, mut story: Story, signal: Signal, expected: Option<i32>) -> Result<(), String> {
    story.signal(signal);
    let code = story.code();
    if code != expected {
        return Err(format!("ended with {code:?}, not {expected:?}: {}", story.last));
    }
    if expected.is_some() {
        named(&story.last, &["interrupted"])?;
    }
    local.demand_no_secret(&story.told)
}

/// It goes on without a reader.
fn reader_gone(local: &Local, story: Story) -> Result<(), String> {
    let mut process = story.unread();
    let begun = std::time::Instant::now();
    let waits = || {
        let status = local.run(&["status", "demo", "--quick", "--json"]);
        let steps = status.json()["steps"].as_array().cloned().unwrap_or_default();
        steps.iter().any(|s| s["name"] == "wait_server")
    };
    let came = loop {
        if waits() {
            break Ok(());
        }
        if let Some(code) = process.try_wait().unwrap() {
            break Err(format!("ended with {code} since nobody reads"));
        }
        if begun.elapsed() > Duration::from_secs(40) {
            break Err("does not go on since nobody reads".to_owned());
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    process.kill().unwrap();
    process.wait().unwrap();
    came
}

/// The second one waits for the first and begins nothing, and takes over when that dies. Where there
/// was nothing yet to go on with it may be told instead that the first one is at work.
fn twice(local: &Local, mut first: Story, step: Step) -> Result<(), String> {
    let mut second = local.deploy();
    if first.last["step"] != "wait_server" && !first.until("step_started", "wait_server") {
        return Err(format!("the first did not go on: {}", first.last));
    }
    // The first one lives for as long as its server is being made: far longer than this.
    let waits = loop {
        match second.next() {
            Some(event) if event["kind"] == "warning" => break true,
            Some(event) if event["kind"] == "step_started" => return Err(format!("beside the first: {event}")),
            Some(_) => {}
            None => break false,
        }
    };
    first.kill();
    if !waits {
        // Its deployment had made something before the second one came.
        return match step {
            Step::CreateFirewall | Step::CreateServer | Step::WaitServer => {
                Err(format!("it does not wait for the first: {}", second.last))
            }
            _ => named(&second.last, &["busy"]),
        };
    }
    let came = second.until("step_started", "wait_server");
    let (told, last) = (second.told.clone(), second.last.clone());
    second.kill();
    local.demand_no_secret(&told)?;
    match came {
        true => Ok(()),
        false => Err(format!("it does not take over: {last}")),
    }
}

/// The command that runs ends with a named error, or comes so far that it does not matter.
fn told(local: &Local, story: &mut Story, codes: &[&str], step: Step) -> Result<(), String> {
    if step != Step::WaitServer && story.until("step_started", Step::WaitServer.name()) {
        story.signal(Signal::KILL);
        story.code();
        return Ok(());
    }
    match story.code() {
        Some(1) => {}
        other => return Err(format!("ended with {other:?}: {}", story.last)),
    }
    local.demand_no_secret(&story.told)?;
    named(&story.last, codes)
}

/// The command given again is refused with a named error, and nothing is made.
fn refused(local: &Local, codes: &[&str]) -> Result<(), String> {
    let before = local.at_cloud();
    let ended = local.deploy_to_its_end();
    if ended.code != 1 {
        return Err(format!("was not refused: {ended:?}"));
    }
    local.demand_no_secret(&format!("{}{}", ended.out, ended.err))?;
    let last = ended.out.lines().last().unwrap_or_default();
    named(
        &serde_json::from_str(last).map_err(|e| format!("{e}: {ended:?}"))?,
        codes,
    )?;
    match local.at_cloud() == before {
        true => Ok(()),
        false => Err("it changed something at the cloud".into()),
    }
}

/// The same with a store whose file is changed; then it is put back.
fn damaged(local: &Local, damage: impl Fn(&mut [u8])) -> Result<(), String> {
    let path = local.store();
    // Everything in the one file.
    let store = rusqlite::Connection::open(&path).unwrap();
    let _: i64 = store
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .unwrap();
    drop(store);
    let whole = std::fs::read(&path).unwrap();
    let mut bytes = whole.clone();
    damage(&mut bytes);
    std::fs::write(&path, bytes).unwrap();
    let refused = refused(local, &["store"]);
    for log in ["-wal", "-shm"] {
        let mut name = path.clone().into_os_string();
        name.push(log);
        let _ = std::fs::remove_file(name);
    }
    std::fs::write(&path, whole).unwrap();
    refused
}

fn remount(local: &Local, how: &str) {
    let mut mount = Command::new("mount");
    crate::support::tools::run(mount.args(["-o", &format!("remount,{how}")]).arg(local.dir()));
}

/// A document that is a named error with a hint.
fn named(document: &Value, codes: &[&str]) -> Result<(), String> {
    let error = &document["error"];
    let hint = error["hint"].as_str().unwrap_or_default();
    match error["code"].as_str() {
        Some(code) if codes.contains(&code) && !hint.is_empty() => Ok(()),
        _ => Err(format!("no named error of {codes:?} with a hint: {document}")),
    }
}
