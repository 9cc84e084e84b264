//! The sandbox's one background process: listens for this machine and for the servers, and
//! removes everything when it ends.

use super::address::WorldRecord;
use super::cache::{Cache, Lock, try_lock};
use super::hosts::{self, Hosts};
use super::node_mirror::NodeMirror;
use super::npm_mirror::NpmMirror;
use super::record::Process;
use super::world::World;
use super::{control, digitalocean, fault, google, hetzner, host_routes, models, telegram};
use crate::error::{Error, Kind, Result};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

/// How long a sandbox that is ending may keep its folder.
const ENDING: Duration = Duration::from_secs(45);

/// How a sandbox is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// The sandbox's own folder; one process at a time.
    pub dir: PathBuf,
    /// What all sandboxes share.
    pub cache: PathBuf,
}

/// What the control routes work on.
#[derive(Clone)]
pub struct Daemon {
    /// The world.
    pub world: Arc<World>,
    /// Where it is.
    pub record: Arc<WorldRecord>,
    /// When it began.
    pub started: Instant,
    /// Ends the process.
    pub shutdown: Arc<Notify>,
}

/// Runs a sandbox until it is told to end (`/_control/shutdown`, SIGTERM, SIGINT). Then its
/// servers and its network are gone.
///
/// # Errors
/// `busy` if the folder has a running sandbox; whatever keeps it from starting or ending clean.
pub async fn serve(options: Options) -> Result<()> {
    let cache = Cache::open(&options.cache)?;
    let _alone = lock(&options.dir).await?;
    let hosts = Hosts::real(&options.dir, &cache).await?;
    let ended = match prepare(&options.dir, &cache, hosts).await {
        Ok(ready) => ready.listen().await,
        Err(e) => Err(e),
    };
    let cleared = clear(&options.dir).await;
    ended.and(cleared)
}

/// Removes what a dead sandbox left in its folder: servers, network, record. Nothing is well.
///
/// # Errors
/// `busy` if it is not dead.
pub async fn clear_dead(dir: &Path) -> Result<()> {
    if !dir.exists() {
        return Ok(());
    }
    let _alone = lock(dir).await?;
    clear(dir).await
}

async fn clear(dir: &Path) -> Result<()> {
    hosts::clear(&dir.canonicalize()?).await?;
    match std::fs::remove_file(WorldRecord::path(dir)) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
        _ => Ok(()),
    }
}

/// Takes the folder for this process alone, waiting for one that is just ending.
async fn lock(dir: &Path) -> Result<Lock> {
    crate::private::folder(dir)?;
    let start = Instant::now();
    loop {
        if let Some(lock) = try_lock(&dir.join("lock"))? {
            return Ok(lock);
        }
        let record = super::record::read::<WorldRecord>(&WorldRecord::path(dir))?;
        if record.is_some_and(|r| r.process.alive()) || start.elapsed() > ENDING {
            return Err(
                Error::new(Kind::Busy, format!("a sandbox is running in {}", dir.display()))
                    .hint("`clawdwako sandbox status` tells; `clawdwako sandbox down` ends it"),
            );
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A sandbox with open doors.
struct Ready {
    daemon: Daemon,
    loopback: TcpListener,
    bridge: TcpListener,
    node: NodeMirror,
    npm: NpmMirror,
}

/// Opens the doors, then writes the record: whoever reads it can knock.
async fn prepare(dir: &Path, cache: &Cache, hosts: Hosts) -> Result<Ready> {
    let bridge = TcpListener::bind(SocketAddr::from((hosts.gateway()?, 0))).await?;
    let loopback = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let mut random = [0u8; 32];
    getrandom::fill(&mut random).map_err(|_| crate::error::internal("the system has no randomness"))?;
    let record = WorldRecord {
        process: Process::this()?,
        loopback: loopback.local_addr()?,
        bridge: bridge.local_addr()?,
        token: random.iter().map(|b| format!("{b:02x}")).collect(),
    };
    let node = NodeMirror::new(cache, crate::http::Endpoints::default().node_mirror)?;
    super::record::write(&WorldRecord::path(dir), &record)?;
    let world = World::new(dir.to_owned(), hosts);
    let (started, shutdown) = (Instant::now(), Arc::new(Notify::new()));
    let daemon = Daemon {
        world,
        record: Arc::new(record),
        started,
        shutdown,
    };
    Ok(Ready {
        daemon,
        loopback,
        bridge,
        node,
        npm: NpmMirror::new(cache),
    })
}

impl Ready {
    /// Serves until the end is asked for. Open connections (Telegram's long polls) are cut.
    async fn listen(self) -> Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let shutdown = Arc::clone(&self.daemon.shutdown);
        let node = self.node.clone();
        tokio::spawn(async move { node.prepare().await });
        let for_servers = for_servers(&self.daemon.world, self.node, self.npm);
        let for_us = for_us(&self.daemon, for_servers.clone());
        tokio::select! {
            ended = axum::serve(self.loopback, for_us).into_future() => ended,
            ended = axum::serve(self.bridge, for_servers).into_future() => ended,
            () = shutdown.notified() => Ok(()),
            _ = terminate.recv() => Ok(()),
            _ = interrupt.recv() => Ok(()),
        }?;
        // From here on nobody finds it: who wants a sandbox waits for the lock and starts a new one.
        std::fs::remove_file(WorldRecord::path(&self.daemon.world.dir))?;
        self.daemon.world.hosts.end().await
    }
}

/// What servers reach: Telegram, the models (they name their three prefixes themselves), Node, npm.
fn for_servers(world: &Arc<World>, node: NodeMirror, npm: NpmMirror) -> Router {
    let stand_ins = Router::new()
        .nest("/telegram", telegram::router(Arc::clone(world)))
        .merge(models::router(Arc::clone(world)))
        .nest("/node", node.router())
        .nest("/npm", npm.router("/npm"));
    with_faults(stand_ins, world)
}

/// What this machine reaches: all of that, the clouds, Google, and the control routes.
fn for_us(daemon: &Daemon, for_servers: Router) -> Router {
    let world = &daemon.world;
    let stand_ins = Router::new()
        .nest("/hetzner", hetzner::router(Arc::clone(world)))
        .nest("/digitalocean", digitalocean::router(Arc::clone(world)))
        .nest("/google", google::router(Arc::clone(world)));
    let token = daemon.record.token.clone();
    let control = host_routes::router(daemon.clone())
        .merge(control::router(Arc::clone(world)))
        .layer(middleware::from_fn_with_state(Arc::new(token), only_with_token));
    with_faults(stand_ins, world)
        .merge(for_servers)
        .nest("/_control", control)
}

/// Lets calls go wrong as `/_control/faults` asks.
fn with_faults(routes: Router, world: &Arc<World>) -> Router {
    routes.layer(middleware::from_fn_with_state(Arc::clone(world), fault::layer))
}

async fn only_with_token(State(token): State<Arc<String>>, request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok());
    if given.and_then(|v| v.strip_prefix("Bearer ")) == Some(token.as_str()) {
        return next.run(request).await;
    }
    (StatusCode::UNAUTHORIZED, "the sandbox's token is missing or wrong\n").into_response()
}
