//! A control server as a process of its own, which can be killed.

use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// One control server; killed as by a power cut when it is dropped.
pub struct Replica {
    child: Child,
    log: File,
    pub api: SocketAddr,
    pub metrics: SocketAddr,
}

impl Replica {
    /// Starts one by a command that knows its home, with a config file and more arguments, and
    /// waits until it listens.
    pub fn start(mut command: Command, config: &Path, more: &[&str]) -> Replica {
        let mut log = tempfile::tempfile().unwrap();
        let mut child = command
            .args(["server", "run", "--json", "--listen", "127.0.0.1:0"])
            .args(["--metrics-listen", "127.0.0.1:0", "--config"])
            .arg(config)
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.try_clone().unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}{}", whole(&mut log)));
        let at = |what: &str| told["listening"][what].as_str().unwrap().parse().unwrap();
        Replica {
            api: at("api"),
            metrics: at("metrics"),
            child,
            log,
        }
    }

    /// Its process number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What the kernel tells of it: a line of `/proc/PID/status`, in kB.
    pub fn memory_kb(&self, line: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let value = status.lines().find_map(|l| l.strip_prefix(line)).unwrap();
        value
            .trim_start_matches(':')
            .trim_end_matches("kB")
            .trim()
            .parse()
            .unwrap()
    }

    /// Asks it to end, as an operator does.
    pub fn terminate(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    /// Waits until it has ended well, at most so long; answers how long that took.
    pub fn ended_within(&mut self, most: Duration) -> Duration {
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert_eq!(status.code(), Some(0), "{}", whole(&mut self.log));
                return since.elapsed();
            }
            assert!(since.elapsed() < most, "it did not end: {}", whole(&mut self.log));
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it as an operator does, and demands that it ends well; answers its log.
    pub fn stop(mut self) -> String {
        self.terminate();
        let code = self.child.wait().unwrap().code();
        let log = whole(&mut self.log);
        assert_eq!(code, Some(0), "{log}");
        log
    }
}

/// Everything that is in a file.
fn whole(file: &mut File) -> String {
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
