//! `/api/sync`: bots that users' own machines keep, shown in their accounts. Of two records of one
//! bot the newer counts, and nothing here changes them.

use super::extract::{Body, Query};
use super::paging::{Paging, after, page, page_size};
use super::{App, Caller, Failure};
use crate::api::types::{BotView, LocalBotView, Moment, Page, SubscriptionView, SyncAnswer, SyncRequest};
use crate::deploy::check_name;
use crate::error::{Error, Kind, Result, usage};
use crate::model::{is_id, now};
use crate::store::LocalBot;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::{router::OpenApiRouter, routes};

/// How many bots one request tells of.
const MOST: usize = 20;
/// How many ids it names.
const MOST_IDS: usize = 1_000;
/// The longest origin and name, in characters.
const LONGEST: usize = 64;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, take))
}

/// Lists the bots that the caller's own machines told of
#[utoipa::path(get, path = "/api/sync", tag = "account", params(Paging),
    responses((status = 200, body = Page<LocalBotView>)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(which): Query<Paging>,
) -> Result<Json<Page<LocalBotView>>, Failure> {
    let limit = page_size(which.limit)?;
    let from = after(which.cursor.as_deref())?.unwrap_or_default();
    let found = app.store.local_bots(&caller.user.id, from, limit + 1).await?;
    let items = found.into_iter().map(view).collect::<Result<Vec<_>>>()?;
    Ok(Json(page(items, limit, |b| b.bot.id.clone())))
}

/// Takes what a machine tells of the bots that it keeps itself, and tells the plan
#[utoipa::path(post, path = "/api/sync", tag = "account", request_body = SyncRequest,
    responses((status = 200, body = SyncAnswer)))]
async fn take(
    State(app): State<App>,
    caller: Caller,
    Body(told): Body<SyncRequest>,
) -> Result<(StatusCode, Json<SyncAnswer>), Failure> {
    check(&told)?;
    let user = &caller.user.id;
    let subscription = app.store.subscription(user).await?;
    let limits = app.plans.of(subscription.plan);
    let records = told
        .bots
        .iter()
        .map(|bot| record(bot, &told))
        .collect::<Result<Vec<_>>>()?;
    let mut newer = Vec::new();
    let mut tx = app.store.begin().await?;
    for record in &records {
        newer.extend(tx.take_local_bot(user, record).await?);
    }
    let forgotten = match &told.all {
        Some(ids) => tx.keep_local_bots(user, &told.origin, ids).await?,
        None => 0,
    };
    let told = SyncAnswer {
        taken: (records.len() - newer.len()) as i64,
        newer: newer.into_iter().map(view).collect::<Result<_>>()?,
        forgotten,
        subscription: SubscriptionView::of(&subscription, limits, now()),
    };
    let answer = caller.answer(&mut tx, StatusCode::OK, told).await?;
    tx.commit().await?;
    Ok(answer)
}

fn check(told: &SyncRequest) -> Result<()> {
    if told.bots.len() > MOST || told.all.as_ref().is_some_and(|ids| ids.len() > MOST_IDS) {
        return Err(usage(format!(
            "one request tells of {MOST} bots and {MOST_IDS} ids at most"
        )));
    }
    for (what, text) in [("origin", &told.origin), ("machine", &told.machine)] {
        short(what, text)?;
    }
    for bot in &told.bots {
        if !is_id(&bot.id) {
            return Err(usage(format!("the bot {:?} has no id of ours", bot.name)));
        }
        check_name(&bot.name)?;
        // A record from the future would beat every later one.
        if bot.changed_at() > Moment(now() + TOLERANCE_MS) {
            return Err(usage(format!("the bot {:?} changed in the future", bot.name)).hint("set that machine's clock"));
        }
    }
    Ok(())
}

/// How far the machine's clock may be ahead.
const TOLERANCE_MS: i64 = 5 * 60 * 1_000;

fn short(what: &str, text: &str) -> Result<()> {
    let fits = !text.is_empty() && text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
    match fits {
        true => Ok(()),
        false => Err(usage(format!("{what} has to be 1 to {LONGEST} printable characters"))),
    }
}

fn record(bot: &BotView, told: &SyncRequest) -> Result<LocalBot> {
    Ok(LocalBot {
        id: bot.id.clone(),
        origin: told.origin.clone(),
        machine: told.machine.clone(),
        record: serde_json::to_string(bot)?,
        updated_at: bot.changed_at().0,
        synced_at: now(),
    })
}

fn view(kept: LocalBot) -> Result<LocalBotView> {
    let bot = serde_json::from_str(&kept.record)
        .map_err(|_| Error::new(Kind::Store, "the record of a local bot cannot be read"))?;
    Ok(LocalBotView {
        local: true,
        origin: kept.origin,
        machine: kept.machine,
        bot,
        synced_at: Moment(kept.synced_at),
    })
}
