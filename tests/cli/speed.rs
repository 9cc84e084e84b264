//! What answers from memory answers at once.

use crate::support::cli::Home;
use std::time::{Duration, Instant};

#[test]
fn the_version_is_there_within_10_ms() {
    let home = Home::new();
    // The least of many: what else the machine does only ever makes it slower.
    let best = (0..40)
        .map(|_| {
            let begun = Instant::now();
            assert!(
                home.command(&["--version"])
                    .stdout(std::process::Stdio::null())
                    .status()
                    .unwrap()
                    .success()
            );
            begun.elapsed()
        })
        .min()
        .unwrap();
    assert!(best < Duration::from_millis(10), "{best:?}");
}
