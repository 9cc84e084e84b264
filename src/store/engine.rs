//! The engine below all tables: opens the database, begins transactions, moves values. Only
//! this folder knows that there are two: SQLite, embedded, and PostgreSQL.

mod postgres;
mod sqlite;
mod value;
mod wake;

pub(super) use value::params;
pub use value::{Row, Value};
pub use wake::{News, Waker};

use super::uses::By;
use crate::error::{Error, Kind, Result};
use crate::secrets::Secret;
use crate::secrets::seal::Sealer;
use std::path::Path;

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    waker: Waker,
    pub(super) sealer: Sealer,
    pub(super) by: By,
}

#[derive(Clone)]
enum Engine {
    Sqlite(sqlite::Database),
    Postgres(postgres::Database),
}

/// A transaction; dropped without [`Tx::commit`], it is rolled back. Never kept over a
/// network call.
pub struct Tx {
    engine: Open,
    waker: Waker,
    /// What is told to whoever waits, once it is true.
    news: Vec<News>,
    pub(super) sealer: Sealer,
}

enum Open {
    Sqlite(sqlite::Transaction),
    Postgres(postgres::Transaction),
}

impl Store {
    /// Opens the embedded store, makes it if there is none, and brings it to this version's schema.
    ///
    /// # Errors
    /// `store` if it was made by a newer version or is broken; `busy` if it stays locked.
    pub async fn open(path: &Path, sealer: Sealer) -> Result<Store> {
        let opened = sqlite::Database::open(path).map_err(|e| match e.kind() {
            Kind::Store => e.context(path.display()),
            _ => e,
        })?;
        Store::ready(Engine::Sqlite(opened), sealer).await
    }

    /// Opens a store in PostgreSQL, and brings it to this version's schema.
    ///
    /// # Errors
    /// `usage` for an address that is none; `network` if nobody answers there; `refused`.
    pub async fn connect(url: &Secret, sealer: Sealer) -> Result<Store> {
        Store::ready(Engine::Postgres(postgres::Database::open(url).await?), sealer).await
    }

    /// A store in PostgreSQL as it is, without bringing it up to date.
    pub(super) async fn look_at_shared(url: &Secret) -> Result<Store> {
        Ok(Store::of(
            Engine::Postgres(postgres::Database::open(url).await?),
            Sealer::none(),
        ))
    }

    /// A file as it is; none if it is no database.
    pub(super) fn look_at_file(path: &Path) -> Result<Option<Store>> {
        let found = sqlite::Database::look(path)?;
        Ok(found.map(|db| Store::of(Engine::Sqlite(db), Sealer::none())))
    }

    /// Puts another file in the place of an embedded store that nobody uses; what was there is
    /// kept under another name.
    ///
    /// # Errors
    /// `busy` while somebody uses it.
    pub fn replace_file(path: &Path, with: &Path, kept: &Path) -> Result<()> {
        sqlite::Database::replace(path, with, kept)
    }

    fn of(engine: Engine, sealer: Sealer) -> Store {
        Store {
            engine,
            waker: Waker::default(),
            sealer,
            by: By::default(),
        }
    }

    async fn ready(engine: Engine, sealer: Sealer) -> Result<Store> {
        let store = Store::of(engine, sealer);
        super::migrate::run(&store).await?;
        Ok(store)
    }

    /// The same store, sealing with other keys.
    #[must_use]
    pub fn with_sealer(&self, sealer: Sealer) -> Store {
        Store { sealer, ..self.clone() }
    }

    /// The same store, used on somebody's behalf.
    #[must_use]
    pub fn acting(&self, by: By) -> Store {
        Store { by, ..self.clone() }
    }

    /// Whether several processes on several machines may share it.
    pub fn is_shared(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// Begins a transaction that will write.
    pub async fn begin(&self) -> Result<Tx> {
        let engine = match &self.engine {
            Engine::Sqlite(db) => Open::Sqlite(db.begin().await?),
            Engine::Postgres(db) => Open::Postgres(db.begin().await?),
        };
        Ok(Tx {
            engine,
            waker: self.waker.clone(),
            news: Vec::new(),
            sealer: self.sealer.clone(),
        })
    }

    /// Reads outside a transaction.
    pub async fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        match &self.engine {
            Engine::Sqlite(db) => db.query(sql, params),
            Engine::Postgres(db) => db.query(sql, params).await,
        }
    }

    /// Makes sure that the database answers.
    ///
    /// # Errors
    /// `network` or `store` if it does not.
    pub async fn ping(&self) -> Result<()> {
        self.query("SELECT CAST(1 AS BIGINT)", &[]).await.map(drop)
    }

    /// Hears of new work and new events; see [`Waker`].
    pub fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Passes on what other processes tell, until the connection is lost. Without PostgreSQL
    /// there is nothing to pass on, and it waits for ever.
    ///
    /// # Errors
    /// `network` when the connection was lost.
    pub async fn relay(&self) -> Result<()> {
        match &self.engine {
            Engine::Sqlite(_) => std::future::pending().await,
            Engine::Postgres(db) => {
                let waker = self.waker.clone();
                db.listen(wake::CHANNEL, &move |text| waker.heard(&text)).await
            }
        }
    }

    /// Copies the embedded store to a new file while it is in use.
    ///
    /// # Errors
    /// `unsupported` for PostgreSQL, which has its own tool; `io`.
    pub async fn backup(&self, to: &Path) -> Result<()> {
        match &self.engine {
            Engine::Sqlite(db) => db.backup(to).await,
            Engine::Postgres(_) => Err(Error::new(Kind::Unsupported, "this store is in PostgreSQL")
                .hint("use pg_dump --format=custom with DATABASE_URL, and pg_restore")),
        }
    }

    /// Whether a table is there.
    pub(super) async fn has_table(&self, name: &str) -> Result<bool> {
        let sql = match &self.engine {
            Engine::Sqlite(_) => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1",
            Engine::Postgres(_) => {
                "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = $1"
            }
        };
        Ok(!self.query(sql, params![name]).await?.is_empty())
    }
}

impl Tx {
    /// Changes rows; answers how many.
    pub async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        match &self.engine {
            Open::Sqlite(tx) => tx.execute(sql, params),
            Open::Postgres(tx) => tx.execute(sql, params).await,
        }
    }

    /// Reads, or changes with RETURNING.
    pub async fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        match &self.engine {
            Open::Sqlite(tx) => tx.query(sql, params),
            Open::Postgres(tx) => tx.query(sql, params).await,
        }
    }

    /// Runs several statements without parameters, for migrations.
    pub(super) async fn batch(&mut self, sql: &str) -> Result<()> {
        match &self.engine {
            Open::Sqlite(tx) => tx.batch(sql),
            Open::Postgres(tx) => tx.batch(sql).await,
        }
    }

    /// What a SELECT ends with whose rows must stay as they are until the commit. An embedded
    /// store has one writer, so there they do anyhow.
    pub(super) fn for_update(&self) -> &'static str {
        match &self.engine {
            Open::Sqlite(_) => "",
            Open::Postgres(_) => " FOR UPDATE",
        }
    }

    /// The same for a claim: rows that another claim holds are passed over.
    pub(super) fn for_claim(&self) -> &'static str {
        match &self.engine {
            Open::Sqlite(_) => "",
            Open::Postgres(_) => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// Waits until no other transaction holds the lock of this number, and holds it until the
    /// commit. In an embedded store every transaction that writes is alone.
    pub(super) async fn lock(&mut self, number: i64) -> Result<()> {
        match &self.engine {
            Open::Sqlite(_) => Ok(()),
            Open::Postgres(tx) => tx
                .query("SELECT pg_advisory_xact_lock($1)::TEXT", params![number])
                .await
                .map(drop),
        }
    }

    /// Tells whoever waits, once this transaction is committed.
    pub(super) fn tell(&mut self, news: News) {
        if !self.news.contains(&news) {
            self.news.push(news);
        }
    }

    /// Keeps what was done.
    pub async fn commit(mut self) -> Result<()> {
        match self.engine {
            Open::Sqlite(tx) => tx.commit()?,
            Open::Postgres(tx) => {
                for news in &self.news {
                    tx.query(
                        "SELECT pg_notify($1, $2)::TEXT",
                        params![wake::CHANNEL, news.to_string()],
                    )
                    .await?;
                }
                tx.commit().await?;
            }
        }
        for news in self.news.drain(..) {
            self.waker.tell(news);
        }
        Ok(())
    }
}
