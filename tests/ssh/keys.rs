//! Keys that we make and keys that we read, compared with what OpenSSH's own tools say.

use super::server::{private, secret};
use clawdwako::error::Kind;
use clawdwako::model::SshTarget;
use clawdwako::ssh::{generate, host_key, known_hosts};
use std::path::Path;
use std::process::Command;

fn keygen(args: &[&str]) -> String {
    let done = Command::new("ssh-keygen").args(args).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn path(dir: &tempfile::TempDir, name: &str) -> String {
    dir.path().join(name).to_str().unwrap().to_owned()
}

#[test]
fn openssh_understands_our_pairs_and_agrees_on_fingerprints() {
    let dir = tempfile::tempdir().unwrap();
    let pair = generate("clawdwako\n0af").unwrap();
    let file = path(&dir, "key");
    private(Path::new(&file), pair.private.expose());
    assert_eq!(keygen(&["-y", "-f", &file]).trim(), pair.public);
    assert!(pair.public.ends_with(" clawdwako0af"));
    assert_eq!(format!("{:?}", pair.private), "***");
    std::fs::write(path(&dir, "key.pub"), &pair.public).unwrap();
    let shown = keygen(&["-l", "-f", &path(&dir, "key.pub")]);
    assert_eq!(
        shown.split(' ').nth(1).unwrap(),
        host_key::fingerprint(&pair.public).unwrap()
    );
    let shown = keygen(&["-l", "-E", "md5", "-f", &path(&dir, "key.pub")]);
    let md5 = host_key::fingerprint_md5(&pair.public).unwrap();
    assert_eq!(shown.split(' ').nth(1).unwrap(), format!("MD5:{md5}"));
    assert_eq!(host_key::public_of(&pair.private).unwrap(), pair.public);
    assert_ne!(generate("x").unwrap().public, generate("x").unwrap().public);
}

#[test]
fn private_key_files_are_read_or_explained() {
    let dir = tempfile::tempdir().unwrap();
    let (plain, protected, rsa, ecdsa) = (
        path(&dir, "plain"),
        path(&dir, "protected"),
        path(&dir, "rsa"),
        path(&dir, "ecdsa"),
    );
    keygen(&["-q", "-t", "ed25519", "-N", "", "-f", &plain]);
    keygen(&["-q", "-t", "ed25519", "-N", "opensesame", "-f", &protected]);
    keygen(&["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", &rsa]);
    keygen(&["-q", "-t", "ecdsa", "-N", "", "-f", &ecdsa]);
    let read = |file: &str, pass: Option<&str>| host_key::read_private_key(Path::new(file), pass.map(secret).as_ref());
    for (file, pass) in [(&plain, None), (&ecdsa, None), (&protected, Some("opensesame"))] {
        let public = std::fs::read_to_string(format!("{file}.pub")).unwrap();
        let key = read(file, pass).unwrap();
        assert_eq!(host_key::public_of(&key).unwrap(), public.trim());
    }
    for (file, pass, kind) in [
        (protected.as_str(), None, Kind::NeedsUser),
        (&protected, Some("wrong"), Kind::Auth),
        (&rsa, None, Kind::Unsupported),
        (&format!("{plain}.pub"), None, Kind::Usage),
        (&path(&dir, "missing"), None, Kind::Io),
    ] {
        let e = read(file, pass).unwrap_err();
        assert_eq!(e.kind(), kind, "{file}: {e}");
        assert!(e.next_step().is_some(), "{e}");
    }
}

#[test]
fn only_ed25519_lines_can_be_pinned() {
    let dir = tempfile::tempdir().unwrap();
    let public = generate("a comment").unwrap().public;
    let bare = public.strip_suffix(" a comment").unwrap();
    assert_eq!(host_key::pin(&format!(" {public}\n")).unwrap(), bare);
    let ecdsa = path(&dir, "ecdsa");
    keygen(&["-q", "-t", "ecdsa", "-N", "", "-f", &ecdsa]);
    let ecdsa = std::fs::read_to_string(format!("{ecdsa}.pub")).unwrap();
    for bad in ["", "hello", "ssh-ed25519 AAAA", "ssh-ed25519", ecdsa.as_str()] {
        assert_eq!(host_key::pin(bad).unwrap_err().kind(), Kind::Usage, "{bad}");
    }
}

#[test]
fn known_hosts_finds_plain_hashed_and_ported_entries_but_no_revoked_ones() {
    let dir = tempfile::tempdir().unwrap();
    let file = path(&dir, "known_hosts");
    let bare = |i: &str| host_key::pin(&generate(i).unwrap().public).unwrap();
    let (one, two, gone) = (bare("1"), bare("2"), bare("3"));
    std::fs::write(
        &file,
        format!(
            "# comment\nexample.org,198.51.100.1 {one}\n[example.org]:2222 {two} with comment\n\
             old.example.org {gone}\n@revoked * {gone}\n"
        ),
    )
    .unwrap();
    let find = |host: &str, port| {
        let target = SshTarget {
            host: host.into(),
            port,
            user: "root".into(),
        };
        known_hosts::host_keys(&target, Path::new(&file)).unwrap()
    };
    for hashed in [false, true] {
        if hashed {
            keygen(&["-q", "-H", "-f", &file]);
            assert!(!std::fs::read_to_string(&file).unwrap().contains("198.51.100.1"));
        }
        assert_eq!(find("example.org", 22), std::slice::from_ref(&one));
        assert_eq!(find("198.51.100.1", 22), std::slice::from_ref(&one));
        assert_eq!(find("example.org", 2222), std::slice::from_ref(&two));
        assert!(find("example.com", 22).is_empty());
        assert!(find("old.example.org", 22).is_empty());
    }
    let nowhere = dir.path().join("nowhere");
    let target = SshTarget {
        host: "x".into(),
        port: 22,
        user: "root".into(),
    };
    assert!(known_hosts::host_keys(&target, &nowhere).unwrap().is_empty());
}
