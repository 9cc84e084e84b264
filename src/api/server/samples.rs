//! `GET /api/bots/{id}/samples`: how a bot was, every five minutes.

use super::extract::{Path, Query};
use super::paging::{page, page_size};
use super::{App, Caller, Failure, whose};
use crate::api::types::{Moment, Page, SampleView};
use crate::error::{Result, usage};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(samples))
}

/// Which of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only what was seen in five minutes that began at this moment or later.
    since: Option<Moment>,
    /// Only what was seen in five minutes that began before this moment.
    until: Option<Moment>,
    /// Where the last page ended.
    #[param(pattern = "^[0-9]{1,15}$")]
    cursor: Option<String>,
    /// How many, at most 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Lists how a bot was, every five minutes, newest first, for as long as that is kept
#[utoipa::path(get, path = "/api/bots/{id}/samples", tag = "bots",
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "The bot"), Which),
    responses((status = 200, body = Page<SampleView>)))]
async fn samples(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<Json<Page<SampleView>>, Failure> {
    let limit = page_size(which.limit)?;
    let cursor = which.cursor.as_deref().map(place).transpose()?;
    let (bot, _) = whose::seen(&app, &caller, &id).await?;
    let since = which.since.map_or(i64::MIN, |m| m.0);
    let until = which.until.map_or(i64::MAX, |m| m.0).min(cursor.unwrap_or(i64::MAX));
    let found = app.store.samples_between(&bot.id, since, until, limit + 1).await?;
    let shown = page(found, limit, |(begin, _)| begin.to_string());
    Ok(Json(Page {
        items: shown.items.into_iter().map(|(_, s)| s.into()).collect(),
        next_cursor: shown.next_cursor,
    }))
}

/// The moment at which a page ended.
fn place(cursor: &str) -> Result<i64> {
    let digits = (1..=15).contains(&cursor.len()) && cursor.bytes().all(|b| b.is_ascii_digit());
    match cursor.parse() {
        Ok(at) if digits => Ok(at),
        _ => Err(usage("invalid cursor").hint("give the next_cursor of the previous page")),
    }
}
