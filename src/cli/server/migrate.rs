//! `clawdwako server migrate`

use super::{MigrateArgs, ground};
use crate::cli::Context;
use crate::error::{Error, Kind, Result};
use crate::store::Store;
use serde_json::json;

pub(super) async fn run(args: MigrateArgs, context: &Context) -> Result<()> {
    let newest = Store::newest_schema();
    if args.check {
        let current = match &context.config.database_url {
            Some(url) => Store::schema_of_shared(url).await?,
            None => Store::schema_of_file(&ground::store_path(context)).await?,
        };
        if current != Some(newest) {
            let has = current.map_or("none".to_owned(), |n| n.to_string());
            return Err(Error::new(
                Kind::State,
                format!("the store has schema {has}, and this version has {newest}"),
            )
            .hint("run `clawdwako server migrate`"));
        }
    } else {
        ground::store(context).await?;
    }
    context
        .printer
        .result(&json!({"schema": newest}), || format!("the store has schema {newest}"))
}
