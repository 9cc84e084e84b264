//! The files of the embedded store while it is in use.

use clawdwako::secrets::seal::Sealer;
use clawdwako::store::Store;
use rustix::fs::Mode;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

/// SQLite makes its log and index by itself; they hold the same rows.
#[tokio::test]
async fn log_and_index_are_as_private_as_the_store() {
    for umask in [0o000, 0o077] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.db");
        let before = rustix::process::umask(Mode::from_raw_mode(umask));
        let store = Store::open(&path, Sealer::none()).await.unwrap();
        rustix::process::umask(before);
        let names = ["store.db", "store.db-wal", "store.db-shm"];
        for name in names {
            let mode = std::fs::metadata(dir.path().join(name)).unwrap().mode() & 0o7777;
            assert_eq!(mode, 0o600, "{name} under {umask:o}");
        }
        drop(store);
    }
}

/// A store that others could read, say one that was copied back by hand, is taken from them.
#[tokio::test]
async fn a_store_that_others_could_read_is_theirs_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.db");
    drop(Store::open(&path, Sealer::none()).await.unwrap());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    drop(Store::open(&path, Sealer::none()).await.unwrap());
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
}
