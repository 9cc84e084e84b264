//! Where control servers live, as processes of their own, over one store of either engine.

use super::cli::Home;
use super::engine::Engine;
use super::replica::Replica;
use clawdwako::secrets::{Secret, master};
use clawdwako::store::Store;
use std::process::Command;

/// The key of the store, where several machines share it.
const KEY: &str = "5555555555555555555555555555555555555555555555555555555555555555";

/// A home for control servers, and their store.
pub struct Ground {
    pub home: Home,
    pub store: Store,
    /// Whether the store is PostgreSQL.
    pub shared: bool,
}

impl Ground {
    pub async fn new(engine: &Engine) -> Ground {
        let home = Home::new();
        let (home, store) = match &engine.postgres {
            None => {
                let store = home.server_store().await;
                (home, store)
            }
            Some(postgres) => {
                let sealer = master::load(engine.path(), Some(&Secret::new(KEY))).unwrap();
                let store = Store::connect(&Secret::new(postgres.url()), sealer).await.unwrap();
                let home = home.env("DATABASE_URL", &postgres.url());
                (home.env("CLAWDWAKO_MASTER_KEY", KEY), store)
            }
        };
        Ground {
            home,
            store,
            shared: engine.postgres.is_some(),
        }
    }

    /// A control server without workers.
    pub fn serve(&self) -> Replica {
        self.serve_as("", None)
    }

    /// The same with settings, and with a soft and a hard limit of open files.
    pub fn serve_as(&self, settings: &str, files: Option<(u64, u64)>) -> Replica {
        let config = self.home.write("server.toml", &format!("[server]\n{settings}\n"));
        let mut command = self.home.command(&[]);
        if let Some((soft, hard)) = files {
            let mut limited = Command::new("prlimit");
            limited
                .arg(format!("--nofile={soft}:{hard}"))
                .arg(command.get_program())
                .env_clear();
            limited.envs(command.get_envs().filter_map(|(k, v)| Some((k, v?))));
            command = limited;
        }
        Replica::start(command, &config, &["--no-workers"])
    }
}
