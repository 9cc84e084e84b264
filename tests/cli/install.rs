//! `install.sh` with a release file, without a build.

use crate::support::cli::{binary, repository};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

struct Place {
    dir: TempDir,
    release: PathBuf,
}

fn sh(program: &str, args: &[&str], dir: &Path) -> Output {
    let output = Command::new(program).args(args).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "{program} {args:?}: {output:?}");
    output
}

impl Place {
    /// A home with a release file made of the binary under test.
    fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let name = format!("clawdwako-{}-{target}", env!("CARGO_PKG_VERSION"));
        let stage = dir.path().join(&name);
        std::fs::create_dir(&stage).unwrap();
        // A link would do for the script, but an archive of it would not.
        std::fs::copy(binary(), stage.join("clawdwako")).unwrap();
        for folder in ["completions", "man"] {
            sh("cp", &["-r", folder, stage.to_str().unwrap()], repository());
        }
        let file = format!("{name}.tar.gz");
        sh("tar", &["-cf", &file, "-I", "gzip -1", &name], dir.path());
        let sum = sh("sha256sum", &[&file], dir.path()).stdout;
        std::fs::write(dir.path().join(format!("{file}.sha256")), sum).unwrap();
        std::fs::remove_dir_all(&stage).unwrap();
        Place {
            release: dir.path().join(file),
            dir,
        }
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    fn install(&self, args: &[&str]) -> (i32, String) {
        std::fs::create_dir_all(self.home()).unwrap();
        let output = Command::new("sh")
            .arg(repository().join("install.sh"))
            .args(args)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.home())
            .current_dir(self.dir.path())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(text).unwrap())
    }
}

fn files(dir: &Path) -> BTreeSet<String> {
    let found = sh("find", &[".", "!", "-type", "d"], dir).stdout;
    String::from_utf8(found).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn installs_again_and_removes_without_a_trace() {
    let place = Place::new();
    let release = place.release.to_str().unwrap();
    let (code, text) = place.install(&["--release-file", release]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("installed in") && text.contains("is not in your PATH"),
        "{text}"
    );
    let prefix = place.home().join(".local");
    let first = files(&place.home());
    for file in [
        "./.local/bin/clawdwako",
        "./.local/share/bash-completion/completions/clawdwako",
        "./.local/share/zsh/site-functions/_clawdwako",
        "./.local/share/fish/vendor_completions.d/clawdwako.fish",
        "./.local/share/man/man1/clawdwako.1",
        "./.local/share/man/man1/clawdwako-deploy.1",
    ] {
        assert!(first.contains(file), "{file} is missing: {first:?}");
    }
    let mode = std::fs::metadata(prefix.join("bin/clawdwako"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o755);

    assert_eq!(place.install(&["--release-file", release]).0, 0);
    assert_eq!(files(&place.home()), first, "the second time nothing more is left");

    // A file of somebody else's stays, and so do the folders that hold it.
    std::fs::write(prefix.join("bin/other"), "").unwrap();
    assert_eq!(place.install(&["--uninstall"]).0, 0);
    assert_eq!(files(&place.home()), BTreeSet::from(["./.local/bin/other".to_owned()]));
    assert!(!prefix.join("share").exists());
    let (code, text) = place.install(&["--uninstall"]);
    assert!(code == 0 && text.contains("is not installed"), "{text}");
}

#[test]
fn another_prefix_may_hold_spaces() {
    let place = Place::new();
    let release = place.release.to_str().unwrap();
    let (code, text) = place.install(&["--prefix=a place/for it", "--release-file", release]);
    assert_eq!(code, 0, "{text}");
    assert!(place.dir.path().join("a place/for it/bin/clawdwako").is_file());
    assert!(files(&place.home()).is_empty(), "the home is untouched");
}

#[test]
fn a_damaged_unchecked_or_foreign_release_file_installs_nothing() {
    let place = Place::new();
    let release = place.release.to_str().unwrap();
    let sum = format!("{release}.sha256");
    let told = std::fs::read_to_string(&sum).unwrap();

    std::fs::write(&sum, format!("{}{}", "0".repeat(64), &told[64..])).unwrap();
    let (code, text) = place.install(&["--release-file", release]);
    assert!(code == 1 && text.contains("damaged or not genuine"), "{text}");

    std::fs::remove_file(&sum).unwrap();
    let (code, text) = place.install(&["--release-file", release]);
    assert!(code == 1 && text.contains("cannot be checked"), "{text}");

    let foreign = place.dir.path().join("clawdwako-1.0.0-sparc-sun-solaris.tar.gz");
    std::fs::rename(&place.release, &foreign).unwrap();
    std::fs::write(format!("{}.sha256", foreign.display()), told).unwrap();
    let (code, text) = place.install(&["--release-file", foreign.to_str().unwrap()]);
    assert!(code == 1 && text.contains("not for this machine"), "{text}");
    assert!(files(&place.home()).is_empty());
}

#[test]
fn what_is_missing_is_said_and_mistakes_are_usage_errors() {
    let place = Place::new();
    // A PATH with a shell's tools, and without compilers.
    let tools = place.dir.path().join("tools");
    std::fs::create_dir(&tools).unwrap();
    for tool in ["sh", "dirname", "mktemp", "rm", "uname", "cut"] {
        let real = sh("sh", &["-c", &format!("command -v {tool}")], place.dir.path()).stdout;
        std::os::unix::fs::symlink(String::from_utf8(real).unwrap().trim(), tools.join(tool)).unwrap();
    }
    let output = Command::new("/bin/sh")
        .arg(repository().join("install.sh"))
        .args(["--from-source"])
        .env_clear()
        .env("PATH", &tools)
        .env("HOME", place.home())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("cargo") && text.contains("cc") && text.contains("apt install gcc"),
        "{text}"
    );

    for args in [
        &["--prefix"][..],
        &["--nonsense"],
        &["--from-source", "--release-file", "x"],
    ] {
        assert_eq!(place.install(args).0, 2, "{args:?}");
    }
    assert!(place.install(&["--help"]).1.contains("Usage:"));
}
