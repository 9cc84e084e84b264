//! How long the script look waits, and which lines of the journal it takes for the agent's reason.
//! systemd, the journal and the gateway are played; the script is the real one.

use super::COMMON;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clawdwako::openclaw::look;
use clawdwako::ssh::Output;
use std::process::Command;

const LOOK: &str = concat!(
    include_str!("../../assets/host/knock.sh"),
    "PLAYED\n",
    include_str!("../../assets/host/look.sh")
);

/// The lines of the last start alone.
const LAST_START: &str = "_SYSTEMD_INVOCATION_ID=abc + INVOCATION_ID=abc _PID=1";
/// The lines of a start before as well.
const AND_THAT: &str =
    "_SYSTEMD_INVOCATION_ID=abc + INVOCATION_ID=abc _PID=1 + _SYSTEMD_INVOCATION_ID=old + INVOCATION_ID=old _PID=1";
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
    std::fs::write(dir.path().join("unit"), "").unwrap();
    std::fs::write(dir.path().join("port"), "18789").unwrap();
    let last = looks.len() - 1;
    let played = format!(
        r#"
bot_paths() {{ STATE=$PWD BOT_DIR=$PWD UNIT=../../..$PWD/unit; }}
sleep() {{ SECONDS=$((SECONDS + 1)); }}
df() {{ printf 'used size\n1 2\n'; }}
# What is written goes over the same words again, and what follows is read.
knock() {{
  [ {code} != 0 ] || return 1
  printf 'GET /readyz HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\nHTTP/1.1 {code} X\r\n\r\n{{}}' "$1" >answer
  exec 3<>answer
}}
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
    *) echo "$*" ;;
  esac
}}"#
    );
    let look = LOOK.replace("PLAYED", &played);
    let body = format!(
        "set -euo pipefail\n: >looked\nBOT_USER=cw-x WAIT={wait} START={start}\nlook() {{ {COMMON}{look}\n}}\nlook"
    );
    let out = Command::new("bash")
        .args(["-c", &body])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{out:?}");
    let text = String::from_utf8(out.stdout).unwrap();
    let facts = text.lines().map(|line| {
        let (name, value) = line.strip_prefix("::fact ").unwrap().split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    });
    let told = Output {
        facts: facts.collect(),
        tail: Vec::new(),
    };
    // It is what Rust reads.
    let seen = look::Look::parse(&told).unwrap();
    assert_eq!(seen.can_be_asked(), code == 200, "{text}");
    let asked = String::from_utf8(STANDARD.decode(&told.facts["Log"]).unwrap()).unwrap();
    let looked = std::fs::read_to_string(dir.path().join("looked")).unwrap();
    (asked.trim_end().to_owned(), looked.lines().count())
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
