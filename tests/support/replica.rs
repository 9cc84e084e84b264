//! A control server as a process of its own, which can be killed.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// One control server; killed as by a power cut when it is dropped.
pub struct Replica {
    child: Child,
    pub api: SocketAddr,
}

impl Replica {
    /// Starts one by a command that knows its home, with a config file and more arguments, and
    /// waits until it listens.
    pub fn start(mut command: Command, config: &Path, more: &[&str]) -> Replica {
        let mut child = command
            .args(["server", "run", "--json", "--listen", "127.0.0.1:0"])
            .args(["--metrics-listen", "127.0.0.1:0", "--config"])
            .arg(config)
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let api = told["listening"]["api"].as_str().unwrap().parse().unwrap();
        Replica { child, api }
    }

    /// Its process number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as an operator does, and demands that it ends well.
    pub fn stop(mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
