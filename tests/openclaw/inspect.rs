//! What a look at a server refuses before anything is changed there, on files of a server of our own
//! making.

use clawdwako::openclaw::scripts;
use std::process::Command;

/// Looks at a Debian whose `/etc/resolv.conf` is this; what the script says.
fn look(resolv: &str) -> Option<(bool, String)> {
    if !rustix::process::geteuid().is_root() {
        crate::support::skip("what a look at a server refuses", "needs root, to show another /etc");
        return None;
    }
    let world = format!(
        "set -e
        mount --make-rprivate /
        mount -t tmpfs none /run
        mkdir -p /run/systemd/system
        printf 'ID=debian\\nVERSION_ID=12\\nPRETTY_NAME=Debian\\n' >/run/os
        printf '%s' \"$RESOLV\" >/run/resolv
        mount --bind /run/os \"$(readlink -f /etc/os-release)\"
        mount --bind /run/resolv /etc/resolv.conf
        exec bash -s <<'SCRIPT'\n{}\nSCRIPT",
        scripts::inspect().text()
    );
    let out = Command::new("unshare")
        .args(["-m", "bash", "-c", &world])
        .env("RESOLV", resolv)
        .output()
        .unwrap();
    let said = [out.stdout, out.stderr].concat();
    Some((out.status.success(), String::from_utf8_lossy(&said).into_owned()))
}

#[test]
fn a_server_whose_names_come_from_the_metadata_address_is_refused_with_what_to_do() {
    for address in clawdwako::openclaw::unit::METADATA {
        let Some((well, said)) = look(&format!("search x\nnameserver {address}\n")) else {
            return;
        };
        assert!(
            !well && said.contains("apt-get install systemd-resolved"),
            "{address}: {said}"
        );
    }
    for usual in [
        "nameserver 127.0.0.53\n",
        "nameserver 9.9.9.9\n# nameserver 169.254.169.254\n",
        "",
    ] {
        let (well, said) = look(usual).unwrap();
        assert!(well && said.contains("::fact os=debian-12"), "{usual}: {said}");
    }
}
