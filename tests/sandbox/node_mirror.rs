//! Node put together from npm packages: needs the npm registry; the first run takes half a minute.

use super::bench::{cache, home};
use clawdwako::sandbox::node_mirror::NodeMirror;
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_runs_with_the_checksums_that_are_told() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    // Nothing listens on port 9 of this machine: Node's own site counts as out of reach.
    let mirror = NodeMirror::new(&cache(), "http://127.0.0.1:9/".parse().unwrap()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, mirror.router()).await });
    let dir = home("node");
    let script = r#"set -euo pipefail
        cd "$DIR"; rm -rf -- *
        curl -sf "$BASE/index.json" | grep -q '"version":"v26\.'
        curl -sfO "$BASE/latest-v26.x/SHASUMS256.txt"
        for file in $(grep -oE 'node-v26[0-9.]*-linux-[a-z0-9]+\.tar\.(xz|gz)$' SHASUMS256.txt); do
            version=${file#node-}; version=${version%%-*}
            curl -sfO "$BASE/$version/$file"
            grep " $file\$" SHASUMS256.txt | sha256sum -c --quiet
            mkdir out; tar -xf "$file" -C out --strip-components=1
            [ "$(out/bin/node --version)" = "$version" ]
            PATH=$PWD/out/bin:$PATH out/bin/npm --version
            rm -r out
        done"#;
    let mut command = Command::new("bash");
    command.args(["-c", script]).env("DIR", &dir).env("BASE", &base);
    let out = command.output().await.unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{text}{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(text.lines().count(), 2, "npm of the xz and of the gz archive: {text}");
}
