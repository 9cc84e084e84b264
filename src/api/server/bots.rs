//! `/api/bots`: bots are written down, listed, changed, and destroyed.

use super::extract::{Body, Path, Query};
use super::paging::{after, page, page_size};
use super::{App, Caller, Failure, secrets, whose};
use crate::api::types::{BotChange, BotCreate, BotView, Page};
use crate::deploy::{self, Change, NewBot};
use crate::error::{Error, Kind, Result, usage};
use crate::model::{BotStatus, DeploymentStatus, Placement, ProviderKind, now};
use crate::openclaw::catalog::parse_model;
use crate::store::{BotQuery, Demand};
use crate::telegram::{Telegram, parse_token};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(list))
        .routes(routes!(show, change, destroy))
}

/// Writes a bot down, once Telegram has proved its token; nothing is made or bought yet
#[utoipa::path(post, path = "/api/bots/create", tag = "bots", request_body = BotCreate,
    responses((status = 201, body = BotView), (status = 409)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(wanted): Body<BotCreate>,
) -> Result<(StatusCode, Json<BotView>), Failure> {
    deploy::check_name(&wanted.name)?;
    parse_token(&wanted.token)?;
    let model = parse_model(&wanted.model)?;
    if let Some(key) = &wanted.model_key {
        secrets::check("model_key", key)?;
    }
    // Before anything is looked up or kept: a token that is made up occupies nothing, and its
    // answer is the same whichever bots are here.
    let me = Telegram::new(app.endpoints.telegram.clone(), &wanted.token)?
        .prove()
        .await?;
    let user_id = caller.user.id.clone();
    let key = app
        .model_key(&user_id, model.provider, wanted.model_key, &caller.by())
        .await?;
    let demand = Demand {
        model: model.to_string(),
        ..Demand::default()
    };
    let new = NewBot {
        user_id: user_id.clone(),
        name: wanted.name,
        token: wanted.token,
        telegram_id: me.id,
        username: Some(me.username),
        model: model.to_string(),
        model_key: key,
        audience: wanted.audience,
        // Until it is said where it is to live.
        provider: ProviderKind::Hetzner,
        placement: Placement::default(),
        ssh_key: None,
    };
    let mut tx = app.store.begin().await?;
    tx.demand_quota(&user_id, &app.plans, &demand, now()).await?;
    let (bot, deployment) = deploy::write_down(&mut tx, new).await?;
    caller.did(&bot.id);
    let made = BotView::of(&bot, &deployment);
    let answer = caller.answer(&mut tx, StatusCode::CREATED, made).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Which bots to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Where the last page ended.
    #[param(pattern = "^[0-9a-f]{32}$")]
    cursor: Option<String>,
    /// How many, at most 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// Only with this status; all but the destroyed, if left out.
    status: Option<BotStatus>,
    /// Only of this name.
    name: Option<String>,
    /// Only the caller's own, where admins and support see everybody's.
    #[serde(default)]
    #[param(required = false)]
    mine: bool,
}

/// Lists bots, oldest first
#[utoipa::path(get, path = "/api/bots", tag = "bots", params(Which), responses((status = 200, body = Page<BotView>)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<Page<BotView>>, Failure> {
    let limit = page_size(which.limit)?;
    if which
        .name
        .as_deref()
        .is_some_and(|name| deploy::check_name(name).is_err())
    {
        // No bot can have that name, so there is none.
        return Ok(Json(page(Vec::new(), limit, |b: &BotView| b.id.clone())));
    }
    let own = which.mine.then_some(caller.user.id.as_str());
    let query = BotQuery {
        user_id: own.or(caller.sees_only()),
        status: which.status,
        name: which.name.as_deref(),
        after: after(which.cursor.as_deref())?,
        limit: limit + 1,
        ..BotQuery::default()
    };
    let found = app.store.bots_page(&query).await?;
    let items = found.iter().map(|(b, d)| BotView::of(b, d)).collect();
    Ok(Json(page(items, limit, |b| b.id.clone())))
}

/// Shows one bot
#[utoipa::path(get, path = "/api/bots/{id}", tag = "bots", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "The bot")),
    responses((status = 200, body = BotView)))]
async fn show(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<BotView>, Failure> {
    let (bot, deployment) = whose::seen(&app, &caller, &id).await?;
    Ok(Json(BotView::of(&bot, &deployment)))
}

/// Changes a bot, behind the same gate as a deployment
#[utoipa::path(put, path = "/api/bots/{id}", tag = "bots", request_body = BotChange,
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "The bot")), responses((status = 202, body = BotView), (status = 409)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<BotChange>,
) -> Result<(StatusCode, Json<BotView>), Failure> {
    caller.did(&id);
    let (bot, deployment) = whose::changed(&app, &caller, &id).await?;
    if let Some(key) = &asked.model_key {
        secrets::check("model_key", key)?;
    }
    let mut change = Change {
        audience: asked.audience,
        model_key: asked.model_key,
        model: None,
    };
    if let Some(text) = &asked.model {
        let model = parse_model(text)?;
        let same = bot.model.starts_with(&format!("{}/", model.provider));
        if change.model_key.is_none() && !same {
            let key = app.model_key(&bot.user_id, model.provider, None, &caller.by()).await?;
            change.model_key = Some(key);
        }
        let demand = Demand {
            model: model.to_string(),
            ..Demand::default()
        };
        let mut tx = app.store.begin().await?;
        tx.demand_plan(&bot.user_id, &app.plans, &demand, now()).await?;
        tx.commit().await?;
        change.model = Some(model.to_string());
    }
    if change.model.is_none() && change.audience.is_none() && change.model_key.is_none() {
        return Err(usage("nothing is to be changed")
            .hint("give model, model_key or audience")
            .into());
    }
    deploy::begin_change(&app.standing(caller.by()), &bot, &deployment, &change).await?;
    fresh(&app, &id).await
}

/// Destroys a bot: its server and all that belongs to it
#[utoipa::path(delete, path = "/api/bots/{id}", tag = "bots", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "The bot")),
    responses((status = 202, body = BotView), (status = 409)))]
async fn destroy(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<BotView>), Failure> {
    caller.did(&id);
    let (bot, deployment) = whose::changed(&app, &caller, &id).await?;
    let platform = app.standing(caller.by());
    if deployment.status == DeploymentStatus::Pending || deploy::nothing_made(&platform, &deployment).await? {
        deploy::give_up(&platform, &bot, &deployment).await?;
    } else {
        deploy::begin_destroy(&platform, &bot, &deployment).await?;
    }
    fresh(&app, &id).await
}

/// The bot as it is now, for work that goes on.
async fn fresh(app: &App, id: &str) -> Result<(StatusCode, Json<BotView>), Failure> {
    let bot = app.store.bot_by_id(id).await?;
    let deployment = app.store.deployment_of(id).await?;
    Ok((StatusCode::ACCEPTED, Json(BotView::of(&bot, &deployment))))
}

/// Refuses a request about a thing in a state that does not allow it.
pub(super) fn wrong_state(message: impl Into<String>, hint: &str) -> Error {
    Error::new(Kind::State, message).hint(hint)
}
