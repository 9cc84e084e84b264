//! `GET /api/subscription`, `GET /api/usage` and `GET /api/audit`.

use super::extract::Query;
use super::paging::{after, page, page_size};
use super::{App, Caller, Failure};
use crate::api::types::{AuditView, CostView, Page, SubscriptionView, UsageView};
use crate::error::{self, Result};
use crate::model::{Reading, TokenKind, is_id, now};
use crate::store::BotFilter;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(subscription))
        .routes(routes!(usage))
        .routes(routes!(audit))
}

/// Tells the caller's plan, whether it is good, and what it allows
#[utoipa::path(get, path = "/api/subscription", tag = "account", responses((status = 200, body = SubscriptionView)))]
async fn subscription(State(app): State<App>, caller: Caller) -> Result<Json<SubscriptionView>, Failure> {
    Ok(Json(subscription_of(&app, &caller.user.id).await?))
}

/// A user's subscription as it is now.
pub(super) async fn subscription_of(app: &App, user_id: &str) -> Result<SubscriptionView> {
    let subscription = app.store.subscription(user_id).await?;
    Ok(SubscriptionView::of(
        &subscription,
        app.plans.of(subscription.plan),
        now(),
    ))
}

/// Tells how much of the plan is used, what the servers cost, and what the models were used for
#[utoipa::path(get, path = "/api/usage", tag = "account", responses((status = 200, body = UsageView)))]
async fn usage(State(app): State<App>, caller: Caller) -> Result<Json<UsageView>, Failure> {
    let user = &caller.user.id;
    let subscription = app.store.subscription(user).await?;
    let bots = app.store.bots(user, BotFilter::default()).await?;
    let mut sums: BTreeMap<String, f64> = BTreeMap::new();
    let mut servers = 0;
    for (_, deployment) in &bots {
        let facts = &deployment.facts;
        servers += i64::from(facts.instance_id.is_some());
        if let (Some(price), Some(currency)) = (facts.price_month, &facts.currency) {
            *sums.entry(currency.clone()).or_default() += price;
        }
    }
    let costs = sums.into_iter().map(|(currency, sum)| CostView {
        currency,
        // Cents: sums of fractions have tails.
        price_month: (sum * 100.0).round() / 100.0,
    });
    let mut total = Reading::default();
    for reading in app.store.last_readings(user).await? {
        add(&mut total.messages, reading.messages);
        add(&mut total.tokens, reading.tokens);
        add(&mut total.cost_usd, reading.cost_usd);
    }
    Ok(Json(UsageView {
        bots: bots.len() as i64,
        max_bots: app.plans.of(subscription.plan).max_bots,
        servers,
        costs: costs.collect(),
        messages: total.messages,
        tokens: total.tokens,
        cost_usd: total.cost_usd,
        api_tokens: app.store.tokens(user, TokenKind::Api, now()).await?.len() as i64,
    }))
}

/// Adds what is known.
fn add<T: std::ops::Add<Output = T> + Copy>(sum: &mut Option<T>, more: Option<T>) {
    *sum = match (*sum, more) {
        (Some(a), Some(b)) => Some(a + b),
        (a, b) => a.or(b),
    };
}

/// Whose entries to show.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct About {
    /// About this user's things only. Members see what is about their own in any case.
    #[param(pattern = "^[0-9a-f]{32}$")]
    user_id: Option<String>,
    /// The `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{32}$")]
    cursor: Option<String>,
    /// How many items at most; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Lists who did what, newest first: about the caller's own things; admins and support see all
///
/// A change has two entries with the same `request_id`: one before anything is done, whose result
/// is `begun`, and one that tells how it ended. Where the second is missing, the change is still
/// going on, or the control server ended in the middle of it: look at the thing itself to see
/// whether it was made. What is refused to begin with has one entry.
///
/// The use of a kept secret is told as `use secret`, with whose it is and its name as the object,
/// by whoever asked for it, or by `server` for its jobs. What the server's own schedule uses all
/// day (health looks, the search for orphans) is told once a day (UTC) for each secret.
#[utoipa::path(get, path = "/api/audit", tag = "account", params(About), responses((status = 200, body = Page<AuditView>)))]
async fn audit(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
) -> Result<Json<Page<AuditView>>, Failure> {
    let limit = page_size(about.limit)?;
    if about.user_id.as_deref().is_some_and(|id| !is_id(id)) {
        return Err(error::usage("user_id is no id")
            .hint("GET /api/admin/users lists them")
            .into());
    }
    let user = caller.sees_only().or(about.user_id.as_deref());
    let entries = app
        .store
        .audit(user, after(about.cursor.as_deref())?, limit + 1)
        .await?;
    let items = entries.into_iter().map(AuditView::from).collect();
    Ok(Json(page(items, limit, |e: &AuditView| e.id.clone())))
}
