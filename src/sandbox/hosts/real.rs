//! Manages servers that are real: gives out ids, addresses and folders.

use super::machine::{Machine, Power};
use super::record::{Record, plug, purge};
use super::{Bridge, Host, HostSpec, HostStatus, Network};
use crate::error::{Error, Kind, Result, usage};
use crate::sandbox::cache::{Cache, check_path};
use crate::sandbox::image::{self, Layer};
use crate::sandbox::shell::Shell;
use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;

/// The last number of the first server's address; what is below is for the machine itself.
const FIRST: u8 = 11;
const LAST: u8 = 250;
/// Memory where nothing else is asked, in MiB.
const MEMORY_MB: i64 = 2048;
/// Disk where nothing else is asked, in GB. It takes only what is written to it.
const DISK_GB: i64 = 20;

/// Real servers, in one folder and one network.
pub struct Real {
    dir: PathBuf,
    cache: Cache,
    /// The network of all of them.
    pub network: Bridge,
    base: Layer,
    golden: Mutex<Vec<Layer>>,
    places: Mutex<Places>,
    /// How many of the next servers never boot.
    pub never_boot: AtomicU32,
}

/// Which address is whose.
#[derive(Default)]
struct Places {
    next: u8,
    /// By the last number of the address; none while the server is being made or removed.
    taken: BTreeMap<u8, Option<Arc<Machine>>>,
}

impl Real {
    /// Clears what a dead sandbox left in `dir`, and makes the network.
    pub async fn start(dir: &Path, cache: &Cache) -> Result<Real> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir.join("hosts"))?;
        let dir = dir.canonicalize()?;
        check_path(&dir)?;
        clear(&dir).await?;
        let base = image::base(cache, &mut |_| {}).await?;
        Ok(Real {
            network: Bridge::up(&dir).await?,
            cache: cache.clone(),
            dir,
            base,
            golden: Mutex::default(),
            places: Mutex::default(),
            never_boot: AtomicU32::new(0),
        })
    }

    /// Makes a server and switches it on.
    pub async fn create(&self, spec: &HostSpec) -> Result<Host> {
        check_name(&spec.hostname)?;
        let place = self.places()?.take()?;
        let made = self.make(place, spec).await;
        match &made {
            Ok(machine) => {
                self.places()?.taken.insert(place, Some(Arc::clone(machine)));
                machine.switch_on().await;
            }
            Err(_) => drop(self.places()?.taken.remove(&place)),
        }
        made.map(|m| Host {
            id: m.record.id.clone(),
            ipv4: m.record.ipv4.clone(),
        })
    }

    async fn make(&self, place: u8, spec: &HostSpec) -> Result<Arc<Machine>> {
        let lower = self.lower(&spec.image).await?;
        let mut random = [0u8; 4];
        getrandom::fill(&mut random).map_err(|_| crate::error::internal("the system has no randomness"))?;
        let id = format!("h{:08x}", u32::from_le_bytes(random));
        let memory = positive(spec.memory_mb, MEMORY_MB) << 20;
        let ipv4 = format!("{}.{place}", self.network.net);
        let record = Record::new(id.clone(), spec.hostname.clone(), ipv4, spec.image.clone(), memory)?;
        let folder = self.folder(&id);
        let built = self.build(&record, &folder, spec).await;
        if let Err(e) = built {
            purge(&folder).await?;
            return Err(e.context("a server could not be made"));
        }
        let fault = |n: u32| n.checked_sub(1);
        let boots = self
            .never_boot
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fault)
            .is_err();
        Ok(Machine::new(record, folder, lower, boots))
    }

    /// Everything that has to be there before the first boot, the record first.
    async fn build(&self, record: &Record, folder: &Path, spec: &HostSpec) -> Result<()> {
        let seed = folder.join("seed");
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&seed)?;
        record.save(folder)?;
        match &spec.user_data {
            Some(data) => private(&seed.join("user-data"), data)?,
            None => private(&seed.join("authorized_keys"), &(spec.authorized_keys.join("\n") + "\n"))?,
        }
        let disk = Shell::new("disk", include_str!("../../../assets/sandbox/disk.sh"))
            .var("DIR", folder)
            .var("SIZE_GB", positive(spec.disk_gb, DISK_GB).to_string())
            .var("MAKE_HOST_KEY", if spec.user_data.is_none() { "yes" } else { "" });
        tokio::try_join!(disk.run(), plug(record, &self.network))?;
        Ok(())
    }

    async fn lower(&self, image: &str) -> Result<String> {
        let base = self.base.path.display();
        if image != "golden" {
            return Ok(base.to_string());
        }
        let layer = image::golden(&self.cache).await?;
        let lower = format!("{}:{base}", layer.path.display());
        lock(&self.golden)?.push(layer);
        Ok(lower)
    }

    /// Removes a server with everything that is its own. Gone already is well.
    pub async fn delete(&self, id: &str) -> Result<()> {
        let found = self.places()?.find(id);
        let Some((place, machine)) = found else { return Ok(()) };
        machine.switch_off().await?;
        purge(&machine.folder).await?;
        self.places()?.taken.remove(&place);
        Ok(())
    }

    /// The server of this id.
    pub fn machine(&self, id: &str) -> Result<Arc<Machine>> {
        let found = self.places()?.find(id).map(|(_, m)| m);
        found.ok_or_else(|| {
            Error::new(Kind::NotFound, format!("the sandbox has no server {id}"))
                .hint("`clawdwako sandbox status` lists them")
        })
    }

    /// All servers.
    pub fn list(&self) -> Vec<HostStatus> {
        let Ok(places) = self.places() else { return Vec::new() };
        let machines = places.taken.values().flatten();
        let status = |m: &Arc<Machine>| HostStatus {
            id: m.record.id.clone(),
            hostname: m.record.hostname.clone(),
            ipv4: m.record.ipv4.clone(),
            image: m.record.image.clone(),
            memory_mb: m.record.memory >> 20,
            running: m.power() != Power::Off,
        };
        machines.map(status).collect()
    }

    /// Cuts a server's network or restores it.
    pub async fn network(&self, id: &str, how: Network) -> Result<()> {
        let script = include_str!("../../../assets/sandbox/cable-cut.sh");
        self.machine(id)?
            .record
            .cable("cable-cut", script)
            .var("HOW", how.word())
            .run()
            .await
            .map(drop)
    }

    /// The public host key that we made for a server without user data.
    pub fn host_key(&self, id: &str) -> Result<String> {
        let path = self.machine(id)?.folder.join("host_key.pub");
        let text = std::fs::read_to_string(path).map_err(|_| {
            Error::new(
                Kind::NotFound,
                format!("server {id} has its host key from its user data"),
            )
        })?;
        Ok(text.trim().to_owned())
    }

    /// Waits until a server's SSH answers.
    pub async fn wait_ssh(&self, id: &str, deadline: Duration) -> Result<()> {
        let machine = self.machine(id)?;
        let start = Instant::now();
        loop {
            if banner(&machine.record.ipv4).await.is_some() {
                return Ok(());
            }
            let off = machine.power() == Power::Off;
            if off || start.elapsed() > deadline {
                let how = if off {
                    "switched off".into()
                } else {
                    format!("no SSH after {} s", deadline.as_secs())
                };
                let kind = if off { Kind::State } else { Kind::Timeout };
                return Err(Error::new(
                    kind,
                    format!("server {id}: {how}: {}", machine.console_tail()),
                ));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Keeps Node and the agent of a server as the golden layer.
    pub async fn keep_golden(&self, id: &str) -> Result<PathBuf> {
        let machine = self.machine(id)?;
        image::keep_golden(&self.cache, &machine.folder, machine.holder()?).await
    }

    /// Removes all servers and the network.
    pub async fn end(&self) -> Result<()> {
        let ids: Vec<String> = self.list().into_iter().map(|s| s.id).collect();
        let ended = futures_util::future::join_all(ids.iter().map(|id| self.delete(id))).await;
        ended.into_iter().collect::<Result<()>>()?;
        clear(&self.dir).await
    }

    fn folder(&self, id: &str) -> PathBuf {
        self.dir.join("hosts").join(id)
    }

    fn places(&self) -> Result<MutexGuard<'_, Places>> {
        lock(&self.places)
    }
}

/// Removes the servers and the network that the records in a sandbox's folder tell of. Nobody
/// may manage them (any more).
///
/// # Errors
/// `io` or `timeout` if something stays; trying again goes on.
pub async fn clear(dir: &Path) -> Result<()> {
    let folders = std::fs::read_dir(dir.join("hosts")).into_iter().flatten().flatten();
    let purges = futures_util::future::join_all(folders.map(|f| async move { purge(&f.path()).await })).await;
    purges.into_iter().collect::<Result<()>>()?;
    Bridge::down(dir).await
}

impl Places {
    /// Takes the next free address: in turn, because an old one may still be in somebody's memory.
    fn take(&mut self) -> Result<u8> {
        for _ in FIRST..=LAST {
            self.next = if (FIRST..LAST).contains(&self.next) {
                self.next + 1
            } else {
                FIRST
            };
            if !self.taken.contains_key(&self.next) {
                self.taken.insert(self.next, None);
                return Ok(self.next);
            }
        }
        Err(Error::new(Kind::Quota, "the sandbox's network has no address left").hint("delete servers"))
    }

    fn find(&self, id: &str) -> Option<(u8, Arc<Machine>)> {
        let mut made = self.taken.iter().filter_map(|(place, m)| Some((*place, m.as_ref()?)));
        made.find(|(_, m)| m.record.id == id)
            .map(|(place, m)| (place, Arc::clone(m)))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>> {
    mutex.lock().map_err(|_| crate::error::internal("a lock is poisoned"))
}

fn positive(asked: i64, otherwise: i64) -> u64 {
    u64::try_from(if asked > 0 { asked } else { otherwise }).unwrap_or_default()
}

fn check_name(name: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    if (1..=63).contains(&name.len()) && name.chars().all(fits) && !name.starts_with(['-', '.']) {
        return Ok(());
    }
    Err(usage(format!("{name:?} is not a host name")).hint("letters, digits, `-` and `.`, at most 63"))
}

/// Writes a new file that only root can read: user data holds keys.
fn private(path: &Path, text: &str) -> Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    Ok(file.write_all(text.as_bytes())?)
}

/// What SSH says first, if it answers within two seconds.
async fn banner(ipv4: &str) -> Option<()> {
    let hello = async {
        let mut stream = tokio::net::TcpStream::connect((ipv4, 22)).await.ok()?;
        let mut first = [0u8; 4];
        stream.read_exact(&mut first).await.ok()?;
        (&first == b"SSH-").then_some(())
    };
    tokio::time::timeout(Duration::from_secs(2), hello).await.ok()?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_go_in_turn_and_run_out() {
        let mut places = Places::default();
        assert_eq!((places.take().unwrap(), places.take().unwrap()), (11, 12));
        places.taken.remove(&11);
        assert_eq!(places.take().unwrap(), 13, "the freed one waits for its turn");
        while places.taken.len() < usize::from(LAST - FIRST) + 1 {
            places.take().unwrap();
        }
        assert!(places.taken.contains_key(&11));
        assert_eq!(places.take().unwrap_err().kind(), Kind::Quota);
    }

    #[test]
    fn host_names_are_checked() {
        assert!(check_name("clawdwako-demo-1.x").is_ok());
        for bad in ["", "-a", "a b", "a\nb", "$(id)", "a/b"] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
    }
}
