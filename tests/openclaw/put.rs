//! How scripts write a file on the server.

use super::COMMON;
use std::path::Path;
use std::process::{Command, Output};

/// Writes `new` to a file, as the scripts do.
fn put(file: &Path, before: &str, how: &str) -> Output {
    let mut bash = Command::new("bash");
    let body = format!("set -euo pipefail\n{COMMON}\n{before}\n{how}\necho \"${{changed:-gone on}}\"");
    bash.args(["-c", &body, "put"]).arg(file).output().unwrap()
}

const GIVEN: &str = "put \"$1\" 0640 <<<new";
const PIPED: &str = "echo new | put \"$1\" 0640";

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap().flatten();
    entries.map(|e| e.file_name().into_string().unwrap()).collect()
}

#[test]
fn it_tells_whether_the_file_changed() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("unit");
    for told in ["yes\n", "no\n"] {
        let out = put(&file, "", GIVEN);
        assert_eq!(String::from_utf8_lossy(&out.stdout), told, "{out:?}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new\n");
    }
    assert_eq!(names(dir.path()), ["unit"]);
}

/// A limit of no bytes a file stands for a full disk: a file can be made, and nothing written.
#[test]
fn a_file_that_cannot_be_written_leaves_the_old_one_and_ends_the_script() {
    for how in [GIVEN, PIPED] {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("unit");
        std::fs::write(&file, "old\n").unwrap();
        let out = put(&file, "trap '' XFSZ; ulimit -f 0", how);
        let said = String::from_utf8_lossy(&out.stderr);
        assert!(!out.status.success() && said.contains("cannot be written"), "{out:?}");
        assert!(out.stdout.is_empty(), "{out:?}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "old\n");
        assert_eq!(names(dir.path()), ["unit"]);
    }
}
