//! Whether sshd takes its configuration, asked while others restart it.

use std::process::{Command, Output};

const COMMON: &str = include_str!("../../assets/host/common.sh");

/// Asks an sshd whose `-t` is the given text; the folder it wants is none of this machine's.
fn asked(sshd: &str) -> Output {
    let body = format!(
        "set -euo pipefail\n{COMMON}\nmkdir() {{ :; }}\nsshd() {{ {sshd}; }}\n\
         sshd_accepts || fail \"refused: $why\"\necho accepted"
    );
    let dir = tempfile::tempdir().unwrap();
    Command::new("bash")
        .args(["-c", &body])
        .current_dir(dir.path())
        .output()
        .unwrap()
}

/// As CI saw it: cloud-init restarted ssh.service just then, and its folder was gone for a moment.
#[test]
fn a_restart_in_between_is_waited_for() {
    let out = asked(
        "[ -e once ] || { touch once; echo 'Missing privilege separation directory: /run/sshd' >&2; return 255; }",
    );
    assert_eq!(String::from_utf8_lossy(&out.stdout), "accepted\n", "{out:?}");
}

#[test]
fn a_bad_configuration_is_told_at_once() {
    let out = asked("[ ! -e once ] || exit 9; touch once; echo 'Bad configuration option: Porrt' >&2; return 255");
    assert_eq!(
        String::from_utf8_lossy(&out.stderr),
        "refused: Bad configuration option: Porrt\n",
        "{out:?}"
    );
    assert_eq!(out.status.code(), Some(1));
}
