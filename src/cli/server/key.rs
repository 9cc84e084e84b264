//! `clawdwako server admin key rotate`

use super::ground;
use crate::cli::Context;
use crate::error::Result;
use crate::secrets::master;
use serde_json::json;

/// Seals everything with a new key while control servers run, and ends the old one.
pub async fn rotate(context: &Context) -> Result<()> {
    // Opened first, so that a store that cannot be opened changes no key.
    let store = ground::store(context).await?;
    store.demand_openable().await?;
    if context.config.master_key.is_some() {
        // The operator's to make: this program cannot change the environment of others.
        let changed = store.seal_anew().await?;
        return context.printer.result(&json!({"sealed_anew": changed}), || {
            format!(
                "{changed} values were sealed anew with the first key of CLAWDWAKO_MASTER_KEY; \
                 once all control servers run with it, leave the older ones out"
            )
        });
    }
    let dir = ground::dir(context)?;
    master::begin_rotation(&dir)?;
    let mut changed = store.seal_anew().await?;
    // Whoever was sealing with the old key in the moment of the change has ended by now.
    changed += store.seal_anew().await?;
    store.demand_openable().await?;
    master::end_rotation(&dir)?;
    context.printer.result(&json!({"sealed_anew": changed}), || {
        format!("{changed} values were sealed anew; the old key is gone")
    })
}
