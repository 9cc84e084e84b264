//! The engine below all tables: opens the database, begins transactions, moves values.

use crate::error::{Error, Kind, Result, internal};
use crate::secrets::seal::Sealer;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// How long a command waits for another process that writes.
const BUSY: Duration = Duration::from_secs(10);

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
    pub(super) sealer: Sealer,
}

/// A transaction; dropped without [`Tx::commit`], it is rolled back. Never kept over a
/// network call.
pub struct Tx {
    connection: OwnedMutexGuard<Connection>,
    open: bool,
    pub(super) sealer: Sealer,
}

/// The only values that cross to the database.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// BIGINT.
    Int(i64),
    /// TEXT.
    Text(String),
    /// BYTEA.
    Bytes(Vec<u8>),
}

/// One row of an answer.
#[derive(Debug)]
pub struct Row(Vec<Value>);

impl Store {
    /// Opens the store, makes it if there is none, and brings it to this version's schema.
    ///
    /// # Errors
    /// `store` if it was made by a newer version or is broken; `busy` if it stays locked.
    pub async fn open(path: &Path, sealer: Sealer) -> Result<Store> {
        let fail = |e: rusqlite::Error| {
            Error::from(e).context(path.display()).hint("if the file is damaged, put a backup in its place; what is rented is found again by `clawdwako servers`")
        };
        private_file(path)?;
        let connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(fail)?;
        connection.busy_timeout(BUSY).map_err(fail)?;
        connection
            .execute_batch(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;",
            )
            .map_err(fail)?;
        connection.set_prepared_statement_cache_capacity(64);
        let store = Store {
            connection: Arc::new(Mutex::new(connection)),
            sealer,
        };
        super::migrate::run(&store).await?;
        Ok(store)
    }

    /// Begins a transaction that will write.
    pub async fn begin(&self) -> Result<Tx> {
        let connection = self.connection.clone().lock_owned().await;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        Ok(Tx {
            connection,
            open: true,
            sealer: self.sealer.clone(),
        })
    }

    /// Reads outside a transaction.
    pub async fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        query(&*self.connection.lock().await, sql, params)
    }
}

impl Tx {
    /// Changes rows; answers how many.
    pub async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        let mut statement = self.connection.prepare_cached(&numbered(sql))?;
        Ok(statement.execute(rusqlite::params_from_iter(params))? as u64)
    }

    /// Reads, or changes with RETURNING.
    pub async fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        query(&self.connection, sql, params)
    }

    /// Runs several statements without parameters, for migrations.
    pub(super) async fn batch(&mut self, sql: &str) -> Result<()> {
        Ok(self.connection.execute_batch(sql)?)
    }

    /// Keeps what was done.
    pub async fn commit(mut self) -> Result<()> {
        self.connection.execute_batch("COMMIT")?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if self.open {
            // A failed rollback leaves the connection as it is; the next BEGIN says so.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

fn query(connection: &Connection, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(&numbered(sql))?;
    let columns = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(params))?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let mut values = Vec::with_capacity(columns);
        for i in 0..columns {
            values.push(match row.get_ref(i)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(n) => Value::Int(n),
                ValueRef::Text(t) => Value::Text(String::from_utf8_lossy(t).into_owned()),
                ValueRef::Blob(b) => Value::Bytes(b.to_vec()),
                ValueRef::Real(_) => return Err(internal("the store answered a fraction")),
            });
        }
        out.push(Row(values));
    }
    Ok(out)
}

/// `$1` is PostgreSQL's numbered parameter; SQLite's is `?1` (its `$1` is a name, numbered by
/// first appearance).
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

/// Makes the file with mode 0600 before SQLite would make it with the umask's.
fn private_file(path: &Path) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    match std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(Error::from(e)
            .context(path.display())
            .hint("make sure that the state directory can be written, or name another with CLAWDWAKO_HOME")),
    }
}

impl Row {
    fn at(&self, i: usize) -> Result<&Value> {
        self.0
            .get(i)
            .ok_or_else(|| internal("the store answered too few columns"))
    }

    fn wrong<T>(&self, i: usize) -> Result<T> {
        Err(Error::new(
            Kind::Store,
            format!("column {i} of an answer is not of the expected type"),
        ))
    }

    /// A whole number.
    pub fn int(&self, i: usize) -> Result<i64> {
        match self.at(i)? {
            Value::Int(n) => Ok(*n),
            _ => self.wrong(i),
        }
    }

    /// A whole number or NULL.
    pub fn int_or_null(&self, i: usize) -> Result<Option<i64>> {
        match self.at(i)? {
            Value::Null => Ok(None),
            _ => self.int(i).map(Some),
        }
    }

    /// A text.
    pub fn text(&self, i: usize) -> Result<String> {
        match self.at(i)? {
            Value::Text(t) => Ok(t.clone()),
            _ => self.wrong(i),
        }
    }

    /// A text or NULL.
    pub fn text_or_null(&self, i: usize) -> Result<Option<String>> {
        match self.at(i)? {
            Value::Null => Ok(None),
            _ => self.text(i).map(Some),
        }
    }

    /// Bytes.
    pub fn bytes(&self, i: usize) -> Result<Vec<u8>> {
        match self.at(i)? {
            Value::Bytes(b) => Ok(b.clone()),
            _ => self.wrong(i),
        }
    }

    /// One of our words (a status, a kind). A word that this version does not know is an error.
    pub fn word<T: std::str::FromStr<Err = Error>>(&self, i: usize) -> Result<T> {
        self.text(i)?.parse().map_err(|_: Error| {
            Error::new(Kind::Store, "the store holds a word that this version does not know").hint("update clawdwako")
        })
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(n) => ValueRef::Integer(*n),
            Value::Text(t) => ValueRef::Text(t.as_bytes()),
            Value::Bytes(b) => ValueRef::Blob(b),
        }))
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Value::Int(n)
    }
}

impl From<&str> for Value {
    fn from(t: &str) -> Self {
        Value::Text(t.into())
    }
}

impl From<String> for Value {
    fn from(t: String) -> Self {
        Value::Text(t)
    }
}

impl From<&String> for Value {
    fn from(t: &String) -> Self {
        Value::Text(t.clone())
    }
}

impl From<Vec<u8>> for Value {
    fn from(b: Vec<u8>) -> Self {
        Value::Bytes(b)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Value::Null, Into::into)
    }
}

/// Parameters of a statement, each turned into a [`Value`].
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::store::Value::from($value)),*] };
}
pub(super) use params;
