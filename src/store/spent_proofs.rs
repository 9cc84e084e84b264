//! Table `spent_proofs`: Google's proofs that were used.

use super::engine::{Tx, params};
use crate::error::Result;
use crate::model::Millis;
use crate::secrets::bearer;

impl Tx {
    /// Uses a proof up; `false` if it was used before. It is remembered until `expires_at`,
    /// from when on it is refused as too old.
    pub async fn spend_proof(&mut self, proof: &str, at: Millis, expires_at: Millis) -> Result<bool> {
        self.execute("DELETE FROM spent_proofs WHERE expires_at <= $1", params![at])
            .await?;
        let sql = "INSERT INTO spent_proofs (hash, expires_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
        Ok(self.execute(sql, params![bearer::hash(proof), expires_at]).await? == 1)
    }
}
