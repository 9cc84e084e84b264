//! Names of workers: whose process lives, is gone, or cannot be looked for.

use clawdwako::store::Worker;

/// One on another machine: nobody can see whether it lives.
pub const ELSEWHERE: &str = "elsewhere/1/1";

/// One that lives: this process.
pub fn here() -> String {
    Worker::this().name().to_owned()
}

/// One of this machine whose process is no more.
pub fn gone() -> String {
    let here = here();
    // No process was started in the machine's first moment but the first.
    let name = format!("{}/0", here.rsplit_once('/').unwrap().0);
    assert!(Worker::is_gone(&name) && !Worker::is_gone(&here) && !Worker::is_gone(ELSEWHERE));
    name
}
