//! Files and folders that are their user's alone, whatever the umask is and whoever was there first.

use clawdwako::error::Kind;
use clawdwako::private;
use clawdwako::secrets::seal::Sealer;
use clawdwako::store::Store;
use rustix::fs::Mode;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

/// A user who is not us.
const SOMEBODY: u32 = 65_534;

/// A way to make a file, by its name.
type Make = (&'static str, fn(&Path));

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Does something under a umask.
fn under<T>(umask: u32, act: impl FnOnce() -> T) -> T {
    let before = rustix::process::umask(Mode::from_raw_mode(umask));
    let done = act();
    rustix::process::umask(before);
    done
}

#[tokio::test]
async fn a_folder_of_somebody_elses_is_refused() {
    if !rustix::process::geteuid().is_root() {
        return crate::support::skip("a folder of somebody else's", "only root can give one away");
    }
    let dir = tempfile::tempdir().unwrap();
    let theirs = dir.path().join("theirs");
    private::folder(&theirs).unwrap();
    chown(&theirs, Some(SOMEBODY), Some(SOMEBODY)).unwrap();
    for path in [theirs.clone(), theirs.join(".")] {
        let e = private::folder(&path).unwrap_err();
        assert_eq!(e.kind(), Kind::Store, "{e:?}");
        assert!(e.next_step().unwrap().contains("chown 0 "), "{e:?}");
    }
    let opened = Store::open(&theirs.join("store.db"), Sealer::none()).await;
    assert_eq!(opened.err().unwrap().kind(), Kind::Store);
    assert!(!theirs.join("store.db").exists(), "nothing is put there");
    chown(&theirs, Some(0), None).unwrap();
    private::folder(&theirs).unwrap();
}

#[test]
fn a_folder_that_all_may_write_to_is_refused_unless_names_are_safe_there() {
    let dir = tempfile::tempdir().unwrap();
    for (bits, fine) in [
        (0o702, false),
        (0o777, false),
        (0o1777, true),
        (0o1702, true),
        (0o770, true),
        (0o755, true),
    ] {
        set_mode(dir.path(), bits);
        let told = private::folder(dir.path());
        assert_eq!(told.is_ok(), fine, "{bits:o}: {told:?}");
        assert_eq!(mode(dir.path()), bits, "what is there stays as it is");
    }
}

#[test]
fn what_is_made_has_its_mode_under_every_umask() {
    let dir = tempfile::tempdir().unwrap();
    let make: [Make; 5] = [
        ("create", |p| drop(private::create(p).unwrap())),
        ("replace", |p| private::replace(p, b"x").unwrap()),
        ("place", |p| assert!(private::place(p, b"x").unwrap())),
        ("open_or_create", |p| drop(private::open_or_create(p).unwrap())),
        ("claim", |p| private::claim(p).unwrap()),
    ];
    for umask in [0o000, 0o022, 0o077, 0o777] {
        for (name, make) in &make {
            let path = dir.path().join(format!("{name}-{umask:o}"));
            under(umask, || make(&path));
            assert_eq!(mode(&path), 0o600, "{name} under {umask:o}");
        }
    }
    for umask in [0o000, 0o022, 0o077] {
        let top = dir.path().join(format!("folder-{umask:o}"));
        under(umask, || private::folder(&top.join("within")).unwrap());
        assert_eq!((mode(&top), mode(&top.join("within"))), (0o700, 0o700), "{umask:o}");
    }
}

#[test]
fn what_others_could_read_before_they_cannot_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    for umask in [0o000, 0o077] {
        let take: [fn(&Path); 3] = [
            |p| private::replace(p, b"x").unwrap(),
            |p| drop(private::open_or_create(p).unwrap()),
            |p| private::claim(p).unwrap(),
        ];
        for take in take {
            std::fs::write(&path, "x").unwrap();
            set_mode(&path, 0o666);
            under(umask, || take(&path));
            assert_eq!(mode(&path), 0o600);
        }
    }
    // To read such a file is refused, whatever it is that others may.
    for bits in [0o640, 0o620, 0o610, 0o604, 0o602, 0o601] {
        set_mode(&path, bits);
        let e = private::open(&path).unwrap_err();
        assert!(
            e.kind() == Kind::Store && e.next_step().unwrap().contains("chmod 600"),
            "{bits:o}: {e:?}"
        );
    }
    for bits in [0o600, 0o400, 0o700] {
        set_mode(&path, bits);
        assert!(private::open(&path).unwrap().is_some(), "{bits:o}");
    }
}

#[test]
fn what_could_not_be_put_in_place_leaves_no_draft() {
    let dir = tempfile::tempdir().unwrap();
    let taken = dir.path().join("taken");
    std::fs::create_dir(&taken).unwrap();
    assert_eq!(private::replace(&taken, b"secret").unwrap_err().kind(), Kind::Io);
    assert!(!private::place(&taken, b"secret").unwrap());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    let nowhere = dir.path().join("no/such");
    for e in [
        private::replace(&nowhere, b"x").unwrap_err(),
        private::place(&nowhere, b"x").unwrap_err(),
        private::create(&nowhere).unwrap_err(),
        private::open_or_create(&nowhere).map(drop).unwrap_err(),
    ] {
        assert!(e.kind() == Kind::Io && e.next_step().is_some(), "{e:?}");
    }
    // A folder or a pipe is no file of ours.
    for e in [
        private::open(&taken).map(drop).unwrap_err(),
        private::claim(&taken).unwrap_err(),
    ] {
        assert_eq!(e.kind(), Kind::Store, "{e:?}");
    }
}
