//! `clawdwako server admin audit …`

use super::ground;
use crate::api::types::AuditView;
use crate::cli::Context;
use crate::cli::format::visible_json;
use crate::error::{Result, usage};
use crate::model::{Millis, now};
use crate::private::Draft;
use crate::store::{AuditEntry, Deed, Store};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;
use std::path::PathBuf;

/// How many entries are read at once.
const PAGE: i64 = 1_000;

/// What to do with the audit.
#[derive(Debug, clap::Subcommand)]
pub enum AuditVerb {
    /// Read the audit out, oldest first, one JSON document a line
    #[command(after_help = "Examples:
  clawdwako server admin audit export audit.jsonl --since 2027-01-01
  clawdwako server admin audit export --until 2027-06-30 | gzip > audit.gz

What is older than keep_audit in [server] (400 days, if left out) is forgotten.")]
    Export {
        /// The file to make, for its owner alone; standard output, if left out
        #[arg(value_hint = clap::ValueHint::FilePath)]
        file: Option<PathBuf>,
        /// Only from this day (UTC) or time on
        #[arg(long, value_name = "DATE|TIME", value_parser = begin)]
        since: Option<Millis>,
        /// Only up to this day (UTC), the whole of it, or before this time
        #[arg(long, value_name = "DATE|TIME", value_parser = end)]
        until: Option<Millis>,
    },
}

pub async fn run(verb: AuditVerb, context: &Context) -> Result<()> {
    let AuditVerb::Export { file, since, until } = verb;
    let mut draft = file.as_deref().map(Draft::begin).transpose()?;
    let store = ground::store(context).await?;
    // What is written from here on is not part of it: it would have no end.
    let until = until.unwrap_or(Millis::MAX).min(now());
    store
        .note(Deed {
            actor: "command line",
            action: "audit export",
            result: "ok",
            ..Deed::default()
        })
        .await?;
    let entries = export(&store, since.unwrap_or(0), until, |lines| match &mut draft {
        Some(draft) => draft.write(lines.as_bytes()),
        None => context.printer.raw(&visible_json(lines)),
    })
    .await?;
    let Some((draft, file)) = draft.zip(file) else {
        return Ok(());
    };
    draft.place()?;
    context
        .printer
        .result(&json!({"exported": {"file": file, "entries": entries}}), || {
            format!("{entries} entries are in {}", file.display())
        })
}

/// Reads entries page by page, and gives each page's lines away; answers how many there were.
async fn export(
    store: &Store,
    since: Millis,
    until: Millis,
    mut give: impl FnMut(&str) -> Result<()>,
) -> Result<usize> {
    let (mut entries, mut last): (usize, Option<AuditEntry>) = (0, None);
    loop {
        let after = last.as_ref().map(|e| (e.at, e.id.as_str()));
        let page = store.audit_between(since, until, after, PAGE).await?;
        entries += page.len();
        last = page.last().cloned();
        if last.is_none() {
            return Ok(entries);
        }
        let mut lines = String::new();
        for entry in page {
            lines.push_str(&serde_json::to_string(&AuditView::from(entry))?);
            lines.push('\n');
        }
        give(&lines)?;
    }
}

/// The begin of a day in UTC, or a time as it is.
fn begin(text: &str) -> Result<Millis> {
    at(text, Ok)
}

/// The end of a day in UTC, or a time as it is.
fn end(text: &str) -> Result<Millis> {
    at(text, Date::tomorrow)
}

fn at(text: &str, day: impl FnOnce(Date) -> Result<Date, jiff::Error>) -> Result<Millis> {
    let bad = || {
        usage(format!(
            "{text:?} is no date such as 2027-12-31, and no time such as 2027-12-31T18:00:00Z"
        ))
    };
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time.as_millisecond());
    }
    // A time without its zone would be read as a day.
    let date = Date::strptime("%Y-%m-%d", text).and_then(day).map_err(|_| bad())?;
    let midnight = date.to_zoned(TimeZone::UTC).map_err(|_| bad())?;
    Ok(midnight.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::{begin, end};

    #[test]
    fn days_are_whole_and_times_as_they_are() {
        const DAY: i64 = 24 * 3_600_000;
        assert_eq!(
            (begin("1970-01-02").unwrap(), end("1970-01-02").unwrap()),
            (DAY, 2 * DAY)
        );
        for read in [begin, end] {
            assert_eq!(read("1970-01-02T00:00:01Z").unwrap(), DAY + 1_000);
            assert_eq!(read("1970-01-02T01:00:00+01:00").unwrap(), DAY);
            for wrong in ["", "today", "1970-02-30", "1970-01-02T00:00:01", "1970-01-02x"] {
                assert!(read(wrong).is_err(), "{wrong}");
            }
        }
    }
}
