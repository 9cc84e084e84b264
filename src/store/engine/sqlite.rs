//! The embedded engine: one connection that writes, and some that read beside it (WAL lets
//! them), so that a reader never waits for a writer's disk.

use super::value::{Row, Value};
use crate::error::{Error, NOT_WRITABLE, Result, internal};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// How long a command waits for another process that writes.
const BUSY: Duration = Duration::from_secs(10);
/// How many connections that read are kept for the next reader.
const KEPT_READERS: usize = 4;

/// An open file. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    writer: Arc<AsyncMutex<Connection>>,
    readers: Arc<Mutex<Vec<Connection>>>,
    path: Arc<PathBuf>,
}

/// A transaction; rolled back when dropped.
pub struct Transaction {
    connection: OwnedMutexGuard<Connection>,
    open: bool,
}

impl Database {
    /// Opens the file; makes it if there is none, readable for its owner only.
    pub fn open(path: &Path) -> Result<Database> {
        private_file(path)?;
        let writer = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        writer.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;",
        )?;
        Ok(Database {
            writer: Arc::new(AsyncMutex::new(writer)),
            readers: Arc::default(),
            path: Arc::new(path.to_owned()),
        })
    }

    /// Opens a file to read it as it is; none if it is no database.
    pub fn look(path: &Path) -> Result<Option<Database>> {
        let reader = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let probe = reader.query_row("SELECT COUNT(*) FROM sqlite_master", [], |_| Ok(()));
        match probe {
            Ok(()) => {}
            Err(e) if e.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => return Ok(None),
            Err(e) => return Err(e.into()),
        }
        Ok(Some(Database {
            writer: Arc::new(AsyncMutex::new(reader)),
            readers: Arc::default(),
            path: Arc::new(path.to_owned()),
        }))
    }

    /// Puts another file in the place of the store, if there is one, under the locks that keep
    /// everybody out; what was there is kept.
    pub fn replace(path: &Path, with: &Path, kept: &Path) -> Result<()> {
        settle(with)?;
        if path.exists() {
            settle(path)?;
            std::fs::rename(path, kept)?;
        }
        std::fs::rename(with, path)?;
        Ok(())
    }

    /// Begins a transaction that will write.
    pub async fn begin(&self) -> Result<Transaction> {
        let connection = self.writer.clone().lock_owned().await;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        Ok(Transaction { connection, open: true })
    }

    /// Reads what is committed.
    pub fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        let kept = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = match kept {
            Some(reader) => reader,
            None => connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        };
        let rows = query(&reader, sql, params)?;
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < KEPT_READERS {
            readers.push(reader);
        }
        Ok(rows)
    }

    /// Copies the whole store to a new file while it is in use.
    pub async fn backup(&self, to: &Path) -> Result<()> {
        private_file(to)?;
        let from = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut target = Connection::open(to)?;
        let backup = rusqlite::backup::Backup::new(&from, &mut target)?;
        // All pages in one step: a writer in between would have it begin anew.
        backup.run_to_completion(i32::MAX, Duration::from_millis(50), None)?;
        Ok(())
    }
}

impl Transaction {
    /// Changes rows; answers how many.
    pub fn execute(&self, sql: &str, params: &[Value]) -> Result<u64> {
        let mut statement = self.connection.prepare_cached(&numbered(sql))?;
        Ok(statement.execute(rusqlite::params_from_iter(params))? as u64)
    }

    /// Reads, or changes with RETURNING.
    pub fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        query(&self.connection, sql, params)
    }

    /// Runs several statements without parameters.
    pub fn batch(&self, sql: &str) -> Result<()> {
        Ok(self.connection.execute_batch(sql)?)
    }

    /// Keeps what was done.
    pub fn commit(mut self) -> Result<()> {
        self.connection.execute_batch("COMMIT")?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.open {
            // A failed rollback leaves the connection as it is; the next BEGIN says so.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

/// Has everything in the one file, and nobody else at it: a log beside it would be left behind.
fn settle(path: &Path) -> Result<()> {
    let store = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    store.execute_batch("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE; COMMIT;")?;
    let mode: String = store.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    drop(store);
    match mode.as_str() {
        "delete" => {
            // The index of a log that is no more; SQLite leaves it where others had it open.
            let mut index = path.as_os_str().to_owned();
            index.push("-shm");
            match std::fs::remove_file(index) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
                _ => Ok(()),
            }
        }
        _ => Err(
            Error::new(crate::error::Kind::Busy, "a control server is using the store")
                .hint("stop it first, then restore"),
        ),
    }
}

fn connect(path: &Path, mode: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
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
        Err(e) => Err(Error::from(e).context(path.display()).hint(NOT_WRITABLE)),
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
