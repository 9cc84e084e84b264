//! `clawdwako server backup` and `restore`: the embedded store as one file.

use super::{BackupArgs, RestoreArgs, ground};
use crate::cli::Context;
use crate::error::{Error, Kind, Result, usage};
use crate::store::Store;
use serde_json::json;

pub(super) async fn backup(args: BackupArgs, context: &Context) -> Result<()> {
    if args.file.exists() {
        return Err(usage(format!("{} is there already", args.file.display())).hint("name a file that is not there"));
    }
    let store = ground::store(context).await?;
    store.backup(&args.file).await?;
    context.printer.result(&json!({"backup": args.file}), || {
        format!(
            "copied to {}; the master key is not in it: keep that, too, or nothing in it can be opened",
            args.file.display()
        )
    })
}

pub(super) async fn restore(args: RestoreArgs, context: &Context) -> Result<()> {
    if context.config.database_url.is_some() {
        return Err(
            Error::new(Kind::Unsupported, "this store is in PostgreSQL").hint("use pg_restore with DATABASE_URL")
        );
    }
    let path = ground::store_path(context);
    if Store::schema_of_file(&args.file).await?.is_none() {
        return Err(usage(format!("{} is no store", args.file.display()))
            .hint("name a file that `clawdwako server backup` made"));
    }
    let question = format!("Put {} in the place of {}?", args.file.display(), path.display());
    if path.exists() {
        context.prompt.confirm(&question).await?;
    }
    // Made beside it, whole and with its key tried, before anything is replaced.
    let draft = path.with_extension("restored");
    for old in [
        &draft,
        &draft.with_extension("restored-wal"),
        &draft.with_extension("restored-shm"),
    ] {
        let _ = std::fs::remove_file(old);
    }
    let sealer = ground::sealer(context)?;
    let copy = Store::open(&args.file, sealer.clone()).await?;
    copy.backup(&draft).await?;
    drop(copy);
    Store::open(&draft, sealer).await?.demand_openable().await?;
    let kept = path.with_extension(format!("before-{}", crate::model::now()));
    let replaced = path.exists();
    Store::replace_file(&path, &draft, &kept)?;
    context.printer.result(
        &json!({"restored": args.file, "kept": replaced.then_some(&kept)}),
        || match replaced {
            true => format!("restored; what was there is kept as {}", kept.display()),
            false => "restored".to_owned(),
        },
    )
}
