//! What the binary writes here: who may read it, whatever the umask, and no way around by a
//! link that somebody planted.

use crate::support::cli::Home;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Runs with a umask, and a secret on standard input for whoever reads it.
fn under(umask: &str, home: &Home, args: &[&str]) -> Output {
    use std::io::Write;
    let plain = home.command(args);
    let mut command = Command::new("sh");
    command
        .args(["-c", "umask \"$0\"; exec \"$@\"", umask])
        .arg(plain.get_program())
        .args(plain.get_args())
        .env_clear()
        .envs(plain.get_envs().filter_map(|(k, v)| Some((k, v?))))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Whoever needs no input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(b"hunter2-hunter2-hunter2\n");
    child.wait_with_output().unwrap()
}

/// Everything below a folder, the folder too.
fn all(dir: &Path) -> Vec<PathBuf> {
    let mut found = vec![dir.to_owned()];
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(all(&path));
        } else {
            found.push(path);
        }
    }
    found
}

const KEEP: &[&str] = &["secrets", "set", "hetzner", "--stdin"];
const MIGRATE: &[&str] = &["server", "migrate"];

#[test]
fn files_are_their_owners_alone_under_any_umask() {
    for umask in ["000", "022", "077"] {
        let home = Home::new();
        let copy = home.path().join("clawdwako/copy.db");
        let backup = ["server", "backup", copy.to_str().unwrap()];
        for args in [KEEP, MIGRATE, &backup, &["server", "admin", "key", "rotate"]] {
            let done = under(umask, &home, args);
            assert!(done.status.success(), "{umask} {args:?}: {done:?}");
        }
        let made = all(&home.path().join("clawdwako"));
        for name in [
            "master.key",
            "credentials.json",
            "credentials.lock",
            "store.db",
            "copy.db",
        ] {
            assert!(made.iter().any(|p| p.ends_with(name)), "{name} in {made:?}");
        }
        for path in made {
            let meta = std::fs::symlink_metadata(&path).unwrap();
            let wanted = if meta.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(meta.mode() & 0o7777, wanted, "{} under {umask}", path.display());
            assert_eq!(meta.uid(), rustix::process::geteuid().as_raw());
        }
    }
}

/// A link in the place of each file: refused with a name for it, never written through.
#[test]
fn planted_links_are_refused() {
    let state = "clawdwako/state/profiles/default";
    let copy = "copy.db";
    for (args, planted) in [
        (KEEP, format!("{state}/credentials.json")),
        (KEEP, format!("{state}/credentials.lock")),
        (KEEP, format!("{state}/master.key")),
        (MIGRATE, format!("{state}/server/store.db")),
        (MIGRATE, format!("{state}/server/store.db-wal")),
        (MIGRATE, format!("{state}/server/master.key")),
        (&["server", "backup", copy], copy.to_owned()),
    ] {
        for dangling in [false, true] {
            let home = Home::new();
            let (link, target) = (home.path().join(&planted), home.path().join("target"));
            if !dangling {
                std::fs::write(&target, "theirs").unwrap();
                std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o600)).unwrap();
            }
            std::fs::create_dir_all(link.parent().unwrap()).unwrap();
            symlink(&target, &link).unwrap();
            let file = home.path().join(copy);
            let args: Vec<&str> = args
                .iter()
                .map(|a| if *a == copy { file.to_str().unwrap() } else { a })
                .collect();
            let done = under("022", &home, &args);
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            // SQLite takes a link for its log away by itself; it neither follows nor needs it.
            if !planted.ends_with("-wal") {
                assert!(!done.status.success() && said.contains("error:"), "{planted}: {said}");
                assert!(link.is_symlink(), "{planted} was replaced");
            }
            let kept = std::fs::read_to_string(&target).ok();
            assert_eq!(kept.as_deref(), (!dangling).then_some("theirs"), "{planted}");
        }
    }
}
