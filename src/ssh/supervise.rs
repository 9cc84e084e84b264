//! The shell text that runs in front of every script; see `supervise.sh` for what it does.
//!
//! It travels through standard input like everything else. bash reads a pipe one character at
//! a time and a whole line before it runs it, so after the last line here the inner bash finds
//! the script, and after the script's last line the script finds its input.

use super::script::{Script, quote};
use std::time::Duration;

/// The functions.
const FUNCTIONS: &str = include_str!("supervise.sh");
/// The first line: goes on in a shell whose whole environment is ours.
pub(super) const CLEAN: &str = r#"exec /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root SSH_CONNECTION="${SSH_CONNECTION-}" /bin/bash --norc --noprofile -s
"#;
/// The exit code after the script's time was over.
pub(super) const OVERDUE: u32 = 124;

/// The whole text that goes to `bash -s`, without the input.
pub(super) fn envelope(script: &Script, limit: Duration) -> String {
    // Whole seconds, rounded up: the server's clock counts in them.
    let seconds = limit.as_millis().div_ceil(1000).max(1);
    let key = quote(script.exclusive.as_deref().unwrap_or_default());
    format!(
        "{CLEAN}{FUNCTIONS}{{ clawdwako_supervise {seconds} {key}; exit; }}\n{}",
        script.text()
    )
}

/// The command that the server's sshd is asked for. It never holds anything of the script.
pub(super) fn command(sudo: bool) -> &'static str {
    if sudo { "sudo -n bash -s" } else { "bash -s" }
}

#[cfg(test)]
mod tests {
    use super::{CLEAN, FUNCTIONS, envelope};
    use crate::ssh::Script;
    use std::time::Duration;

    #[test]
    fn the_supervisor_stands_in_front_and_is_called_on_one_line() {
        let script = Script::new("x", "true").exclusive("0123abcd");
        let text = envelope(&script, Duration::from_millis(1500));
        assert_eq!(
            text.strip_prefix(CLEAN).unwrap().strip_prefix(FUNCTIONS).unwrap(),
            format!("{{ clawdwako_supervise 2 '0123abcd'; exit; }}\n{}", script.text())
        );
        assert!(envelope(&Script::new("x", "true"), Duration::ZERO).contains("supervise 1 ''; exit; }"));
    }

    #[test]
    fn bash_accepts_it() {
        use std::io::Write;
        let mut bash = std::process::Command::new("bash")
            .arg("-n")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let text = envelope(&Script::new("x", "echo hello"), Duration::from_secs(1));
        bash.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(bash.wait().unwrap().success());
    }
}
