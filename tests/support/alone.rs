//! Runs a test in a network of its own, where every port is free and nothing outside is in reach.

use std::process::Command;

const MARK: &str = "CLAWDWAKO_TEST_ALONE";

/// Whether the calling test, whose whole name is given, runs in a network of its own. If it does
/// not, it is run once more in one, and `false` answered.
pub fn alone(test: &str) -> bool {
    if let Some(came) = std::env::var_os(MARK) {
        std::fs::write(came, "").unwrap();
        return true;
    }
    if !rustix::process::geteuid().is_root() {
        super::skip(test, "a network of its own needs root");
        return false;
    }
    let dir = tempfile::tempdir().unwrap();
    let came = dir.path().join("came");
    let status = Command::new("unshare")
        .args(["--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(MARK, &came)
        .status()
        .unwrap();
    // A name that is none would run nothing, and end well.
    assert!(status.success() && came.exists(), "{test} failed in its own network");
    false
}
