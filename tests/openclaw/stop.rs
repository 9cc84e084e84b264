//! A stop outlives a reboot, and is not told before it is one. systemd is played; the script is the
//! real one.

use super::COMMON;
use std::fs;
use std::process::Command;

const STOP: &str = include_str!("../../assets/host/stop.sh");

/// Runs the script; afterwards the unit's main process is this one. Answers whether it ended well,
/// and what systemd was asked to do.
fn stop(installed: bool, pid: &str) -> (bool, Vec<String>) {
    const PLAY: &str = r#"
        bot_paths() { UNIT=../../..$PWD/unit; }
        lock() { :; }
        systemctl() {
          case $* in
            show*) echo "$PID" ;;
            *) echo "${*%/*}" >>asked ;;
          esac
        }
    "#;
    let dir = tempfile::tempdir().unwrap();
    if installed {
        fs::write(dir.path().join("unit"), "").unwrap();
    }
    let script = format!("set -euo pipefail\n{COMMON}\n{PLAY}\nmain() {{\n{STOP}\n}}\nmain");
    let out = Command::new("bash")
        .args(["-c", &script])
        .current_dir(dir.path())
        .envs([("BOT_USER", "cw-x"), ("PID", pid)])
        .output()
        .unwrap();
    let asked = fs::read_to_string(dir.path().join("asked")).unwrap_or_default();
    let verbs = asked.lines().map(|line| line.split(" ../").next().unwrap().to_owned());
    (out.status.success(), verbs.collect())
}

#[test]
fn a_stopped_agent_is_not_started_by_a_reboot() {
    // First: a reboot in between must not start it either.
    assert_eq!(
        stop(true, "0"),
        (true, ["-q disable", "stop"].map(str::to_owned).into())
    );
}

#[test]
fn an_agent_that_goes_on_is_not_called_stopped() {
    assert!(!stop(true, "61").0);
}

#[test]
fn nothing_to_stop_is_well() {
    assert_eq!(stop(false, "0"), (true, Vec::new()));
}
