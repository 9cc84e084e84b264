//! `GET|PUT /api/admin/users…`: what admins do with users; support looks on.

use super::account::subscription_of;
use super::extract::{Body, Path, Query};
use super::paging::{Paging, after, page, page_size};
use super::{App, Caller, Failure};
use crate::api::types::{Page, SubscriptionChange, SubscriptionView, UserChange, UserView};
use crate::error::usage;
use crate::model::{Subscription, now};
use axum::Json;
use axum::extract::State;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, change))
        .routes(routes!(subscription, set_subscription))
}

/// Lists the users in the order in which they came
#[utoipa::path(get, path = "/api/admin/users", tag = "admin", params(Paging), responses((status = 200, body = Page<UserView>)))]
async fn list(
    State(app): State<App>,
    _caller: Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<UserView>>, Failure> {
    let limit = page_size(paging.limit)?;
    let users = app
        .store
        .users(after(paging.cursor.as_deref())?.unwrap_or_default(), limit + 1)
        .await?;
    let items = users.iter().map(UserView::from).collect();
    Ok(Json(page(items, limit, |u: &UserView| u.id.clone())))
}

/// Shows a user
#[utoipa::path(get, path = "/api/admin/users/{id}", tag = "admin", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "The user's id.")),
    responses((status = 200, body = UserView)))]
async fn show(State(app): State<App>, _caller: Caller, Path(id): Path<String>) -> Result<Json<UserView>, Failure> {
    Ok(Json(UserView::from(&app.store.user(&id).await?)))
}

/// Gives a user another role, shuts them out or lets them in again
///
/// Out means at once: their sessions and API tokens are gone. Their bots go on.
#[utoipa::path(put, path = "/api/admin/users/{id}", tag = "admin", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "The user's id.")),
    request_body = UserChange, responses((status = 200, body = UserView), (status = 409)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<UserChange>,
) -> Result<Json<UserView>, Failure> {
    if asked.role.is_none() && asked.disabled.is_none() {
        return Err(usage("nothing is to be changed")
            .hint("say role, disabled, or both")
            .into());
    }
    caller.did(&id);
    let mut tx = app.store.begin().await?;
    if let Some(role) = asked.role {
        tx.set_user_role(&id, role).await?;
    }
    if let Some(disabled) = asked.disabled {
        tx.set_user_disabled(&id, disabled).await?;
    }
    let user = tx.user(&id).await?;
    caller.did_to(&user.id);
    tx.commit().await?;
    Ok(Json(UserView::from(&user)))
}

/// Shows a user's subscription
#[utoipa::path(get, path = "/api/admin/users/{id}/subscription", tag = "admin",
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "The user's id.")), responses((status = 200, body = SubscriptionView)))]
async fn subscription(
    State(app): State<App>,
    _caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<SubscriptionView>, Failure> {
    let user = app.store.user(&id).await?;
    Ok(Json(subscription_of(&app, &user.id).await?))
}

/// Sets a user's subscription
#[utoipa::path(put, path = "/api/admin/users/{id}/subscription", tag = "admin",
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "The user's id.")),
    request_body = SubscriptionChange, responses((status = 200, body = SubscriptionView)))]
async fn set_subscription(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<SubscriptionChange>,
) -> Result<Json<SubscriptionView>, Failure> {
    let subscription = Subscription {
        plan: asked.plan,
        status: asked.status,
        period_end: asked.period_end.map(|m| m.0),
        updated_at: now(),
    };
    caller.did(&id);
    let mut tx = app.store.begin().await?;
    tx.user(&id).await?;
    caller.did_to(&id);
    tx.put_subscription(&id, &subscription).await?;
    tx.commit().await?;
    Ok(Json(subscription_of(&app, &id).await?))
}
