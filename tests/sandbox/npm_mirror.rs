//! The npm registry for the servers, in front of one that the test holds.

use base64::Engine;
use clawdwako::sandbox::cache::Cache;
use clawdwako::sandbox::npm_mirror::{NpmMirror, Upstream};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use std::path::Path;
use std::time::{Duration, SystemTime};
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const WHOLE: &str = "application/json";
const SHORT: &str = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";
const ARCHIVE: &str = "an archive";

struct Mirror {
    registry: MockServer,
    dir: tempfile::TempDir,
    base: String,
}

impl Mirror {
    async fn start() -> Mirror {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let (registry, dir) = (MockServer::start().await, tempfile::tempdir().unwrap());
        let upstream = Upstream::new(format!("{}/own", registry.uri()).parse().unwrap(), None).unwrap();
        let mirror = NpmMirror::of(&Cache::open(dir.path()).unwrap(), upstream);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/npm/", listener.local_addr().unwrap());
        let routes = axum::Router::new().nest("/npm", mirror.router("/npm"));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Mirror { registry, dir, base }
    }

    /// The registry has a package of two versions, the second with another archive than it says.
    async fn has(&self, name: &str) {
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha512::digest(ARCHIVE));
        let version = |version: &str| {
            let tarball = format!("{}/elsewhere/{version}", self.registry.uri());
            json!({"name": name, "version": version, "readme": "long",
                "dist": {"tarball": tarball, "integrity": format!("sha512-{hash}")}})
        };
        let document = json!({"name": name, "dist-tags": {"latest": "1.0.0"},
            "versions": {"1.0.0": version("1.0.0"), "2.0.0": version("2.0.0")}});
        let encoded = name.replace('/', "%2f");
        for (at, answer) in [
            (
                format!("/own/{encoded}"),
                ResponseTemplate::new(200).set_body_json(document),
            ),
            (
                "/elsewhere/1.0.0".into(),
                ResponseTemplate::new(200).set_body_string(ARCHIVE),
            ),
            (
                "/elsewhere/2.0.0".into(),
                ResponseTemplate::new(200).set_body_string("changed on the way"),
            ),
        ] {
            let answer = answer.set_delay(Duration::from_millis(50));
            Mock::given(path(at)).respond_with(answer).mount(&self.registry).await;
        }
    }

    async fn is_down(&self) {
        self.registry.reset().await;
        Mock::given(any())
            .respond_with(ResponseTemplate::new(503))
            .mount(&self.registry)
            .await;
    }

    async fn get(&self, at: &str, accept: &str) -> (u16, String) {
        let url = if at.starts_with("http") {
            at.to_owned()
        } else {
            format!("{}{at}", self.base)
        };
        let answer = reqwest::Client::new()
            .get(url)
            .header("accept", accept)
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// The address of a version's archive, as the package's document tells it.
    async fn tarball(&self, name: &str, version: &str) -> String {
        let (status, document) = self.get(name, SHORT).await;
        assert_eq!(status, 200, "{document}");
        let document: Value = serde_json::from_str(&document).unwrap();
        document["versions"][version]["dist"]["tarball"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// How often the registry was asked for what ends so.
    async fn asked(&self, end: &str) -> usize {
        let all = self.registry.received_requests().await.unwrap();
        all.iter().filter(|r| r.url.path().ends_with(end)).count()
    }
}

fn files(dir: &Path, end: &str) -> Vec<std::path::PathBuf> {
    let inside = |dir: std::fs::DirEntry| std::fs::read_dir(dir.path()).unwrap().flatten();
    let folders = std::fs::read_dir(dir.join("registry")).unwrap().flatten();
    let all = folders.flat_map(inside).map(|e| e.path());
    all.filter(|p| p.to_string_lossy().ends_with(end)).collect()
}

#[tokio::test]
async fn packages_come_through_the_mirror_and_stay_when_the_registry_is_gone() {
    let on = Mirror::start().await;
    on.has("@a/b").await;
    let tarball = on.tarball("@a%2fb", "1.0.0").await;
    assert_eq!(tarball, format!("{}@a/b/-/b-1.0.0.tgz", on.base));
    assert_eq!(on.get(&tarball, WHOLE).await, (200, ARCHIVE.into()));
    let (_, document) = on.get("@a%2fb", WHOLE).await;
    assert!(
        !document.contains("readme") && !document.contains(&on.registry.uri()),
        "{document}"
    );
    assert_eq!(
        (on.asked("b").await, on.asked("1.0.0").await),
        (1, 1),
        "asked once each"
    );
    on.is_down().await;
    assert_eq!(on.get(&tarball, WHOLE).await, (200, ARCHIVE.into()));
    assert_eq!(on.get("unknown", SHORT).await.0, 502);
    // Grown old, a document is asked for again, and does where there is no answer.
    let kept = files(on.dir.path(), "document.json").remove(0);
    let old = SystemTime::now() - Duration::from_secs(48 * 3600);
    std::fs::File::open(&kept).unwrap().set_modified(old).unwrap();
    assert_eq!(on.tarball("@a/b", "1.0.0").await, tarball);
    assert_eq!(on.asked("b").await, 1);
}

#[tokio::test]
async fn an_archive_with_another_hash_is_not_kept() {
    let on = Mirror::start().await;
    on.has("b").await;
    let bad = on.tarball("b", "2.0.0").await;
    for _ in 0..2 {
        let (status, said) = on.get(&bad, WHOLE).await;
        assert!(
            status == 502 && said.contains("does not have the hash"),
            "{status} {said}"
        );
    }
    assert_eq!(on.asked("2.0.0").await, 2);
    let left = [files(on.dir.path(), ".tgz"), files(on.dir.path(), ".part")].concat();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn many_who_want_the_same_make_one_call() {
    let on = Mirror::start().await;
    on.has("b").await;
    let documents = futures_util::future::join_all((0..20).map(|_| on.get("b", SHORT))).await;
    assert!(
        documents.iter().all(|d| *d == documents[0] && d.0 == 200),
        "{documents:?}"
    );
    let tarball = on.tarball("b", "1.0.0").await;
    let archives = futures_util::future::join_all((0..20).map(|_| on.get(&tarball, WHOLE))).await;
    assert!(archives.iter().all(|a| *a == (200, ARCHIVE.into())), "{archives:?}");
    assert_eq!((on.asked("b").await, on.asked("1.0.0").await), (1, 1));
}

#[tokio::test]
async fn what_is_no_package_reaches_neither_the_registry_nor_the_disk() {
    let on = Mirror::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .mount(&on.registry)
        .await;
    std::fs::write(on.dir.path().join("secret.tgz"), "x").unwrap();
    for bad in [
        "",
        "..%2fsecret",
        "%2e%2e/-/secret.tgz",
        "a/-/..%2f..%2fsecret.tgz",
        "a/-/%2e%2e/secret.tgz",
        "@a%2f..%2f..",
        ".hidden",
        "-/npm/v1/security/advisories/bulk",
        "a/b/c",
    ] {
        assert_eq!(on.get(bad, WHOLE).await.0, 404, "{bad}");
    }
    let asked = on.registry.received_requests().await.unwrap();
    assert!(asked.is_empty(), "{asked:?}");
    assert!(files(on.dir.path(), "").is_empty());
}

#[tokio::test]
async fn what_the_registry_does_not_have_is_not_there() {
    let on = Mirror::start().await;
    on.has("b").await;
    assert_eq!(on.get("c", SHORT).await.0, 404);
    assert_eq!(on.get("b/-/b-3.0.0.tgz", WHOLE).await.0, 404);
    assert_eq!(
        on.get("b/-/c-1.0.0.tgz", WHOLE).await.0,
        404,
        "an archive of another package"
    );
}
