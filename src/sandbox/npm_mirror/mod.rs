//! An npm registry for the servers, in front of the one that this machine's npm uses.
//!
//! Servers are told of it by the setting that users have too (`CLAWDWAKO_NPM_REGISTRY`), so that
//! nothing of this machine has to be laid into them. What it has fetched it keeps in the cache:
//! documents for a while, and beyond that where the registry does not answer; archives for ever,
//! by their hash.

mod name;
mod packument;
mod routes;
mod upstream;

pub use upstream::Upstream;

use super::cache::Cache;
use super::sync::lock;
use crate::error::{Error, Kind, Result};
use base64::Engine;
use name::PackageName;
use packument::{Packument, Tarball};
use sha2::{Digest, Sha256, Sha512};
use std::collections::{BTreeMap, HashMap};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::sync::{OnceCell, Semaphore};

/// How old a document may be for somebody who looks a version up.
const FRESH: Duration = Duration::from_secs(600);
/// How old it may be for an install, which asks for some hundred and prefers what it has.
const FRESH_ENOUGH: Duration = Duration::from_secs(24 * 3600);
/// How many documents are read at a time: the longest takes a hundred megabytes of memory.
const READERS: usize = 2;

/// The mirror; cheap to clone.
#[derive(Clone)]
pub struct NpmMirror(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    /// Found out when the first package is missing.
    upstream: OnceCell<Upstream>,
    /// Who fetches what: others who want it wait for the first.
    fetching: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    readers: Semaphore,
}

impl NpmMirror {
    /// A mirror of the registry that this machine's npm uses.
    pub fn new(cache: &Cache) -> Self {
        NpmMirror::with(cache, OnceCell::new())
    }

    /// A mirror of another registry.
    pub fn of(cache: &Cache, upstream: Upstream) -> Self {
        NpmMirror::with(cache, OnceCell::from(upstream))
    }

    fn with(cache: &Cache, upstream: OnceCell<Upstream>) -> Self {
        NpmMirror(Arc::new(Inner {
            dir: cache.registry(),
            upstream,
            fetching: Mutex::default(),
            readers: Semaphore::new(READERS),
        }))
    }

    /// A package's document, at most `age` old if the registry can be asked.
    async fn document(&self, name: &PackageName, age: Duration) -> Result<String> {
        let path = self.folder(name).join("document.json");
        if !is_younger(&path, age) {
            let _alone = self.alone(name.to_string()).await;
            if !is_younger(&path, age)
                && let Err(e) = self.renew(name).await
                && (e.kind() == Kind::NotFound || !path.exists())
            {
                return Err(e);
            }
        }
        Ok(tokio::fs::read_to_string(&path).await?)
    }

    /// Fetches a document anew. Its list of archives is in place before it names them.
    async fn renew(&self, name: &PackageName) -> Result<()> {
        let bytes = self.upstream().await?.document(name.as_str()).await?;
        let _reader = self.0.readers.acquire().await;
        let (name, folder) = (name.clone(), self.folder(name));
        let read = tokio::task::spawn_blocking(move || {
            let read = Packument::read(&name, &bytes)?;
            crate::private::folder(&folder)?;
            put(&folder.join("tarballs.json"), &serde_json::to_vec(&read.tarballs)?)?;
            put(&folder.join("document.json"), read.document.as_bytes())
        });
        read.await
            .map_err(|e| crate::error::internal("a document could not be read").because(e))?
    }

    /// The file with an archive, fetched if need be.
    async fn tarball(&self, name: &PackageName, file: &str) -> Result<PathBuf> {
        let tarball = match self.listed(name, file).await? {
            Some(tarball) => tarball,
            None => {
                self.document(name, Duration::ZERO).await?;
                let listed = self.listed(name, file).await?;
                listed.ok_or_else(|| Error::new(Kind::NotFound, format!("{name} has no {file}")))?
            }
        };
        let path = self.folder(name).join(kept_as(&tarball));
        if !path.exists() {
            let _alone = self.alone(format!("{name}/{file}")).await;
            if !path.exists() {
                self.fetch(&tarball, &path).await?;
            }
        }
        Ok(path)
    }

    async fn listed(&self, name: &PackageName, file: &str) -> Result<Option<Tarball>> {
        let list = match tokio::fs::read(self.folder(name).join("tarballs.json")).await {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            list => list?,
        };
        let mut list: BTreeMap<String, Tarball> = serde_json::from_slice(&list)?;
        Ok(list.remove(file))
    }

    /// Fetches an archive; one whose hash is not what the registry said is not kept.
    async fn fetch(&self, tarball: &Tarball, to: &Path) -> Result<()> {
        let mut answer = self.upstream().await?.tarball(&tarball.url).await?;
        let part = part_of(to)?;
        let fetched = async {
            let mut file = tokio::fs::File::create(&part).await?;
            let mut hash = Sha512::new();
            while let Some(chunk) = answer.chunk().await.map_err(upstream::lost)? {
                hash.update(&chunk);
                file.write_all(&chunk).await?;
            }
            file.flush().await?;
            let wanted = sha512(tarball);
            if wanted.is_some_and(|wanted| wanted != hash.finalize()[..]) {
                let what = format!("{} does not have the hash that the registry tells", tarball.url.path());
                return Err(Error::new(Kind::Upstream, what));
            }
            Ok(std::fs::rename(&part, to)?)
        };
        let fetched = fetched.await;
        if fetched.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        fetched
    }

    async fn upstream(&self) -> Result<&Upstream> {
        self.0.upstream.get_or_try_init(Upstream::of_this_machine).await
    }

    /// Waits until nobody else fetches this, then keeps others from it.
    async fn alone(&self, what: String) -> tokio::sync::OwnedMutexGuard<()> {
        let mutex = Arc::clone(lock(&self.0.fetching).entry(what).or_default());
        mutex.lock_owned().await
    }

    fn folder(&self, name: &PackageName) -> PathBuf {
        self.0.dir.join(name.folder())
    }
}

/// The file name under which an archive is kept: another one for another content.
fn kept_as(tarball: &Tarball) -> String {
    let key = tarball.integrity.as_deref().unwrap_or(tarball.url.as_str());
    let hex: String = Sha256::digest(key).iter().map(|b| format!("{b:02x}")).collect();
    format!("{hex}.tgz")
}

/// The SHA-512 that the registry tells of an archive; npm checks those that have another hash.
fn sha512(tarball: &Tarball) -> Option<Vec<u8>> {
    let mut hashes = tarball.integrity.as_deref()?.split_ascii_whitespace();
    let hash = hashes.find_map(|h| h.strip_prefix("sha512-"))?;
    base64::engine::general_purpose::STANDARD.decode(hash).ok()
}

fn is_younger(path: &Path, age: Duration) -> bool {
    let modified = std::fs::metadata(path).and_then(|m| m.modified());
    modified.is_ok_and(|m| m.elapsed().is_ok_and(|passed| passed < age))
}

/// Puts a file in place whole; sandboxes of other processes may do so at the same time.
fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    let part = part_of(path)?;
    std::fs::write(&part, bytes)?;
    Ok(std::fs::rename(&part, path)?)
}

fn part_of(path: &Path) -> Result<PathBuf> {
    let mut random = [0u8; 8];
    getrandom::fill(&mut random).map_err(|_| crate::error::internal("the system has no randomness"))?;
    Ok(path.with_extension(format!("{:016x}.part", u64::from_le_bytes(random))))
}
