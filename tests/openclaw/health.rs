//! Which lines of the journal the health script takes for the agent's reason. systemd, the journal
//! and the agent's own check are played; the script is the real one.

use super::COMMON;
use std::process::Command;

const HEALTH: &str = include_str!("../../assets/host/health.sh");

/// The lines of the last start alone.
const LAST_START: &str = "_SYSTEMD_INVOCATION_ID=abc + INVOCATION_ID=abc";
/// The lines of the starts before as well.
const OLDER_TOO: &str = "--since -10min";

/// What one look at the unit shows: its state, its main process, and how often it was restarted.
type Look = (&'static str, u32, u32);

const RUNNING: &str = "ActiveState=active\nSubState=running";
const WAITING: &str = "ActiveState=activating\nSubState=auto-restart";
const FAILED: &str = "ActiveState=failed\nSubState=failed";

/// Runs the script with these looks, one after the other, the last one again and again. Answers
/// what it asked the journal for, and how often it looked.
fn asked(looks: &[Look], code: u32, wait: u32, process: &str) -> (String, usize) {
    let dir = tempfile::tempdir().unwrap();
    for (n, (state, pid, restarts)) in looks.iter().enumerate() {
        let text = format!("{state}\nMainPID={pid}\nNRestarts={restarts}\nInvocationID=abc\n");
        std::fs::write(dir.path().join(format!("look{n}")), text).unwrap();
    }
    std::fs::create_dir_all(dir.path().join("node/bin")).unwrap();
    std::fs::write(dir.path().join("unit"), "").unwrap();
    std::fs::write(dir.path().join("port"), "18789").unwrap();
    let node = dir.path().join("node/bin/node");
    std::fs::write(&node, "#!/bin/sh\nprintf '%s' \"$LOG\" >asked\n").unwrap();
    std::fs::set_permissions(&node, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let last = looks.len() - 1;
    let body = format!(
        "set -euo pipefail\n{COMMON}
bot_paths() {{ STATE=$PWD BOT_DIR=$PWD UNIT=../../..$PWD/unit; }}
install() {{ :; }}
sleep() {{ SECONDS=$((SECONDS + 1)); }}
curl() {{ printf {code}; }}
as_bot() {{ :; }}
systemctl() {{
  local n
  n=$(wc -l <looked)
  echo >>looked
  cat look$((n < {last} ? n : {last}))
}}
journalctl() {{
  case $* in
    *MESSAGE_ID*) for _ in 1 2 3 4 5; do echo restarted; done ;;
    *) echo \"$*\" ;;
  esac
}}
look() {{ {HEALTH}
}}
: >looked
BOT_USER=cw-x WAIT={wait} PROCESS={process}
look"
    );
    let out = Command::new("bash")
        .args(["-c", &body])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(out.status.success(), "{out:?}");
    let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
    (read("asked"), read("looked").lines().count())
}

#[track_caller]
fn takes(expected: &str, looks: &[Look], code: u32, wait: u32, process: &str) {
    let (asked, _) = asked(looks, code, wait, process);
    assert!(asked.contains(expected), "{asked}");
}

#[test]
fn an_agent_that_runs_is_told_by_its_last_start() {
    takes(LAST_START, &[(RUNNING, 7, 0)], 0, 0, "");
    // It was started again long ago, or a moment before: that is over.
    takes(LAST_START, &[(RUNNING, 7, 2)], 0, 0, "");
    takes(LAST_START, &[(RUNNING, 7, 1)], 0, 0, "7");
    takes(LAST_START, &[(RUNNING, 7, 5)], 200, 0, "3");
}

#[test]
fn an_agent_that_ended_while_it_was_waited_for_is_told_by_that() {
    takes(OLDER_TOO, &[(RUNNING, 7, 1)], 0, 0, "3");
    takes(
        OLDER_TOO,
        &[(RUNNING, 3, 0), (WAITING, 0, 1), (RUNNING, 7, 1)],
        0,
        9,
        "",
    );
}

#[test]
fn an_agent_that_does_not_run_is_told_by_its_last_start() {
    takes(LAST_START, &[(FAILED, 0, 0)], 0, 0, "");
    takes(LAST_START, &[(WAITING, 0, 1)], 0, 0, "3");
}

#[test]
fn an_agent_that_ends_again_and_again_is_not_waited_for() {
    takes(OLDER_TOO, &[(RUNNING, 7, 3)], 0, 0, "");
    let looks = [(RUNNING, 7, 2), (WAITING, 0, 3), (RUNNING, 8, 3)];
    assert_eq!(asked(&looks, 0, 60, "").1, 2);
    // The last chance that it has is waited for.
    let looks = [(WAITING, 0, 2), (RUNNING, 8, 3)];
    assert!(asked(&looks, 0, 9, "").1 > 3);
}
