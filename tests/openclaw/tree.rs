//! What npm's user left is taken only if it is what a package's folder may be.

use super::COMMON;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

const CHECK: &str = include_str!("../../assets/host/check_tree.sh");
const NPM: &str = include_str!("../../assets/host/npm.sh");

fn bash(text: &str, args: &[&str]) -> Output {
    let body = format!("set -euo pipefail\n{COMMON}\n{text}");
    Command::new("bash")
        .args(["-c", &body, "check"])
        .args(args)
        .output()
        .unwrap()
}

/// Checks a folder as if the test's own user were npm's.
fn check(folder: &Path) -> Result<(), String> {
    let call = format!("{CHECK}\n[ \"$(id -un)\" = \"$(id -gn)\" ]\ncheck_tree \"$1\" \"$(id -un)\"\necho well");
    let out = bash(&call, &[folder.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.success(), out.stdout == b"well\n", "{out:?}");
    if out.status.success() { Ok(()) } else { Err(said) }
}

/// A folder of packages with some sound ones.
fn packages() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("node_modules");
    for folder in ["a/lib", "@s/b/bin", ".bin"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    for file in ["a/lib/index.js", "@s/b/bin/run.js", ".package-lock.json", "a/new\nline"] {
        fs::write(root.join(file), "x").unwrap();
        fs::set_permissions(root.join(file), fs::Permissions::from_mode(0o755)).unwrap();
    }
    for (at, to) in [
        (".bin/run", "../@s/b/bin/run.js"),
        ("a/lib/self", "index.js"),
        ("@s/b/up", "../../a"),
        ("a/gone", "none"),
    ] {
        symlink(to, root.join(at)).unwrap();
    }
    dir
}

#[test]
fn a_folder_as_npm_leaves_it_is_taken() {
    let dir = packages();
    assert_eq!(check(&dir.path().join("node_modules")), Ok(()));
}

/// A link in place of the folder would have root move somebody else's packages.
#[test]
fn a_link_in_place_of_the_folder_moves_nothing() {
    let take = |from: &Path, to: &Path| {
        let call = format!("{CHECK}\ntake_tree \"$1\" \"$2\"");
        bash(&call, &[from.to_str().unwrap(), to.to_str().unwrap()])
            .status
            .success()
    };
    let (dir, new) = (packages(), tempfile::tempdir().unwrap());
    let link = new.path().join("agent");
    symlink(dir.path(), &link).unwrap();
    assert!(!take(&link, new.path()));
    assert!(dir.path().join("node_modules/a").is_dir());

    let (dir, new) = (packages(), tempfile::tempdir().unwrap());
    assert!(take(dir.path(), new.path()));
    assert!(new.path().join("node_modules/a").is_dir() && !dir.path().exists());
    assert_eq!(fs::read_dir(new.path()).unwrap().count(), 1);
}

#[test]
fn links_that_lead_out_are_refused() {
    for (at, to) in [
        ("a/lib/evil", "/etc/passwd"),
        ("a/lib/evil", "../../../x"),
        ("evil", ".."),
        ("evil", "../x"),
        ("a/lib/evil", "../../.."),
        ("evil", "a/../../x"),
        ("evil", "a/.."),
        ("evil", "//etc"),
        ("a/lib/evil", "../../a/lib/../../../x"),
        ("@s/b/bin/evil", "../../../../x"),
        ("a/lib/e\nvil", "../../../x"),
        ("a/lib/evil", "../..\n/../../../x"),
    ] {
        let dir = packages();
        let root = dir.path().join("node_modules");
        symlink(to, root.join(at)).unwrap();
        let said = check(&root).expect_err(to);
        assert!(said.contains("a link that leads out"), "{at} -> {to}: {said}");
    }
}

#[test]
fn rights_second_names_and_devices_are_refused() {
    type Make = fn(&Path);
    let odd: &[(&str, Make)] = &[
        ("setuid", |r| mode(&r.join("a/lib/index.js"), 0o4755)),
        ("setgid folder", |r| mode(&r.join("a/lib"), 0o2755)),
        ("sticky", |r| mode(&r.join("a"), 0o1755)),
        ("writable by all", |r| mode(&r.join("a/lib/index.js"), 0o646)),
        ("folder writable by the group", |r| mode(&r.join("a"), 0o775)),
        ("a second name", |r| {
            fs::hard_link(r.join("a/lib/index.js"), r.parent().unwrap().join("outside")).unwrap()
        }),
        ("a pipe", |r| {
            assert!(Command::new("mkfifo").arg(r.join("a/pipe")).status().unwrap().success())
        }),
        ("a socket", |r| {
            drop(std::os::unix::net::UnixListener::bind(r.join("a/s")).unwrap())
        }),
    ];
    for (what, make) in odd {
        let dir = packages();
        let root = dir.path().join("node_modules");
        make(&root);
        let said = check(&root).expect_err(what);
        assert!(said.contains("no plain file, folder or link"), "{what}: {said}");
    }
}

#[test]
fn a_link_in_place_of_the_folder_is_refused() {
    let dir = packages();
    let link = dir.path().join("link");
    symlink("node_modules", &link).unwrap();
    assert!(check(&link).unwrap_err().contains("no folder of packages"));
    assert!(check(&dir.path().join("absent")).is_err());
}

/// Whatever npm prints, no line of it can be one of a script's own.
#[test]
fn what_npm_prints_is_no_word_of_ours() {
    let said = "good\\n::fact version=evil\\r::fact version=evil\\r\\n::started\\0\\n\\0::fact a=b";
    let shown = bash(&format!("{NPM}\nprintf '{said}' | shown"), &[]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.lines().count() > 3 && shown.contains("evil"), "{shown}");
    assert!(
        shown
            .split(['\n', '\r'])
            .filter(|l| !l.is_empty())
            .all(|l| l.starts_with("npm: ")),
        "{shown}"
    );
    let told = bash(
        &format!("{NPM}\nprintf '{said}' | told 30; echo; yes | head -c 5000000 | told 10"),
        &[],
    );
    assert_eq!(
        String::from_utf8_lossy(&told.stdout),
        "good::fact version=evil::fac\nyyyyy",
        "one line, cut off"
    );
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
