//! `/api/deploy`: puts bots on servers, tells how far it is, stops and starts them.

use super::extract::{Body, Path, Query};
use super::rules::Allowance;
use super::{App, Caller, Failure, credentials, whose};
use crate::api::types::{BotView, DeployRequest, HealthView, JobView, PackagesView, StatusView};
use crate::deploy::{self, DEPLOYING, care};
use crate::error::Result;
use crate::model::{Bot, BotStatus, Deployment, DeploymentStatus, JobKind, JobStatus, Placement, ProviderKind, now};
use crate::store::Demand;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(deploy))
        .routes(routes!(status))
        .routes(routes!(packages))
        .routes(routes!(stop))
        .routes(routes!(start))
        .routes(routes!(restart))
}

type Accepted = (StatusCode, Json<StatusView>);

/// Deploys a bot; asked again, goes on where it stopped
#[utoipa::path(post, path = "/api/deploy", tag = "deploy", request_body = DeployRequest,
    responses((status = 202, body = StatusView), (status = 404)))]
async fn deploy(State(app): State<App>, caller: Caller, Body(asked): Body<DeployRequest>) -> Result<Accepted, Failure> {
    caller.did(&asked.bot_id);
    let (bot, deployment) = whose::changed(&app, &caller, &asked.bot_id).await?;
    let placement = Placement {
        region: asked.region,
        size: asked.size,
        image: asked.image,
        agent_version: asked.agent_version,
        ..Placement::default()
    };
    begin(
        &app,
        &caller,
        (&bot, &deployment),
        asked.provider,
        placement,
        &DEPLOYING,
    )
    .await?;
    accepted(&app, &bot).await
}

/// Queues jobs of a bot: as asked if nothing was begun yet, else it goes on as it was begun.
pub(super) async fn begin(
    app: &App,
    caller: &Caller,
    (bot, deployment): (&Bot, &Deployment),
    provider: Option<ProviderKind>,
    placement: Placement,
    kinds: &[JobKind],
) -> Result<()> {
    deploy::demand_kept(bot, &app.store.jobs(&deployment.id).await?)?;
    match deployment.status {
        DeploymentStatus::Pending => {}
        DeploymentStatus::Active | DeploymentStatus::Stopped => return Ok(()),
        _ => {
            let placement = &deployment.placement;
            // Of a server that is ordered it is too late to ask.
            if deployment.facts.instance_id.is_none() {
                app.demand_image(&bot.user_id, deployment.provider, placement).await?;
            }
            let mut tx = app.store.begin().await?;
            let plan = tx
                .demand_plan(&bot.user_id, &app.plans, &demand(bot, placement, None), now())
                .await?;
            // The plan may be another one since.
            tx.change_placement(&deployment.id, &placement.clone().within(app.plans.of(plan.plan)))
                .await?;
            deploy::go_on(&mut tx, deployment).await?;
            deploy::enqueue(&mut tx, &deployment.id, kinds).await?;
            return tx.commit().await;
        }
    }
    let platform = app.platform(&bot.user_id, provider, caller.by()).await?;
    let provider = credentials::cloud(provider, &platform.tokens)?;
    app.demand_image(&bot.user_id, provider, &placement).await?;
    let memory = match &placement.size {
        Some(size) => app.memory_of(&bot.user_id, provider, size, caller).await?,
        None => None,
    };
    let mut tx = app.store.begin().await?;
    let plan = tx
        .demand_plan(&bot.user_id, &app.plans, &demand(bot, &placement, memory), now())
        .await?;
    let placement = placement.within(app.plans.of(plan.plan));
    tx.set_placement(&deployment.id, provider, &placement).await?;
    deploy::enqueue(&mut tx, &deployment.id, kinds).await?;
    tx.commit().await
}

fn demand(bot: &Bot, placement: &Placement, memory_mb: Option<i64>) -> Demand {
    Demand {
        memory_mb,
        region: placement.region.clone(),
        model: bot.model.clone(),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Also asks an active bot's agent how it is, over SSH: that takes seconds, and may be asked
    /// as rarely as what lets somebody guess.
    #[serde(default)]
    #[param(required = false)]
    live: bool,
}

/// Tells how far a bot's deployment is, and how its agent is if that is asked for
#[utoipa::path(get, path = "/api/deploy/{bot_id}/status", tag = "deploy",
    params(("bot_id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "The bot"), Asked),
    responses((status = 200, body = StatusView)))]
async fn status(
    State(app): State<App>,
    caller: Caller,
    Path(bot_id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<StatusView>, Failure> {
    let (bot, deployment) = whose::seen(&app, &caller, &bot_id).await?;
    let mut told = view(&app, &bot, &deployment).await?;
    if asked.live && bot.status == BotStatus::Active {
        let whose = format!("look/{}", caller.user.id);
        app.rates().take(&app.store, Allowance::Guarded, &whose).await?;
        let looked = care::look(&app.standing(caller.by()), &bot, &deployment).await;
        told.health = Some(HealthView::of(looked));
    }
    Ok(Json(told))
}

/// Lists everything that npm put on a bot's server, each with the registry's hash
#[utoipa::path(get, path = "/api/deploy/{bot_id}/packages", tag = "deploy",
    params(("bot_id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "The bot")),
    responses((status = 200, body = PackagesView), (status = 404)))]
async fn packages(
    State(app): State<App>,
    caller: Caller,
    Path(bot_id): Path<String>,
) -> Result<Json<PackagesView>, Failure> {
    let (_, deployment) = whose::seen(&app, &caller, &bot_id).await?;
    let packages = app.store.packages(&deployment).await?;
    Ok(Json(PackagesView::of(packages)))
}

async fn view(app: &App, bot: &Bot, deployment: &Deployment) -> Result<StatusView> {
    let steps = app.store.steps(&deployment.id).await?;
    Ok(StatusView {
        bot: BotView::of(bot, deployment),
        jobs: app.store.jobs(&deployment.id).await?.iter().map(JobView::of).collect(),
        steps: steps.into_iter().map(Into::into).collect(),
        failure: app.store.last_failure(&bot.id).await?.map(Into::into),
        health: None,
        last_event: app.store.last_event(&deployment.id).await?,
    })
}

/// How far it is now, for work that goes on.
pub(super) async fn accepted(app: &App, bot: &Bot) -> Result<Accepted, Failure> {
    let bot = app.store.bot_by_id(&bot.id).await?;
    let deployment = app.store.deployment_of(&bot.id).await?;
    let view = view(app, &bot, &deployment).await?;
    Ok((StatusCode::ACCEPTED, Json(view)))
}

/// Stops a bot's agent; its server is kept and still billed
#[utoipa::path(post, path = "/api/deploy/{bot_id}/stop", tag = "deploy",
    params(("bot_id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "The bot")), responses((status = 202, body = StatusView)))]
async fn stop(State(app): State<App>, caller: Caller, Path(bot_id): Path<String>) -> Result<Accepted, Failure> {
    caller.did(&bot_id);
    let (bot, deployment) = whose::changed(&app, &caller, &bot_id).await?;
    if bot.status != BotStatus::Stopped {
        care::stop(&app.standing(caller.by()), &bot, &deployment).await?;
    }
    accepted(&app, &bot).await
}

/// Starts a stopped bot's agent, and proves that it answers
#[utoipa::path(post, path = "/api/deploy/{bot_id}/start", tag = "deploy",
    params(("bot_id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "The bot")), responses((status = 202, body = StatusView)))]
async fn start(State(app): State<App>, caller: Caller, Path(bot_id): Path<String>) -> Result<Accepted, Failure> {
    caller.did(&bot_id);
    let (bot, deployment) = whose::changed(&app, &caller, &bot_id).await?;
    if bot.status != BotStatus::Active {
        begin_start(&app, &caller, &bot, &deployment).await?;
    }
    accepted(&app, &bot).await
}

/// Starts a bot's agent anew, and proves that it answers
#[utoipa::path(post, path = "/api/deploy/{bot_id}/restart", tag = "deploy",
    params(("bot_id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "The bot")), responses((status = 202, body = StatusView)))]
async fn restart(State(app): State<App>, caller: Caller, Path(bot_id): Path<String>) -> Result<Accepted, Failure> {
    caller.did(&bot_id);
    let (bot, deployment) = whose::changed(&app, &caller, &bot_id).await?;
    begin_start(&app, &caller, &bot, &deployment).await?;
    accepted(&app, &bot).await
}

/// Queues the start of a bot's agent, unless it is queued or at work already: a request that is
/// sent again because its answer was lost finds its own work.
async fn begin_start(app: &App, caller: &Caller, bot: &Bot, deployment: &Deployment) -> Result<()> {
    let jobs = app.store.jobs(&deployment.id).await?;
    let has = |kind, statuses: &[JobStatus]| jobs.iter().any(|j| j.kind == kind && statuses.contains(&j.status));
    let under_way = bot.status == BotStatus::Deploying
        && has(JobKind::DeployOpenclaw, &[JobStatus::Done])
        && has(JobKind::StartBot, &[JobStatus::Queued, JobStatus::Running]);
    if under_way {
        return Ok(());
    }
    deploy::begin_start(&app.standing(caller.by()), bot, deployment).await
}
