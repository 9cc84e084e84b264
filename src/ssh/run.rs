//! Runs a script on a server and reads what it prints.

use super::client::Session;
use super::lines::{Splitter, Story};
use super::script::{Output, Script};
use super::supervise::{self, OVERDUE};
use crate::error::{Error, Kind, Result};
use futures_util::FutureExt;
use russh::ChannelMsg;
use russh::client::Msg;
use std::time::Duration;
use tokio::time::Instant;

/// How long after its deadline a script may take to be ended by its supervisor.
const END_LIMIT: Duration = Duration::from_secs(12);
/// How long after the exit status the output may stay open and silent (something kept it): what a
/// script wrote last may come after it, and slowly.
const OUTPUT_LIMIT: Duration = Duration::from_secs(3);
/// How long `follow` goes on at most.
const FOREVER: Duration = Duration::from_secs(30 * 24 * 3600);
/// How many lines an error shows.
const SHOWN: usize = 15;

impl Session {
    /// Runs a script with bash as root (through `sudo -n` if the user is another), and hands
    /// over each log line as it comes. The script's text, its parameters and its input travel
    /// through standard input: the command line on the server shows none of them.
    ///
    /// Nothing of it goes on for long without us: after the deadline the server itself ends the
    /// script's process group, and within a few seconds when the connection is gone or when
    /// this future is dropped.
    ///
    /// # Errors
    /// `remote_script` with the last lines if it exits other than 0; `timeout` after its
    /// deadline; `busy` if an exclusive script does not get its turn; `refused` if the user may
    /// not become root; `network` if the session broke.
    pub async fn run(&mut self, script: &Script, on_line: &mut (dyn FnMut(&str) + Send)) -> Result<Output> {
        self.execute(script, script.deadline, on_line).await
    }

    /// Runs a script that only reads, for as long as the caller wants its lines: dropping the
    /// future ends it on the server too. Its deadline is not looked at.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub async fn follow(&mut self, script: &Script, on_line: &mut (dyn FnMut(&str) + Send)) -> Result<Output> {
        self.execute(script, FOREVER, on_line).await
    }

    async fn execute(
        &mut self,
        script: &Script,
        limit: Duration,
        on_line: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Output> {
        let (mut read, write) = self.channel().await?.split();
        let write = CloseOnDrop(Some(write));
        let started = Instant::now();
        let feed = feed(&write, supervise::command(self.sudo), script, limit);
        tokio::pin!(feed);
        let (mut fed, mut code) = (false, None);
        let last = started + limit + END_LIMIT;
        let mut give_up = last;
        let (mut out, mut err) = (
            Splitter::up_to(script.longest_line, script.longest_fact),
            Splitter::default(),
        );
        let mut story = Story::default();
        let mut told = |line: String| {
            if let Some(line) = story.take(line) {
                on_line(&line);
            }
        };
        loop {
            let message = tokio::select! {
                // What could not be sent shows in how the script ends.
                _ = &mut feed, if !fed => { fed = true; continue }
                message = read.wait() => message,
                // What has come by now is not silence, however late it is read.
                () = tokio::time::sleep_until(give_up) => match read.wait().now_or_never() {
                    Some(message) if Instant::now() < last => message,
                    _ => break,
                },
            };
            match message {
                Some(ChannelMsg::Data { data }) => out.push(&data, &mut told),
                Some(ChannelMsg::ExtendedData { data, .. }) => err.push(&data, &mut told),
                Some(ChannelMsg::ExitStatus { exit_status }) => {
                    code = Some(exit_status);
                }
                Some(ChannelMsg::ExitSignal { signal_name, .. }) => {
                    told(format!("ended by signal {signal_name:?}"));
                    code = Some(128);
                }
                Some(ChannelMsg::Failure) => {
                    return Err(
                        Error::new(Kind::Upstream, format!("{} does not let us run commands", self.name))
                            .hint("look for ForceCommand or a restricted shell of that user"),
                    );
                }
                Some(ChannelMsg::Close) => break,
                Some(_) => {}
                None => return Err(self.lost().context(script.name)),
            }
            if code.is_some() {
                give_up = last.min(Instant::now() + OUTPUT_LIMIT);
            }
        }
        out.end(&mut told);
        err.end(&mut told);
        let overdue = started.elapsed() + Duration::from_secs(1) >= limit;
        match code {
            Some(0) => Ok(story.into_output()),
            Some(OVERDUE) | None if overdue => Err(self.overdue(script, &story)),
            Some(code) => Err(self.failed(script, code, &story)),
            None => Err(self.lost().context(script.name)),
        }
    }

    fn overdue(&self, script: &Script, story: &Story) -> Error {
        let seconds = script.deadline.as_secs_f32().ceil();
        let what = format!(
            "{} on {} did not end within {seconds} s and was stopped",
            script.name, self.name
        );
        Error::new(Kind::Timeout, with_lines(what, story)).hint("run the command again: it goes on where it stopped")
    }

    pub(super) fn failed(&self, script: &Script, code: u32, story: &Story) -> Error {
        if story.busy {
            let what = format!(
                "another run of this deployment is at work on {} and does not end",
                self.name
            );
            return Error::new(Kind::Busy, what).hint("wait for it, then run the command again");
        }
        if !story.started {
            let what = format!("{} does not let us run bash as root (exit {code})", self.name);
            let error = Error::new(Kind::Auth, with_lines(what, story));
            return if self.sudo {
                error.hint("allow it on the server: NOPASSWD for that user in /etc/sudoers.d/, or log in as root")
            } else {
                error.hint("is bash installed there, and root's login not restricted?")
            };
        }
        let what = format!("{} failed on {} with exit code {code}", script.name, self.name);
        let error = Error::new(Kind::Remote, with_lines(what, story));
        if error.message().contains("No space left on device") {
            return error
                .hint("free some space on the server's disk, then run the command again: it goes on where it stopped");
        }
        error.hint("mend on the server what these lines tell, then run the command again: it goes on where it stopped")
    }
}

/// A message with the script's last lines under it.
fn with_lines(what: String, story: &Story) -> String {
    let lines = story.last(SHOWN);
    if lines.is_empty() {
        return what;
    }
    format!("{what}:\n  {}", lines.join("\n  "))
}

/// Sends command, script and input, then the end of input.
async fn feed(
    write: &CloseOnDrop,
    command: &'static str,
    script: &Script,
    limit: Duration,
) -> Result<(), russh::Error> {
    let Some(write) = &write.0 else { return Ok(()) };
    write.exec(true, command).await?;
    write
        .data_bytes(supervise::envelope(script, limit).into_bytes())
        .await?;
    if let Some(input) = &script.input {
        write.data(input.expose().as_bytes()).await?;
    }
    write.eof().await
}

/// Closes the channel when a run is given up, so that the script's supervisor notices.
struct CloseOnDrop(Option<russh::ChannelWriteHalf<Msg>>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        if let (Some(write), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            // If the session is gone already, so is the channel.
            runtime.spawn(async move { write.close().await });
        }
    }
}
