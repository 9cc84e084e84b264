//! Node's archives in the layout of Node's own site.
//!
//! From that site where it can be reached. Elsewhere from the npm packages that hold the same
//! files, put together here, with checksums of our own. Either way they are kept in the cache.

mod routes;

use super::cache::Cache;
use super::shell::Shell;
use crate::error::{Error, Kind, Result};
use axum::http::StatusCode;
use futures_util::StreamExt;
use semver::Version;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::sync::OnceCell;
use url::Url;

/// How long Node's own site has to say something before it counts as out of reach.
const REACH: Duration = Duration::from_secs(3);
/// How long one archive may take.
const DOWNLOAD: Duration = Duration::from_secs(600);
const SUMS: &str = "SHASUMS256.txt";

/// The mirror; cheap to clone.
#[derive(Clone)]
pub struct NodeMirror(Arc<Inner>);

struct Inner {
    cache: Cache,
    /// Node's own site, with a slash at the end.
    upstream: Url,
    client: reqwest::Client,
    /// Whether Node's own site answers; asked once.
    reachable: OnceCell<bool>,
    /// Versions and their dates, from npm; asked once.
    versions: OnceCell<BTreeMap<Version, String>>,
}

impl NodeMirror {
    /// A mirror that keeps what it has in the cache.
    ///
    /// # Errors
    /// `internal` if TLS cannot be set up.
    pub fn new(cache: &Cache, upstream: Url) -> Result<Self> {
        let client = reqwest::Client::builder()
            .connect_timeout(REACH)
            .timeout(DOWNLOAD)
            .build()
            .map_err(|e| crate::error::internal("the HTTP client could not be made").because(e))?;
        let (reachable, versions) = (OnceCell::new(), OnceCell::new());
        Ok(NodeMirror(Arc::new(Inner {
            cache: cache.clone(),
            upstream,
            client,
            reachable,
            versions,
        })))
    }

    /// Finds out what can be had, so that the first caller need not wait for it.
    pub async fn prepare(&self) {
        // What fails here fails again for the caller, and is told there.
        let _ = self.versions().await;
    }

    /// The newest version of a major one; of those in the cache if the world cannot be asked.
    async fn newest(&self, major: u64) -> Result<Version> {
        let found = match self.versions().await {
            Ok(versions) => versions.keys().rfind(|v| v.major == major).cloned(),
            Err(e) => Some(self.newest_kept(major).ok_or(e)?),
        };
        found.ok_or_else(|| none(&format!("Node {major}")))
    }

    fn newest_kept(&self, major: u64) -> Option<Version> {
        let folders = std::fs::read_dir(self.0.cache.node()).ok()?.flatten();
        let kept = folders.filter(|f| f.path().join(SUMS).exists());
        let versions = kept.filter_map(|f| f.file_name().to_str()?.strip_prefix('v')?.parse::<Version>().ok());
        versions.filter(|v| v.major == major).max()
    }

    /// The folder with a version's archives and checksums, made if need be.
    async fn archives(&self, version: &Version) -> Result<PathBuf> {
        let name = format!("v{version}");
        let folder = self.0.cache.node().join(&name);
        let _maker = self.0.cache.exclusive("node").await?;
        if folder.join(SUMS).exists() {
            return Ok(folder);
        }
        if self.reachable().await {
            let sums = self.fetch(&format!("{name}/{SUMS}")).await?;
            std::fs::create_dir_all(&folder)?;
            let part = folder.join(format!("{SUMS}.part"));
            std::fs::write(&part, sums)?;
            std::fs::rename(&part, folder.join(SUMS))?;
            return Ok(folder);
        }
        if !self.versions().await?.contains_key(version) {
            return Err(none(&format!("Node {version}")));
        }
        Shell::new("node-archive", include_str!("../../../assets/sandbox/node-archive.sh"))
            .var("OUT", &folder)
            .var("VERSION", version.to_string())
            .var("ARCH", arch()?)
            .var("NPM_CACHE", self.0.cache.npm())
            .within(DOWNLOAD)
            .run()
            .await?;
        Ok(folder)
    }

    /// One file of a version. From Node's own site only if its checksum is right.
    async fn file(&self, version: &Version, name: &str) -> Result<PathBuf> {
        let folder = self.archives(version).await?;
        let path = folder.join(name);
        if path.exists() {
            return Ok(path);
        }
        let sums = std::fs::read_to_string(folder.join(SUMS))?;
        let expected = checksum(&sums, name).ok_or_else(|| none(name))?;
        if !self.reachable().await {
            return Err(none(name));
        }
        let _maker = self.0.cache.exclusive("node").await?;
        if !path.exists() {
            self.download(&format!("v{version}/{name}"), expected, &path).await?;
        }
        Ok(path)
    }

    async fn reachable(&self) -> bool {
        let ask = async {
            let asked = self.0.client.head(self.at("index.json")?).timeout(REACH).send().await;
            Ok::<bool, Error>(asked.is_ok_and(|r| r.status().is_success()))
        };
        *self
            .0
            .reachable
            .get_or_init(|| async { ask.await.unwrap_or(false) })
            .await
    }

    /// Every version that can be had, with its date.
    async fn versions(&self) -> Result<&BTreeMap<Version, String>> {
        self.0.versions.get_or_try_init(|| self.list()).await
    }

    async fn list(&self) -> Result<BTreeMap<Version, String>> {
        if self.reachable().await {
            let entries: Vec<serde_json::Value> = serde_json::from_slice(&self.fetch("index.json").await?)?;
            let read = |e: &serde_json::Value| {
                let version = e["version"].as_str()?.strip_prefix('v')?.parse().ok()?;
                Some((version, e["date"].as_str().unwrap_or_default().to_owned()))
            };
            return Ok(entries.iter().filter_map(read).collect());
        }
        let text = Shell::new(
            "node-versions",
            "cd /; npm view \"node-linux-$ARCH\" time --json --cache \"$NPM_CACHE\"",
        )
        .var("ARCH", arch()?)
        .var("NPM_CACHE", self.0.cache.npm())
        .run()
        .await
        .map_err(|e| e.hint("neither Node's own site nor the npm registry answers: look at the network"))?;
        Ok(read_times(&serde_json::from_str(&text)?))
    }

    fn at(&self, path: &str) -> Result<Url> {
        self.0
            .upstream
            .join(path)
            .map_err(|e| crate::error::internal("a bad address").because(e))
    }

    async fn fetch(&self, path: &str) -> Result<Vec<u8>> {
        let answer = self.0.client.get(self.at(path)?).send().await.map_err(lost)?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Err(none(path));
        }
        let answer = answer.error_for_status().map_err(lost)?;
        Ok(answer.bytes().await.map_err(lost)?.to_vec())
    }

    async fn download(&self, path: &str, expected: &str, to: &Path) -> Result<()> {
        let answer = self
            .0
            .client
            .get(self.at(path)?)
            .send()
            .await
            .and_then(|r| r.error_for_status())
            .map_err(lost)?;
        let part = to.with_extension("part");
        let mut file = tokio::fs::File::create(&part).await?;
        let (mut hash, mut chunks) = (Sha256::new(), answer.bytes_stream());
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(lost)?;
            hash.update(&chunk);
            file.write_all(&chunk).await?;
        }
        file.sync_all().await?;
        let got: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
        if got != expected {
            std::fs::remove_file(&part)?;
            return Err(Error::new(
                Kind::Upstream,
                format!("{path} does not have the checksum that Node's site tells"),
            ));
        }
        Ok(std::fs::rename(&part, to)?)
    }
}

/// Node's name of this machine's processor.
fn arch() -> Result<&'static str> {
    match std::env::consts::ARCH {
        "x86_64" => Ok("x64"),
        "aarch64" => Ok("arm64"),
        other => Err(Error::new(
            Kind::Unsupported,
            format!("there is no Node for {other} processors"),
        )),
    }
}

/// Versions and their days, from npm's `time`; without prereleases.
fn read_times(times: &BTreeMap<String, String>) -> BTreeMap<Version, String> {
    let read = |(version, time): (&String, &String)| {
        let version: Version = version.parse().ok()?;
        (version.pre.is_empty() && version.build.is_empty()).then(|| (version, time.chars().take(10).collect()))
    };
    times.iter().filter_map(read).collect()
}

fn checksum<'a>(sums: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = sums.lines().filter_map(|l| l.split_once("  "));
    pairs.find(|(_, n)| *n == name).map(|(sum, _)| sum)
}

fn none(what: &str) -> Error {
    Error::new(Kind::NotFound, format!("there is no {what}"))
}

fn lost(e: reqwest::Error) -> Error {
    Error::new(Kind::Network, "Node's own site stopped answering").because(e)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    async fn serve(upstream: &str, dir: &Path) -> String {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mirror = NodeMirror::new(&Cache::open(dir).unwrap(), upstream.parse().unwrap()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, mirror.router()).await });
        base
    }

    async fn get(url: String) -> (u16, String) {
        let answer = reqwest::get(url).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    #[tokio::test]
    async fn what_is_cached_is_served_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("node/v26.1.0");
        std::fs::create_dir_all(&folder).unwrap();
        let name = "node-v26.1.0-linux-x64.tar.gz";
        std::fs::write(folder.join(name), "archive").unwrap();
        std::fs::write(folder.join(SUMS), format!("aa  {name}\n")).unwrap();
        std::fs::write(dir.path().join("secret"), "x").unwrap();
        // Nothing listens on port 9 of this machine: Node's own site is out of reach.
        let base = serve("http://127.0.0.1:9/", dir.path()).await;
        assert_eq!(get(format!("{base}v26.1.0/{name}")).await, (200, "archive".into()));
        assert_eq!(
            get(format!("{base}v26.1.0/{SUMS}")).await,
            (200, format!("aa  {name}\n"))
        );
        for bad in [
            "v26.1.0/other",
            "v26.1.0/..%2f..%2fsecret",
            "vx/SHASUMS256.txt",
            "v..%2f/x",
            "latest-vx.x/SHASUMS256.txt",
        ] {
            assert_eq!(get(format!("{base}{bad}")).await.0, 404, "{bad}");
        }
    }

    #[tokio::test]
    async fn nodes_own_site_is_asked_first_and_checked() {
        use wiremock::matchers::{method, path};
        use wiremock::{Mock, MockServer, ResponseTemplate};
        let site = MockServer::start().await;
        let name = "node-v26.1.0-linux-x64.tar.gz";
        let sum: String = Sha256::digest("archive").iter().map(|b| format!("{b:02x}")).collect();
        let list =
            serde_json::json!([{"version": "v26.1.0", "date": "2026-05-01"}, {"version": "v24.9.0", "date": "d"}]);
        let answers = [
            ("/index.json", list.to_string()),
            ("/v26.1.0/SHASUMS256.txt", format!("{sum}  {name}\n{sum}  bad.tar.gz\n")),
            ("/v26.1.0/node-v26.1.0-linux-x64.tar.gz", "archive".into()),
            ("/v26.1.0/bad.tar.gz", "changed on the way".into()),
        ];
        for (at, body) in answers {
            let answer = ResponseTemplate::new(200).set_body_string(body);
            Mock::given(path(at)).respond_with(answer).mount(&site).await;
        }
        let dir = tempfile::tempdir().unwrap();
        let base = serve(&format!("{}/", site.uri()), dir.path()).await;
        assert!(get(format!("{base}latest-v26.x/{SUMS}")).await.1.starts_with(&sum));
        for _ in 0..2 {
            assert_eq!(get(format!("{base}v26.1.0/{name}")).await, (200, "archive".into()));
        }
        assert_eq!(get(format!("{base}v26.1.0/bad.tar.gz")).await.0, 502);
        assert!(
            get(format!("{base}index.json"))
                .await
                .1
                .starts_with("[{\"date\":\"2026-05-01\"")
        );
        site.reset().await;
        Mock::given(method("GET"))
            .respond_with(ResponseTemplate::new(500))
            .mount(&site)
            .await;
        assert_eq!(get(format!("{base}v26.1.0/{name}")).await.0, 200, "from the cache");
    }

    #[test]
    fn npms_times_are_versions() {
        let times = [
            ("created", "2016"),
            ("26.10.0", "2026-09-23T02:18"),
            ("26.9.0", "2026-09-17T"),
            ("27.0.0-rc.1", "x"),
        ];
        let times = times.map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        let got: Vec<_> = read_times(&times)
            .into_iter()
            .map(|(v, d)| format!("{v} {d}"))
            .collect();
        assert_eq!(got, ["26.9.0 2026-09-17", "26.10.0 2026-09-23"]);
    }
}
