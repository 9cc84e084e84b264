//! Whether sshd takes its configuration, asked while others restart it.

use super::COMMON;
use std::process::{Command, Output};

/// Asks an sshd whose `-t` is the given text. The folder that it wants is the file `folder` here, and
/// no pause is made.
fn asked(sshd: &str) -> Output {
    let body = format!(
        "set -euo pipefail\n{COMMON}\nmkdir() {{ touch folder; }}\nsleep() {{ :; }}\nsshd() {{ {sshd}; }}\n\
         sshd_accepts || fail \"refused: $why\"\necho accepted"
    );
    let dir = tempfile::tempdir().unwrap();
    Command::new("bash")
        .args(["-c", &body])
        .current_dir(dir.path())
        .output()
        .unwrap()
}

/// What an sshd without its folder does.
const WANTS_FOLDER: &str =
    "[ -e folder ] || { echo 'Missing privilege separation directory: /run/sshd' >&2; return 255; }";

/// As CI saw it: ssh.service was restarted just then, and its folder was gone for a moment.
#[test]
fn a_restart_in_between_is_waited_for() {
    let out = asked(&format!(
        "[ -e once ] || {{ touch once; rm -f folder; }}; {WANTS_FOLDER}"
    ));
    assert_eq!(String::from_utf8_lossy(&out.stdout), "accepted\n", "{out:?}");
}

#[test]
fn a_folder_that_never_stays_is_told() {
    let out = asked(&format!("rm -f folder; {WANTS_FOLDER}"));
    assert_eq!(
        String::from_utf8_lossy(&out.stderr),
        "refused: Missing privilege separation directory: /run/sshd\n",
        "{out:?}"
    );
    assert_eq!(out.status.code(), Some(1));
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
