//! What npm installed is the agent only if it is what the registry told, whatever was there before.
//! npm, its unit and its user are played; the script is the real one.

use super::COMMON;
use std::fs;
use std::path::Path;
use std::process::Command;

const CHECK: &str = include_str!("../../assets/host/check_tree.sh");
const NPM: &str = include_str!("../../assets/host/npm.sh");
const INSTALL: &str = include_str!("../../assets/host/install_openclaw.sh");

/// The registry's hash, and another.
const HASH: &str = "sha512-good==";
const OTHER: &str = "sha512-other==";

/// A server's folder of agents.
struct Host(tempfile::TempDir);

impl Host {
    fn new() -> Host {
        Host(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    /// Where the version is.
    fn home(&self) -> std::path::PathBuf {
        self.path("cw/openclaw/1.2.3")
    }

    /// Runs the script; npm would bring this version with this hash. Answers what it told, or why
    /// it failed.
    fn install(&self, version: &str, hash: &str) -> Result<String, String> {
        const PLAY: &str = r#"
            CW=$PWD/cw NPM_WORK=$PWD/cw/.npm-work NPM_USER=$(id -un)
            lock() { :; }
            chown() { :; }
            npm_quiet() { :; }
            npm_ground() { rm -rf "$NPM_WORK"; mkdir -p "$NPM_WORK"; }
            # The list that npm leaves is what its package says of itself.
            as_npm() {
              local at=$1
              shift
              case $* in
                'npm install'*)
                  echo >>asked
                  mkdir -p "$at/node_modules/openclaw"
                  echo '#!/bin/sh' >"$at/node_modules/openclaw/openclaw.mjs"
                  printf '[["openclaw","%s","%s"]]\n' "$BRINGS" "$BRINGS_HASH" >"$at/node_modules/.package-lock.json"
                  ;;
                'node -e'*) cat "${!#}" ;;
                *--version) echo "OpenClaw $BRINGS" ;;
              esac
            }
        "#;
        let script = format!("set -euo pipefail\n{COMMON}\n{NPM}\n{CHECK}\n{PLAY}\nmain() {{\n{INSTALL}\n}}\nmain");
        let out = Command::new("bash")
            .args(["-c", &script])
            .current_dir(self.0.path())
            .envs([
                ("VERSION", "1.2.3"),
                ("INTEGRITY", HASH),
                ("NODE", "26"),
                ("REGISTRY", ""),
            ])
            .envs([("NPM_UNIT", ""), ("BRINGS", version), ("BRINGS_HASH", hash)])
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match out.status.success() {
            true => Ok(text(&out.stdout)),
            false => Err(text(&out.stderr)),
        }
    }

    /// How often npm was asked to install.
    fn asked(&self) -> usize {
        fs::read_to_string(self.path("asked")).map_or(0, |text| text.lines().count())
    }

    #[track_caller]
    fn demand_whole(&self, told: &Result<String, String>) {
        let told = told.as_ref().unwrap();
        let packages = format!(r#"::fact packages=[["openclaw","1.2.3","{HASH}"]]"#);
        assert!(
            told.contains(&packages) && told.contains("::fact agent_version=1.2.3\n"),
            "{told}"
        );
        assert_eq!(read(&self.home().join(".integrity")), format!("{HASH}\n"));
        assert!(self.home().join("bin/openclaw").exists());
        assert!(!self.path("cw/.npm-work").exists(), "what npm needed is not left");
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_registrys_package_is_installed_once() {
    let host = Host::new();
    host.demand_whole(&host.install("1.2.3", HASH));
    host.demand_whole(&host.install("1.2.3", HASH));
    assert_eq!(host.asked(), 1);
}

#[test]
fn another_package_than_the_registrys_is_refused_and_not_taken_afterwards() {
    for (version, hash) in [("1.2.3", OTHER), ("1.2.4", HASH), ("1.2.3", "null"), ("1.2.33", HASH)] {
        let host = Host::new();
        for _ in 0..2 {
            let why = host.install(version, hash).expect_err(hash);
            assert!(why.contains("not version 1.2.3 of the agent with integrity"), "{why}");
            assert!(
                !host.home().exists(),
                "{version} {hash}: nothing that a bot could be pointed at"
            );
        }
        assert_eq!(host.asked(), 2, "what was refused is not looked at again");
        // The registry's own takes its place.
        host.demand_whole(&host.install("1.2.3", HASH));
        assert_eq!(
            fs::read_dir(host.path("cw/openclaw")).unwrap().count(),
            1,
            "no left-overs"
        );
    }
}

/// It was installed well, and is something else now, or the registry says so.
#[test]
fn a_version_that_was_damaged_later_is_not_taken_for_good() {
    type Damage = fn(&Path);
    let all: [(&str, Damage); 4] = [
        ("has another integrity", |home| {
            fs::write(home.join(".integrity"), format!("{OTHER}\n")).unwrap();
        }),
        ("has another integrity", |home| {
            fs::write(home.join(".integrity"), "").unwrap()
        }),
        ("is missing or damaged", |home| {
            fs::remove_file(home.join("node_modules/.package-lock.json")).unwrap();
        }),
        ("is missing or damaged", |home| {
            fs::remove_dir_all(home.join("node_modules")).unwrap();
        }),
    ];
    for (words, damage) in all {
        let host = Host::new();
        host.demand_whole(&host.install("1.2.3", HASH));
        damage(&host.home());
        let why = host.install("1.2.3", HASH).expect_err(words);
        assert!(why.contains(words), "{why}");
        assert_eq!(host.asked(), 1);
    }
}

/// One that was cut off, at any point before it was looked at, has no word of being whole.
#[test]
fn an_install_that_was_cut_off_is_begun_anew() {
    let host = Host::new();
    let half = host.path("cw/openclaw/.new-1.2.3/node_modules/openclaw");
    fs::create_dir_all(&half).unwrap();
    fs::write(half.join("evil.js"), "").unwrap();
    host.demand_whole(&host.install("1.2.3", HASH));
    assert!(!host.home().join("node_modules/openclaw/evil.js").exists());
    assert!(!host.path("cw/openclaw/.new-1.2.3").exists());
}
