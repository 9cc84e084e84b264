//! Runs the scripts of `assets/sandbox/` on this machine.

use crate::error::{Error, Kind, Result};
use std::ffi::OsStr;
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::process::Command;

/// How many of a failed script's last lines go into the error.
const LAST_LINES: usize = 8;

/// A script to run here. Its parameters are environment variables, never part of its text.
pub struct Shell {
    name: &'static str,
    command: Command,
    deadline: Duration,
}

impl Shell {
    /// A script with a name for messages; a minute's time.
    pub fn new(name: &'static str, body: &'static str) -> Self {
        Shell::wrapped(name, &[], body)
    }

    /// The same, run by another command, such as `unshare --mount --`.
    pub fn wrapped(name: &'static str, wrapper: &[&str], body: &'static str) -> Self {
        let mut words = wrapper
            .iter()
            .copied()
            .chain(["bash", "-euo", "pipefail", "-c", body, name]);
        let mut command = Command::new(words.next().unwrap_or("bash"));
        command.args(words).stdin(Stdio::null()).kill_on_drop(true);
        Shell {
            name,
            command,
            deadline: Duration::from_secs(60),
        }
    }

    /// Sets a parameter.
    #[must_use]
    pub fn var(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets the deadline.
    #[must_use]
    pub fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Runs it and answers its standard output.
    ///
    /// # Errors
    /// `io` with its last lines if it fails or cannot be started; `timeout` after its deadline.
    pub async fn run(self) -> Result<String> {
        let name = self.name;
        let output = self.output().await?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(failed(name, &output))
    }

    /// Runs it and answers whatever came of it.
    ///
    /// # Errors
    /// `io` if it cannot be started; `timeout` after its deadline.
    pub async fn output(mut self) -> Result<Output> {
        let (name, deadline) = (self.name, self.deadline);
        match tokio::time::timeout(deadline, self.command.output()).await {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(e)) => {
                Err(Error::new(Kind::Io, format!("the sandbox's script {name} could not be started")).because(e))
            }
            Err(_) => Err(Error::new(
                Kind::Timeout,
                format!(
                    "the sandbox's script {name} was not done after {} s",
                    deadline.as_secs()
                ),
            )),
        }
    }
}

/// The error for a script that failed, with the last lines that it wrote.
pub fn failed(name: &str, output: &Output) -> Error {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    let last = lines[lines.len().saturating_sub(LAST_LINES)..].join("\n");
    let how = output
        .status
        .code()
        .map_or_else(|| "a signal".to_owned(), |c| format!("exit code {c}"));
    Error::new(
        Kind::Io,
        format!("the sandbox's script {name} ended with {how}: {last}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn parameters_are_not_code_and_failures_show_the_last_lines() {
        let out = Shell::new("a", "echo \"$X\"")
            .var("X", "$(id); 'q")
            .run()
            .await
            .unwrap();
        assert_eq!(out, "$(id); 'q\n");
        let e = Shell::new("b", "echo no such disk >&2; exit 3")
            .run()
            .await
            .unwrap_err();
        assert!(
            e.message().contains("exit code 3") && e.message().contains("no such disk"),
            "{e}"
        );
        let e = Shell::new("c", "sleep 30")
            .within(Duration::from_millis(50))
            .run()
            .await
            .unwrap_err();
        assert_eq!(e.kind(), Kind::Timeout);
        assert!(
            Shell::new("d", "echo $UNSET_VARIABLE").run().await.is_err(),
            "unset parameters are errors"
        );
    }
}
