//! Programs that tests run: those of other people, installed here if they are missing, and how
//! any of them comes before what else a machine does.

use rustix::process::{getpriority_process, setpriority_process};
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

/// Tests run side by side, package managers do not.
static INSTALLING: Mutex<()> = Mutex::new(());

/// Where tests keep what they download: `$CLAWDWAKO_TEST_CACHE`, else below the target folder.
pub fn cache() -> PathBuf {
    let folder = std::env::var_os("CLAWDWAKO_TEST_CACHE").map_or_else(
        // …/target/debug/deps/tests-… lies three below the target folder.
        || {
            let exe = std::env::current_exe().unwrap();
            exe.ancestors().nth(3).unwrap().join("test-cache")
        },
        PathBuf::from,
    );
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Does something as the first in the queue for a processor, and so does what it starts, if we
/// may: on a busy machine what is to happen in a step of some milliseconds would else come after
/// it, and what is measured would be the others' work.
pub fn promptly<T>(act: impl FnOnce() -> T) -> T {
    let usual = getpriority_process(None).unwrap();
    let _ = setpriority_process(None, -20);
    let done = act();
    let _ = setpriority_process(None, usual);
    done
}

/// Runs a command and demands success.
#[track_caller]
pub fn run(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{:?} did not start: {e}", command.get_program()));
    assert!(
        output.status.success(),
        "{:?} failed: {}{}",
        command.get_program(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn starts(program: &str) -> bool {
    // `hcloud version` fails in Debian's build: that it starts is enough.
    Command::new(program).arg("--help").output().is_ok()
}

/// Debian's `hcloud`. `Err` says why there is none.
pub fn hcloud() -> Result<PathBuf, String> {
    debian("hcloud", "hcloud-cli")
}

/// A program of a Debian package, installed if it is missing and this is root on Debian.
pub fn debian(program: &str, package: &str) -> Result<PathBuf, String> {
    let _one = INSTALLING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if !starts(program) {
        let install = format!(
            "apt-get -qq -o DPkg::Lock::Timeout=300 update && \
             apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends {package}"
        );
        let output = Command::new("sh")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["-c", &install])
            .output()
            .map_err(|e| e.to_string())?;
        if !starts(program) {
            return Err(format!(
                "{program} is missing, and {package} could not be installed: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            ));
        }
    }
    Ok(PathBuf::from(program))
}

/// A Python with packages, in an environment of its own. `Err` says why there is none.
pub fn python(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let _one = INSTALLING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = cache().join(format!("python-{name}"));
    let python = folder.join("bin/python");
    // A package may come with its version.
    let names: Vec<&str> = packages.iter().filter_map(|p| p.split("==").next()).collect();
    let imports = names.join(", ");
    let works = |python: &Path| {
        let output = Command::new(python).args(["-c", &format!("import {imports}")]).output();
        output.is_ok_and(|o| o.status.success())
    };
    if works(&python) {
        return Ok(python);
    }
    let step = |command: &mut Command| {
        let output = command.output().map_err(|e| e.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    };
    step(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    step(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet"])
            .args(packages),
    )?;
    if works(&python) {
        Ok(python)
    } else {
        Err(format!("{imports} could not be imported after the installation"))
    }
}
