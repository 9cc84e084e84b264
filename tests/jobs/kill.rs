//! Worker processes are killed at random while they work many jobs off: none is lost, none is
//! done twice.

use super::effects::{KINDS, effect, number, prepare, settings};
use crate::support::engine::Engine;
use clawdwako::jobs::Crew;
use clawdwako::secrets::{Secret, master};
use clawdwako::store::{Store, Worker};
use rustix::process::{Pid, Signal, kill_process};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Says to [`a_worker_process`] where the store is: a folder, and an address if it is PostgreSQL.
const FOLDER: &str = "CLAWDWAKO_TEST_WORKER_FOLDER";
const ADDRESS: &str = "CLAWDWAKO_TEST_WORKER_ADDRESS";
/// A name as from another machine: then nobody sees that it is gone, and its leases run out.
const NAME: &str = "CLAWDWAKO_TEST_WORKER_NAME";
const WORKERS: usize = 4;
/// How long a worker is stopped in the middle: longer than its lease, so that it comes back to
/// jobs which others hold.
const STALL: Duration = Duration::from_millis(3000);

/// How much a run does.
struct Size {
    deployments: usize,
    kills: usize,
    stalls: usize,
    deadline: Duration,
}

const DAILY: Size = Size {
    deployments: 200,
    kills: 10,
    stalls: 1,
    deadline: Duration::from_secs(100),
};
const WHOLE: Size = Size {
    deployments: 2000,
    kills: 100,
    stalls: 5,
    deadline: Duration::from_secs(280),
};

/// Not a test of its own: what the worker processes of the others run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_process() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let sealer = master::load(&folder, None).unwrap();
    let store = match std::env::var(ADDRESS) {
        Ok(url) => loop {
            // It may just be starting again.
            if let Ok(store) = Store::connect(&Secret::new(url.clone()), sealer.clone()).await {
                break store;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        },
        Err(_) => Store::open(&folder.join("clawdwako.db"), sealer).await.unwrap(),
    };
    let (_never, stop) = watch::channel(false);
    let mut crew = Crew::new(store.clone(), settings(), effect(&store));
    if let Ok(name) = std::env::var(NAME) {
        crew = crew.called(Worker::named(name));
    }
    crew.work(stop).await;
}

/// The worker processes; killed when dropped.
struct Herd {
    engine: Engine,
    workers: Vec<Child>,
}

impl Herd {
    fn new(engine: Engine) -> Herd {
        let mut herd = Herd {
            engine,
            workers: Vec::new(),
        };
        for _ in 0..WORKERS {
            let one = herd.spawn();
            herd.workers.push(one);
        }
        herd
    }

    fn spawn(&self) -> Child {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "jobs::kill::a_worker_process"])
            .env(FOLDER, self.engine.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // Some of them as if on another machine.
        if random(4) > 0 {
            command.env(NAME, format!("elsewhere/{}", clawdwako::model::new_id()));
        }
        if let Some(postgres) = &self.engine.postgres {
            command.env(ADDRESS, postgres.url());
        }
        command.spawn().unwrap()
    }

    fn kill_one(&mut self) {
        let i = random(WORKERS);
        self.workers[i].kill().unwrap();
        self.workers[i].wait().unwrap();
        self.workers[i] = self.spawn();
    }

    /// Stops one for longer than its leases.
    fn stall_one(&self) {
        let pid = Pid::from_child(&self.workers[random(WORKERS)]);
        kill_process(pid, Signal::STOP).unwrap();
        tokio::spawn(async move {
            tokio::time::sleep(STALL).await;
            // It may have been killed meanwhile.
            let _ = kill_process(pid, Signal::CONT);
        });
    }
}

impl Drop for Herd {
    fn drop(&mut self) {
        for worker in &mut self.workers {
            let _ = worker.kill();
            let _ = worker.wait();
        }
    }
}

fn random(below: usize) -> usize {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).unwrap();
    u32::from_le_bytes(bytes) as usize % below
}

async fn run(engine: Engine, size: Size) {
    let store = engine.open().await;
    prepare(&store, size.deployments).await;
    let jobs = size.deployments * KINDS;
    let name = if engine.postgres.is_some() {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    let begun = Instant::now();
    let mut herd = Herd::new(engine);
    let (mut kills, mut stalls, mut restarts) = (0, 0, 0);
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let done = number(&store, "SELECT COUNT(*) FROM jobs WHERE status = 'done'").await;
        let done = done.unwrap_or_default() as usize;
        if done == jobs {
            break;
        }
        assert!(
            begun.elapsed() < size.deadline,
            "{done} of {jobs} jobs done, {kills} kills"
        );
        // Spread over the whole run by how far it is.
        if kills < size.kills && done >= (kills + 1) * jobs / (size.kills + 2) {
            herd.kill_one();
            kills += 1;
        }
        if stalls < size.stalls && done >= (stalls + 1) * jobs / (size.stalls + 2) {
            herd.stall_one();
            stalls += 1;
        }
        if restarts == 0
            && done >= jobs / 2
            && let Some(postgres) = &mut herd.engine.postgres
        {
            postgres.restart();
            restarts += 1;
        }
    }
    let took = begun.elapsed();
    let count = async |sql| number(&store, sql).await.unwrap();
    assert_eq!(kills, size.kills);
    assert_eq!(count("SELECT COUNT(*) FROM effects").await as usize, jobs, "each once");
    assert_eq!(
        count("SELECT COUNT(DISTINCT job_id) FROM effects").await as usize,
        jobs,
        "none left out"
    );
    assert_eq!(
        count("SELECT COUNT(*) FROM effects WHERE position <> done_before").await,
        0,
        "in order within each deployment"
    );
    let taken_over = count("SELECT COUNT(*) FROM jobs WHERE attempts > 1").await;
    let refused = count("SELECT COUNT(*) FROM refused").await;
    assert!(taken_over > 0, "no kill struck a job");
    println!(
        "FIGURE jobs on {name}: {jobs} jobs in {:.1} s = {:.0}/s with {WORKERS} worker processes, {kills} kills, {stalls} stalls, {restarts} restarts of the database; {taken_over} jobs taken over, {refused} late writes refused, none lost, none done twice",
        took.as_secs_f64(),
        jobs as f64 / took.as_secs_f64(),
    );
}

/// The size for every day.
mod daily {
    use super::*;

    #[tokio::test]
    async fn none_is_lost_and_none_is_done_twice_on_sqlite() {
        run(Engine::sqlite(), DAILY).await;
    }

    #[tokio::test]
    async fn none_is_lost_and_none_is_done_twice_on_postgres() {
        if let Some(engine) = Engine::postgres("jobs::kill::daily (PostgreSQL)") {
            run(engine, DAILY).await;
        }
    }
}

/// Ten thousand jobs and a hundred kills: only in the whole run.
mod whole {
    use super::*;

    #[tokio::test]
    async fn none_is_lost_and_none_is_done_twice_on_sqlite() {
        run(Engine::sqlite(), WHOLE).await;
    }

    #[tokio::test]
    async fn none_is_lost_and_none_is_done_twice_on_postgres() {
        if let Some(engine) = Engine::postgres("jobs::kill::whole (PostgreSQL)") {
            run(engine, WHOLE).await;
        }
    }
}
