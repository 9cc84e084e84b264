//! What a script starts from: our environment alone, and its own place.

use super::server::{Plan, Server, possible, until};
use clawdwako::ssh::Script;

/// Whatever the login's environment holds, a script finds ours alone: neither sshd's variables nor
/// what BASH_ENV has the login's shell run reach it.
#[tokio::test]
async fn a_script_starts_from_an_environment_of_ours() {
    if !possible() {
        return;
    }
    let mut server = Server::plan(Plan::default());
    let hostile = server.path("hostile.sh");
    std::fs::write(&hostile, HOSTILE).unwrap();
    let config = std::fs::read_to_string(server.path("config")).unwrap();
    let set = format!(
        "{config}SetEnv BASH_ENV={} HTTP_PROXY=http://x HOME=/nowhere\n",
        hostile.display()
    );
    std::fs::write(server.path("config"), set).unwrap();
    server.launch();
    let mut session = server.session().await;
    let body = r#"
        echo "::fact env=$(env | cut -d= -f1 | sort | tr '\n' ' ')"
        echo "::fact at=$HOME $PWD $(umask) $TMPDIR"
        echo "::fact modes=$(stat -c '%a %U' /run/clawdwako "$TMPDIR" | tr '\n' ' ')"
        echo "::fact functions=$(declare -F | tr '\n' ' ')"
    "#;
    let told = session.run(&Script::new("look", body), &mut |_| ()).await.unwrap();
    assert!(server.path("ran").exists(), "the login's own shell ran it");
    let facts = |name: &str| told.facts[name].trim();
    assert_eq!(
        facts("env"),
        "CLAWDWAKO_RUN HOME LC_ALL OLDPWD PATH PWD SHLVL SSH_CONNECTION TMPDIR _"
    );
    assert_eq!(facts("at"), "/root / 0022 /run/clawdwako/tmp");
    assert_eq!(facts("modes"), "700 root 700 root");
    assert_eq!(facts("functions"), "declare -f clawdwako_main");
}

/// What root's shell at the server runs first in that test.
const HOSTILE: &str = r#"
touch "${BASH_ENV%/*}/ran"
export PLANTED=1 TMPDIR=/nowhere IFS=x NODE_OPTIONS=--inspect
grep() { echo planted; }
flock() { false; }
install() { false; }
export -f grep flock install
umask 000
cd /tmp
"#;

/// Another user's process that wears our name ends nobody's turn.
#[tokio::test]
async fn only_roots_processes_count_as_an_earlier_run() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let mut session = server.session().await;
    let key = format!("worn-{}", clawdwako::model::new_id());
    let mut other = std::process::Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "sleep", "300"])
        .env("CLAWDWAKO_RUN", &key)
        .spawn()
        .unwrap();
    let owner = format!("/proc/{}", other.id());
    let owned = || std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(&owner).unwrap()) == 65534;
    until("it is another user's", owned).await;
    let output = session
        .run(&Script::new("turn", "echo mine").exclusive(&key), &mut |_| ())
        .await;
    let alive = other.try_wait().unwrap().is_none();
    other.kill().unwrap();
    other.wait().unwrap();
    assert_eq!(output.unwrap().tail, ["mine"]);
    assert!(alive, "it was ended");
}
