//! `clawdwako server openapi`

use crate::api::server::document;
use crate::cli::Context;
use crate::error::{Result, internal};

pub(super) fn run(context: &Context) -> Result<()> {
    let text = document()
        .to_pretty_json()
        .map_err(|_| internal("the API's document could not be written"))?;
    context.printer.raw(&format!("{text}\n"))
}
