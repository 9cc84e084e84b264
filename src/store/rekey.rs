//! Seals everything anew with the first key, while the store is in use.

use super::engine::{Store, params};
use crate::error::Result;

/// How many rows are changed in one transaction.
const BATCH: usize = 100;

/// Where sealed values are: table, column, and the columns that name the row, with the words
/// that their identity is made of.
struct Place {
    table: &'static str,
    column: &'static str,
    keys: &'static [&'static str],
    /// What stands before the row's keys in its identity.
    prefix: &'static str,
}

const PLACES: [Place; 3] = [
    Place {
        table: "secrets",
        column: "sealed",
        keys: &["owner", "name"],
        prefix: "",
    },
    Place {
        table: "idempotency",
        column: "answer",
        keys: &["user_id", "name"],
        prefix: "idempotency/",
    },
    Place {
        table: "logins",
        column: "verifier",
        keys: &["state"],
        prefix: "login/",
    },
];

impl Store {
    /// Seals all that an older key sealed anew with the first one; answers how many values. A
    /// value that somebody else changes meanwhile is left alone: it is sealed with the first
    /// key already.
    ///
    /// # Errors
    /// `store` if a value cannot be opened with any of the keys.
    pub async fn seal_anew(&self) -> Result<u64> {
        let mut changed = 0;
        for place in &PLACES {
            changed += self.seal_anew_in(place).await?;
        }
        Ok(changed)
    }

    async fn seal_anew_in(&self, place: &Place) -> Result<u64> {
        let (table, column, keys) = (place.table, place.column, place.keys.join(", "));
        let sql = format!("SELECT {column}, {keys} FROM {table} WHERE {column} IS NOT NULL");
        let rows = self.query(&sql, params![]).await?;
        let named: Vec<String> = (0..place.keys.len())
            .map(|i| format!("{} = ${}", place.keys[i], i + 3))
            .collect();
        let update = format!(
            "UPDATE {table} SET {column} = $1 WHERE {column} = $2 AND {}",
            named.join(" AND ")
        );
        let mut changed = 0;
        for batch in rows.chunks(BATCH) {
            let mut tx = self.begin().await?;
            for row in batch {
                let old = row.bytes(0)?;
                if self.sealer.is_current(&old)? {
                    continue;
                }
                let names = (1..=place.keys.len())
                    .map(|i| row.text(i))
                    .collect::<Result<Vec<_>>>()?;
                let identity = format!("{}{}", place.prefix, names.join("/"));
                let new = self.sealer.seal(&identity, &self.sealer.open(&identity, &old)?)?;
                let mut values = params![new, old].to_vec();
                values.extend(names.into_iter().map(Into::into));
                changed += tx.execute(&update, &values).await?;
            }
            tx.commit().await?;
        }
        Ok(changed)
    }
}
