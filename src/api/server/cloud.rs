//! `/api/cloud`: rents servers, lists them, and tells what can be rented.

use super::extract::{Body, Path, Query};
use super::paging::{Paging, after, page, page_size};
use super::{App, Caller, Failure, credentials, deploy as deploying, whose};
use crate::api::types::{Moment, OfferView, Page, ProvisionRequest, RegionsView, ServerView, StatusView, cloud_name};
use crate::deploy::{self};
use crate::error::{Error, Kind, Result};
use crate::model::{Bot, Deployment, JobKind, Payer, Placement, ProviderKind, now};
use crate::provider::Offer;
use crate::store::BotQuery;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

/// How long what a cloud offers is remembered, in milliseconds.
const FRESH_MS: i64 = 5 * 60 * 1000;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(provision))
        .routes(routes!(servers))
        .routes(routes!(delete))
        .routes(routes!(available))
}

/// Rents the server for a bot, and installs nothing on it yet
#[utoipa::path(post, path = "/api/cloud/provision", tag = "cloud", request_body = ProvisionRequest,
    responses((status = 202, body = StatusView), (status = 404)))]
async fn provision(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<ProvisionRequest>,
) -> Result<(StatusCode, Json<StatusView>), Failure> {
    caller.did(&asked.bot_id);
    let (bot, deployment) = whose::changed(&app, &caller, &asked.bot_id).await?;
    let placement = Placement {
        region: asked.region,
        size: asked.size,
        image: asked.image,
        ..Placement::default()
    };
    let only = [JobKind::ProvisionServer];
    deploying::begin(&app, &caller, (&bot, &deployment), asked.provider, placement, &only).await?;
    deploying::accepted(&app, &bot).await
}

/// Lists the servers that were rented, oldest first
#[utoipa::path(get, path = "/api/cloud/servers", tag = "cloud", params(Paging),
    responses((status = 200, body = Page<ServerView>)))]
async fn servers(
    State(app): State<App>,
    caller: Caller,
    Query(which): Query<Paging>,
) -> Result<Json<Page<ServerView>>, Failure> {
    let limit = page_size(which.limit)?;
    let query = BotQuery {
        user_id: caller.sees_only(),
        with_server: true,
        after: after(which.cursor.as_deref())?,
        limit: limit + 1,
        ..BotQuery::default()
    };
    let found = app.store.bots_page(&query).await?;
    let items = found.iter().map(|(b, d)| server(b, d)).collect();
    Ok(Json(page(items, limit, |s: &ServerView| s.bot_id.clone())))
}

fn server(bot: &Bot, deployment: &Deployment) -> ServerView {
    let f = &deployment.facts;
    ServerView {
        id: deployment.id.clone(),
        bot_id: bot.id.clone(),
        bot_name: bot.name.clone(),
        provider: deployment.provider,
        status: deployment.status,
        instance_id: f.instance_id.clone(),
        region: f.region.clone(),
        size: f.size.clone(),
        ipv4: f.ipv4.clone(),
        price_month: f.price_month,
        currency: f.currency.clone(),
        created_at: Moment(deployment.created_at),
    }
}

/// Gives a server back, with the bot that lives on it
#[utoipa::path(delete, path = "/api/cloud/servers/{id}", tag = "cloud",
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "The deployment")), responses((status = 202, body = StatusView), (status = 409)))]
async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<StatusView>), Failure> {
    caller.did(&id);
    let nothing =
        || Error::new(Kind::NotFound, "there is no server of that id").hint("GET /api/cloud/servers lists them");
    let deployment = app.store.deployment(&id).await.map_err(|e| match e.kind() {
        Kind::NotFound => nothing(),
        _ => e,
    })?;
    let (bot, deployment) = match whose::changed(&app, &caller, &deployment.bot_id).await {
        Err(e) if e.kind() == Kind::NotFound => return Err(nothing().into()),
        other => other?,
    };
    let platform = app.standing(caller.by());
    if deploy::nothing_made(&platform, &deployment).await? {
        return Err(nothing().into());
    }
    deploy::begin_destroy(&platform, &bot, &deployment).await?;
    deploying::accepted(&app, &bot).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Where {
    /// `hetzner` or `digitalocean`; the first that there is a token for, if left out.
    #[param(schema_with = cloud_name)]
    provider: Option<ProviderKind>,
}

/// Tells what can be rented where, with live prices, at most some minutes old
#[utoipa::path(get, path = "/api/cloud/available-regions", tag = "cloud", params(Where),
    responses((status = 200, body = RegionsView), (status = 409)))]
async fn available(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Where>,
) -> Result<Json<RegionsView>, Failure> {
    let platform = app.platform(&caller.user.id, asked.provider, caller.by()).await?;
    let provider = credentials::cloud(asked.provider, &platform.tokens)?;
    let (as_of, offers) = app.offers(&caller.user.id, provider, &caller).await?;
    Ok(Json(RegionsView {
        provider,
        offers: offers.into_iter().map(OfferView::from).collect(),
        as_of: Moment(as_of),
        age_s: (now() - as_of).max(0) / 1000,
    }))
}

impl App {
    /// What a cloud offers to whoever pays for a user's servers, and when it said so.
    pub(super) async fn offers(
        &self,
        user_id: &str,
        provider: ProviderKind,
        caller: &Caller,
    ) -> Result<(i64, Vec<Offer>)> {
        // Of one account for all, or of the user's own: prices and limits may differ.
        let account = match self.limits(user_id).await?.cloud_tokens {
            Payer::Operator => String::new(),
            Payer::User => user_id.to_owned(),
        };
        let key = (account, provider);
        if let Some(kept) = self
            .offers
            .lock()
            .await
            .get(&key)
            .filter(|(at, _)| now() - at < FRESH_MS)
        {
            return Ok(kept.clone());
        }
        let offers = self
            .platform(user_id, Some(provider), caller.by())
            .await?
            .provider(provider)?
            .sizes()
            .await?;
        let fresh = (now(), offers);
        let mut kept = self.offers.lock().await;
        kept.retain(|_, (at, _)| now() - *at < FRESH_MS);
        kept.insert(key, fresh.clone());
        Ok(fresh)
    }

    /// The memory of a server type in MiB.
    ///
    /// # Errors
    /// `usage` if the provider has no such type.
    pub(super) async fn memory_of(
        &self,
        user_id: &str,
        provider: ProviderKind,
        size: &str,
        caller: &Caller,
    ) -> Result<Option<i64>> {
        let (_, offers) = self.offers(user_id, provider, caller).await?;
        match offers.iter().find(|o| o.size == size) {
            Some(offer) => Ok(Some(offer.memory_mb)),
            None => Err(crate::error::usage(format!("{provider} has no server type {size:?}"))
                .hint("GET /api/cloud/available-regions lists them")),
        }
    }
}
