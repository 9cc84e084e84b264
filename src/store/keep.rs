//! The store as a whole: which schema it has, whether its secrets can be opened, and putting a
//! copy in the place of the embedded one.

use super::engine::{Store, params};
use super::migrate;
use crate::error::{Error, Kind, Result};
use crate::secrets::Secret;
use std::path::Path;

impl Store {
    /// The schema that this version has.
    pub fn newest_schema() -> i64 {
        migrate::newest()
    }

    /// The schema of a store in PostgreSQL, left as it is; none if there is none yet.
    pub async fn schema_of_shared(url: &Secret) -> Result<Option<i64>> {
        migrate::applied(&Store::look_at_shared(url).await?).await
    }

    /// The schema of a store in a file, left as it is; none if it is no store.
    ///
    /// # Errors
    /// `not_found` if there is no file.
    pub async fn schema_of_file(path: &Path) -> Result<Option<i64>> {
        if !path.exists() {
            return Err(Error::new(Kind::NotFound, format!("there is no {}", path.display()))
                .hint("`clawdwako server run` makes the store"));
        }
        match Store::look_at_file(path)? {
            Some(store) => migrate::applied(&store).await,
            None => Ok(None),
        }
    }

    /// Makes sure that the store's secrets were sealed with a key that is at hand.
    ///
    /// # Errors
    /// `store` if one cannot be opened.
    pub async fn demand_openable(&self) -> Result<()> {
        for row in self.query("SELECT owner, name, sealed FROM secrets", params![]).await? {
            let identity = format!("{}/{}", row.text(0)?, row.text(1)?);
            self.sealer.open(&identity, &row.bytes(2)?)?;
        }
        Ok(())
    }
}
