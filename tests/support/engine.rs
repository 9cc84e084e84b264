//! The two databases that a store can be in, for tests that hold on both.

use super::postgres::Postgres;
use clawdwako::deploy::Platform;
use clawdwako::error::Result;
use clawdwako::secrets::{Secret, master};
use clawdwako::store::Store;
use std::path::{Path, PathBuf};

/// An empty database of a test's own; gone with it.
pub struct Engine {
    dir: tempfile::TempDir,
    pub postgres: Option<Postgres>,
}

impl Engine {
    pub fn sqlite() -> Engine {
        Engine {
            dir: tempfile::tempdir().unwrap(),
            postgres: None,
        }
    }

    /// `None` where PostgreSQL is not installed: the test is skipped then.
    pub fn postgres(test: &str) -> Option<Engine> {
        Some(Engine {
            postgres: Some(Postgres::start(test)?),
            ..Engine::sqlite()
        })
    }

    /// A folder of the test's own.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Where the embedded store is.
    pub fn file(&self) -> PathBuf {
        self.path().join("clawdwako.db")
    }

    /// Where the database keeps its files.
    pub fn files(&self) -> PathBuf {
        match &self.postgres {
            Some(postgres) => postgres.files(),
            None => self.path().to_owned(),
        }
    }

    /// Opens the store as one more process would.
    pub async fn try_open(&self) -> Result<Store> {
        let sealer = master::load(self.path(), None)?;
        match &self.postgres {
            Some(postgres) => Store::connect(&Secret::new(postgres.url()), sealer).await,
            None => Store::open(&self.file(), sealer).await,
        }
    }

    pub async fn open(&self) -> Store {
        self.try_open().await.unwrap()
    }

    /// Runs statements on the database as it is, whatever version made it.
    pub async fn batch(&self, sql: &str) {
        match &self.postgres {
            Some(postgres) => {
                let (client, connection) = tokio_postgres::connect(&postgres.url(), tokio_postgres::NoTls)
                    .await
                    .unwrap();
                let connection = tokio::spawn(connection);
                client.batch_execute(sql).await.unwrap();
                drop(client);
                connection.await.unwrap().unwrap();
            }
            None => {
                let file = rusqlite::Connection::open(self.file()).unwrap();
                file.execute_batch(sql).unwrap();
            }
        }
    }

    /// The store, and an outside world that nobody answers in.
    pub async fn platform(&self) -> Platform {
        Platform {
            store: self.open().await,
            http: clawdwako::http::Http::new().unwrap(),
            endpoints: Default::default(),
            tokens: Default::default(),
        }
    }
}

/// Makes two tests of each body `async fn NAME(engine: Engine)`: `sqlite::NAME` and
/// `postgres::NAME`.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name($crate::support::engine::Engine::sqlite()).await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test]
                async fn $name() {
                    let test = concat!(module_path!(), "::", stringify!($name));
                    if let Some(engine) = $crate::support::engine::Engine::postgres(test) {
                        super::$name(engine).await;
                    }
                }
            )+
        }
    };
}
pub(crate) use on_both_engines;

/// Makes a test of each such body, on SQLite: for what the store does alike on both, as other tests
/// show, and only leans on.
macro_rules! on_sqlite {
    ($($name:ident),+ $(,)?) => {
        mod embedded {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name($crate::support::engine::Engine::sqlite()).await;
                }
            )+
        }
    };
}
pub(crate) use on_sqlite;
