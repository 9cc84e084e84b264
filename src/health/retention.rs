//! Forgets what was kept for long enough: entries of the audit, and the records of bots that are
//! destroyed.

use super::watch::{Settings, millis};
use crate::error::Result;
use crate::model::now;
use crate::store::{Deed, Store};

/// How many entries of the audit go in one transaction.
const ENTRIES: u64 = 1_000;
/// How many bots do, each with all that was kept of it.
const BOTS: u64 = 20;
/// How many transactions there are in a row; what is left then goes the next time.
const IN_A_ROW: usize = 1_000;

/// Forgets what is too old by the settings, some at a time, so that nobody waits for long.
///
/// # Errors
/// The store's own. What was forgotten until then stays forgotten.
pub async fn forget_old(store: &Store, settings: &Settings) -> Result<()> {
    if let Some(keep) = settings.keep_destroyed {
        let before = now() - millis(keep);
        let gone = in_batches(BOTS, || store.forget_destroyed(before, BOTS)).await?;
        if gone > 0 {
            tracing::info!(
                bots = gone,
                "records of destroyed bots that are old enough are forgotten"
            );
        }
    }
    if let Some(keep) = settings.keep_audit {
        let before = now() - millis(keep);
        let gone = in_batches(ENTRIES, || store.forget_audit(before, ENTRIES)).await?;
        if gone > 0 {
            let what = format!("{gone} entries");
            store
                .note(Deed {
                    actor: "server",
                    action: "forget audit",
                    object: Some(&what),
                    result: "ok",
                    ..Deed::default()
                })
                .await?;
            tracing::info!(entries = gone, "entries of the audit that are old enough are forgotten");
        }
    }
    Ok(())
}

/// Does a part until there is less than a whole one; answers how much there was.
async fn in_batches<F: Future<Output = Result<u64>>>(whole: u64, part: impl Fn() -> F) -> Result<u64> {
    let mut all = 0;
    for _ in 0..IN_A_ROW {
        let done = part().await?;
        all += done;
        if done < whole {
            break;
        }
    }
    Ok(all)
}
