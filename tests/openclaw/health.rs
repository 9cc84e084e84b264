//! Which lines of the journal the health script takes for the agent's reason. systemd, the journal
//! and the agent's own check are played; the script is the real one.

use super::COMMON;
use std::process::Command;

const HEALTH: &str = include_str!("../../assets/host/health.sh");

/// The lines of the last start alone.
const LAST_START: &str = "_SYSTEMD_INVOCATION_ID=abc + INVOCATION_ID=abc";
/// The lines of a start before as well.
const AND_THAT: &str =
    "_SYSTEMD_INVOCATION_ID=abc + INVOCATION_ID=abc + _SYSTEMD_INVOCATION_ID=old + INVOCATION_ID=old";
/// The lines of all starts of late.
const ALL: &str = "-u ../../..";

/// What one look at the unit shows: its state, which start it is, and how often it was restarted,
/// in all and of late.
type Look = (&'static str, &'static str, u32, u32);

const RUNNING: &str = "ActiveState=active\nSubState=running";
const WAITING: &str = "ActiveState=activating\nSubState=auto-restart";
const FAILED: &str = "ActiveState=failed\nSubState=failed";

/// Runs the script with these looks, one after the other, the last one again and again. Answers
/// what it asked the journal for, and how often it looked.
fn asked(looks: &[Look], code: u32, wait: u32, start: &str) -> (String, usize) {
    let dir = tempfile::tempdir().unwrap();
    for (n, (state, start, restarts, lately)) in looks.iter().enumerate() {
        let text = format!("{state}\nNRestarts={restarts}\nInvocationID={start}\n");
        std::fs::write(dir.path().join(format!("look{n}")), text).unwrap();
        std::fs::write(
            dir.path().join(format!("lately{n}")),
            "restarted\n".repeat(*lately as usize),
        )
        .unwrap();
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
cage_state() {{ :; }}
systemctl() {{
  now=$(wc -l <looked)
  [ $now -lt {last} ] || now={last}
  echo >>looked
  cat look$now
}}
journalctl() {{
  case $* in
    *MESSAGE_ID*)
      local now=$(($(wc -l <looked) - 1))
      cat lately$((now < {last} ? now : {last}))
      ;;
    *) echo \"$*\" ;;
  esac
}}
look() {{ {HEALTH}
}}
: >looked
BOT_USER=cw-x WAIT={wait} START={start}
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
fn takes(expected: &str, looks: &[Look], code: u32, wait: u32, start: &str) {
    let (asked, _) = asked(looks, code, wait, start);
    let (said, rest) = (asked.strip_prefix("-q ").unwrap(), " -n 40 -o cat --no-pager");
    let said = said.strip_suffix(rest).unwrap_or_else(|| panic!("{asked}"));
    match expected {
        ALL => assert!(said.starts_with(ALL) && said.ends_with(" --since -10min"), "{asked}"),
        _ => assert_eq!(said, expected),
    }
}

#[test]
fn an_agent_that_runs_is_told_by_its_last_start() {
    takes(LAST_START, &[(RUNNING, "abc", 0, 0)], 0, 0, "");
    // It was started again long ago, or before it was asked: that is over.
    takes(LAST_START, &[(RUNNING, "abc", 9, 0)], 0, 0, "");
    takes(LAST_START, &[(RUNNING, "abc", 1, 1)], 0, 0, "abc");
    // It is ready.
    takes(LAST_START, &[(RUNNING, "abc", 5, 5)], 200, 0, "old");
    // A start by hand set systemd's count to zero.
    takes(LAST_START, &[(RUNNING, "abc", 0, 5)], 0, 0, "");
}

#[test]
fn an_agent_that_ended_while_it_was_waited_for_is_told_by_that() {
    takes(AND_THAT, &[(RUNNING, "abc", 1, 1)], 0, 0, "old");
    let looks = [(RUNNING, "old", 0, 0), (WAITING, "old", 1, 1), (RUNNING, "abc", 1, 1)];
    takes(AND_THAT, &looks, 0, 9, "");
}

#[test]
fn an_agent_that_does_not_run_is_told_by_its_last_start() {
    takes(LAST_START, &[(FAILED, "abc", 0, 0)], 0, 0, "");
    takes(LAST_START, &[(WAITING, "abc", 1, 1)], 0, 0, "old");
}

#[test]
fn an_agent_that_ends_again_and_again_is_not_waited_for() {
    takes(ALL, &[(RUNNING, "abc", 3, 3)], 0, 0, "");
    let looks = [(RUNNING, "a", 2, 2), (WAITING, "a", 3, 3), (RUNNING, "b", 3, 3)];
    assert_eq!(asked(&looks, 0, 60, "").1, 2);
    // A start that has begun is waited for, and so is one that ended for the first time of late.
    let looks = [(WAITING, "a", 2, 2), (RUNNING, "b", 3, 3)];
    assert!(asked(&looks, 0, 9, "").1 > 3);
    let looks = [(WAITING, "a", 9, 1), (RUNNING, "b", 9, 1)];
    assert!(asked(&looks, 0, 9, "").1 > 3);
}
