//! `/api/telegram`: tokens and webhooks.

use super::bots::wrong_state;
use super::extract::{Body, Query};
use super::{App, Caller, Failure, whose};
use crate::api::types::{BotInfoView, TokenRequest, VerifiedToken, WebhookRequest, WebhookView};
use crate::deploy::secret_names;
use crate::error::{Result, usage};
use crate::model::{Bot, BotStatus, new_id};
use crate::secrets::Secret;
use crate::store::Owner;
use crate::telegram::Telegram;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use url::Url;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(verify_token))
        .routes(routes!(set_webhook))
        .routes(routes!(bot_info))
}

/// Asks Telegram about a token; nothing is kept
#[utoipa::path(post, path = "/api/telegram/verify-token", tag = "telegram", request_body = TokenRequest,
    responses((status = 200, body = VerifiedToken)))]
async fn verify_token(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<TokenRequest>,
) -> Result<Json<VerifiedToken>, Failure> {
    let telegram = Telegram::new(app.endpoints.telegram.clone(), &asked.token)?;
    let (me, webhook) = telegram.look().await?;
    let host = |url: String| Url::parse(&url).ok()?.host_str().map(str::to_owned);
    let here = app.store.bot_by_telegram_id(me.id).await?;
    Ok(Json(VerifiedToken {
        free: here.is_none_or(|bot| bot.user_id != caller.user.id),
        telegram_id: me.id,
        username: me.username,
        webhook_host: webhook.url.and_then(host),
    }))
}

/// Sets or removes the webhook of a bot whose agent does not run: the agent itself polls
#[utoipa::path(post, path = "/api/telegram/set-webhook", tag = "telegram", request_body = WebhookRequest,
    responses((status = 200, body = WebhookView), (status = 404)))]
async fn set_webhook(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<WebhookRequest>,
) -> Result<Json<WebhookView>, Failure> {
    caller.did(&asked.bot_id);
    let (bot, _) = whose::changed(&app, &caller, &asked.bot_id).await?;
    let telegram = client(&app, &caller, &bot).await?;
    let mut secret = None;
    match &asked.url {
        None => telegram.delete_webhook().await?,
        Some(_) if matches!(bot.status, BotStatus::Active | BotStatus::Deploying) => {
            return Err(wrong_state(
                format!("the agent of {} polls, and a webhook would silence it", bot.name),
                "stop the bot first; starting it removes the webhook again",
            )
            .into());
        }
        Some(url) => {
            let url = Url::parse(url).map_err(|_| usage("the webhook's address cannot be one"))?;
            let made = new_id();
            telegram.set_webhook(&url, &Secret::new(made.as_str())).await?;
            secret = Some(made);
        }
    }
    Ok(Json(WebhookView {
        url: telegram.webhook().await?.url,
        secret_token: secret,
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// The bot.
    #[param(pattern = "^[0-9a-f]{32}$")]
    bot_id: String,
}

/// Tells what Telegram knows of a bot
#[utoipa::path(get, path = "/api/telegram/bot-info", tag = "telegram", params(Which),
    responses((status = 200, body = BotInfoView), (status = 404), (status = 409)))]
async fn bot_info(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Which>,
) -> Result<Json<BotInfoView>, Failure> {
    let (bot, _) = whose::seen(&app, &caller, &asked.bot_id).await?;
    let telegram = client(&app, &caller, &bot).await?;
    let me = telegram.get_me().await?;
    Ok(Json(BotInfoView {
        telegram_id: me.id,
        username: me.username,
        webhook: WebhookView {
            url: telegram.webhook().await?.url,
            secret_token: None,
        },
    }))
}

async fn client(app: &App, caller: &Caller, bot: &Bot) -> Result<Telegram> {
    if bot.status == BotStatus::Destroyed {
        return Err(wrong_state(
            format!("the bot {:?} is destroyed", bot.name),
            "its token is forgotten",
        ));
    }
    let owner = Owner::Bot(bot.id.clone());
    let token = app
        .store
        .acting(caller.by())
        .secret(&owner, secret_names::TELEGRAM)
        .await?;
    Telegram::new(app.endpoints.telegram.clone(), &token)
}
