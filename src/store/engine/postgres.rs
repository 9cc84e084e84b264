//! The engine for several control servers: a pool of PostgreSQL connections.

use super::value::{Row, Value};
use crate::error::{Error, Kind, Result, internal};
use crate::secrets::Secret;
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut};
use tokio_postgres::{AsyncMessage, Config};

/// How many connections one process holds at most.
const CONNECTIONS: usize = 16;
/// How long a connection, or a place in the pool, is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a connection is set to: no statement and no lock waits for ever, and what is
/// committed is on the disk.
const SETTINGS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '60s'; SET synchronous_commit = on; SET timezone = 'UTC'";

/// A pool of connections. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
    config: Arc<Config>,
}

/// A transaction; rolled back when dropped.
pub struct Transaction {
    connection: Option<Box<Object>>,
}

impl Database {
    /// Makes the pool and one connection, to know that the address is right.
    pub async fn open(url: &Secret) -> Result<Database> {
        // The library's text would quote the address, which holds a password.
        let mut config: Config = url.expose().parse().map_err(|_| {
            crate::error::usage("DATABASE_URL cannot be understood")
                .hint("give postgres://USER:PASSWORD@HOST:PORT/DATABASE, or leave it out for the embedded store")
        })?;
        config.connect_timeout(PATIENCE).application_name("clawdwako");
        let manager = Manager::from_config(
            config.clone(),
            tls()?,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .recycle_timeout(Some(PATIENCE))
            .runtime(Runtime::Tokio1)
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move { client.batch_execute(SETTINGS).await.map_err(HookError::Backend) })
            }))
            .build()
            .map_err(|_| internal("the pool of connections could not be made"))?;
        let database = Database {
            pool,
            config: Arc::new(config),
        };
        database.query("SELECT 1::BIGINT", &[]).await?;
        Ok(database)
    }

    /// Begins a transaction.
    pub async fn begin(&self) -> Result<Transaction> {
        let connection = self.pool.get().await.map_err(no_connection)?;
        connection.batch_execute("BEGIN").await.map_err(failed)?;
        Ok(Transaction {
            connection: Some(Box::new(connection)),
        })
    }

    /// Reads what is committed.
    pub async fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        let connection = self.pool.get().await.map_err(no_connection)?;
        query(&connection, sql, params).await
    }

    /// Hears what `pg_notify` says on a channel, until the connection ends.
    pub async fn listen(&self, channel: &str, heard: &(dyn Fn(String) + Send + Sync)) -> Result<()> {
        let (client, mut connection) = self.config.connect(tls()?).await.map_err(failed)?;
        let mut messages = futures_util::stream::poll_fn(move |cx| connection.poll_message(cx));
        let read = async {
            use futures_util::StreamExt;
            while let Some(message) = messages.next().await {
                if let AsyncMessage::Notification(told) = message.map_err(failed)? {
                    heard(told.payload().to_owned());
                }
            }
            Ok(())
        };
        let listen = async {
            client
                .batch_execute(&format!("LISTEN {channel}"))
                .await
                .map_err(failed)?;
            // The client must live as long as its connection is read.
            std::future::pending::<Result<()>>().await
        };
        tokio::select! {
            ended = read => ended,
            failed = listen => failed,
        }
    }
}

impl Transaction {
    fn connection(&self) -> Result<&Object> {
        self.connection
            .as_deref()
            .ok_or_else(|| internal("the transaction is over"))
    }

    /// Changes rows; answers how many.
    pub async fn execute(&self, sql: &str, params: &[Value]) -> Result<u64> {
        self.connection()?
            .execute_typed(sql, &typed(params))
            .await
            .map_err(failed)
    }

    /// Reads, or changes with RETURNING.
    pub async fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        query(self.connection()?, sql, params).await
    }

    /// Runs several statements without parameters.
    pub async fn batch(&self, sql: &str) -> Result<()> {
        self.connection()?.batch_execute(sql).await.map_err(failed)
    }

    /// Keeps what was done.
    pub async fn commit(mut self) -> Result<()> {
        self.batch("COMMIT").await?;
        // Back to the pool.
        drop(self.connection.take());
        Ok(())
    }
}

impl Drop for Transaction {
    /// A connection whose transaction is open does not go back to the pool: the server rolls
    /// back when it is closed.
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            drop(Object::take(*connection));
        }
    }
}

async fn query(connection: &Object, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
    let rows = connection.query_typed(sql, &typed(params)).await.map_err(failed)?;
    rows.iter()
        .map(|row| {
            let values = row.columns().iter().enumerate().map(|(i, column)| {
                let value = match *column.type_() {
                    Type::INT8 => row.try_get::<_, Option<i64>>(i).map(Value::from),
                    Type::INT4 => row.try_get::<_, Option<i32>>(i).map(|n| Value::from(n.map(i64::from))),
                    Type::TEXT | Type::VARCHAR => row.try_get::<_, Option<String>>(i).map(Value::from),
                    Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(i).map(Value::from),
                    _ => return Err(internal(format!("the store answered a {}", column.type_()))),
                };
                value.map_err(failed)
            });
            values.collect::<Result<Vec<_>>>().map(Row)
        })
        .collect()
}

/// Each parameter with its type, so that the server guesses none.
fn typed(params: &[Value]) -> Vec<(&(dyn ToSql + Sync), Type)> {
    params
        .iter()
        .map(|value| {
            let ty = match value {
                Value::Null => Type::UNKNOWN,
                Value::Int(_) => Type::INT8,
                Value::Text(_) => Type::TEXT,
                Value::Bytes(_) => Type::BYTEA,
            };
            (value as &(dyn ToSql + Sync), ty)
        })
        .collect()
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(n) => n.to_sql(ty, out),
            Value::Text(t) => t.to_sql(ty, out),
            Value::Bytes(b) => b.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

/// TLS by the system's certificates, for servers that ask for it (`sslmode` in the address).
fn tls() -> Result<tokio_postgres_rustls::MakeRustlsConnect> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in rustls_native_certs::load_native_certs().certs {
        // One that cannot be read is one that is not trusted.
        let _ = roots.add(certificate);
    }
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| internal("TLS could not be set up").because(e))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(tokio_postgres_rustls::MakeRustlsConnect::new(config))
}

fn no_connection(e: PoolError) -> Error {
    match e {
        PoolError::Timeout(_) => Error::new(Kind::Busy, "no connection to the database became free in time")
            .hint("the database is overloaded or too few connections are allowed; try again"),
        PoolError::Backend(e) | PoolError::PostCreateHook(HookError::Backend(e)) => failed(e),
        _ => internal("the pool of connections is closed"),
    }
}

/// What the server says, by its code. Its detail is left out: it can quote values.
fn failed(e: tokio_postgres::Error) -> Error {
    use tokio_postgres::error::SqlState;
    let unreachable = |why: String| {
        Error::new(Kind::Network, format!("the database cannot be reached{why}"))
            .hint("look at the PostgreSQL server and at DATABASE_URL")
    };
    let Some(told) = e.as_db_error() else {
        let why = e.source().map(|s| format!(": {s}")).unwrap_or_default();
        return unreachable(why);
    };
    match *told.code() {
        SqlState::UNIQUE_VIOLATION => Error::new(Kind::Exists, "there is one already"),
        SqlState::CHARACTER_NOT_IN_REPERTOIRE => crate::error::usage("a text holds a character that cannot be kept"),
        SqlState::T_R_SERIALIZATION_FAILURE
        | SqlState::T_R_DEADLOCK_DETECTED
        | SqlState::LOCK_NOT_AVAILABLE
        | SqlState::QUERY_CANCELED => {
            Error::new(Kind::Busy, format!("the database is busy: {}", told.message())).hint("try again")
        }
        SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::TOO_MANY_CONNECTIONS => unreachable(format!(": {}", told.message())),
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION | SqlState::INVALID_CATALOG_NAME => {
            Error::new(Kind::Auth, format!("the database refuses us: {}", told.message())).hint("look at DATABASE_URL")
        }
        _ => Error::new(Kind::Store, format!("the store failed: {}", told.message())),
    }
}
