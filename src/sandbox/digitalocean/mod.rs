//! DigitalOcean's API, as of November 2026: `/v2/…` below wherever the router is mounted.
//!
//! [`State`] has the hooks for tests and for `sandbox fault`: [`State::set_available`],
//! [`State::refuse_next`], [`State::set_droplet_limit`], [`State::set_status`],
//! [`State::set_hidden_looks`], [`State::set_pace`], [`State::set_rate_limits`], [`State::deny`].

mod account;
mod actions;
mod catalogue;
mod droplets;
mod firewalls;
mod gate;
mod keys;
mod metrics;
mod reply;
mod tags;

use super::{cloud::call::Call, world::World};
use axum::{
    Router, middleware,
    routing::{get, post},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};

/// The account behind the sandbox's token.
pub struct State {
    last_id: i64,
    last_action: i64,
    droplets: BTreeMap<i64, droplets::Droplet>,
    actions: BTreeMap<i64, actions::Action>,
    keys: BTreeMap<i64, keys::Key>,
    firewalls: BTreeMap<String, firewalls::Firewall>,
    tags: BTreeSet<String>,
    sold_out: HashSet<(String, String)>,
    refusals: Vec<(String, String)>,
    denied: HashSet<String>,
    limits: gate::Limits,
    pace: Duration,
    droplet_limit: usize,
    status: String,
    status_message: String,
    hidden_looks: u32,
}

impl Default for State {
    fn default() -> Self {
        State {
            last_id: 550_842_124,
            last_action: 3_038_067_721,
            droplets: BTreeMap::new(),
            actions: BTreeMap::new(),
            keys: BTreeMap::new(),
            firewalls: BTreeMap::new(),
            tags: BTreeSet::new(),
            sold_out: catalogue::SOLD_OUT.map(|(s, r)| (s.to_owned(), r.to_owned())).into(),
            refusals: Vec::new(),
            denied: HashSet::new(),
            limits: gate::Limits::default(),
            pace: Duration::from_millis(300),
            droplet_limit: 25,
            status: "active".to_owned(),
            status_message: String::new(),
            hidden_looks: 1,
        }
    }
}

impl State {
    /// Sets how long an action takes at least; one that runs takes no longer than that from now on.
    pub fn set_pace(&mut self, pace: Duration) {
        self.pace = pace;
        self.actions.values_mut().for_each(|action| action.hurry(pace));
    }

    /// The id of a new resource.
    fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }
}

/// The account; a panic elsewhere does not end the sandbox.
fn lock(world: &World) -> MutexGuard<'_, State> {
    world.digitalocean.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The routes, from `/v2` on.
pub fn router(world: Arc<World>) -> Router {
    let gate = middleware::from_fn_with_state(Arc::clone(&world), gate::admit);
    Router::new()
        .merge(droplet_routes())
        .merge(resource_routes())
        .route_layer(gate)
        .fallback(gate::unknown)
        .layer(middleware::from_fn(super::cloud::serve::to_the_end))
        .with_state(world)
}

fn droplet_routes() -> Router<Arc<World>> {
    Router::new()
        .route(
            "/v2/droplets",
            get(droplets::all)
                .post(droplets::create::create)
                .delete(droplets::delete_by_tag),
        )
        .route("/v2/droplets/actions", post(droplets::power::act_by_tag))
        .route("/v2/droplets/{id}", get(droplets::one).delete(droplets::delete))
        .route(
            "/v2/droplets/{id}/actions",
            get(actions::of_droplet).post(droplets::power::act),
        )
        .route("/v2/droplets/{id}/actions/{action}", get(actions::one_of_droplet))
        .route("/v2/droplets/{id}/firewalls", get(droplets::firewalls))
        .route("/v2/droplets/{id}/snapshots", get(droplets::snapshots))
        .route("/v2/actions", get(actions::all))
        .route("/v2/actions/{id}", get(actions::one))
}

fn resource_routes() -> Router<Arc<World>> {
    Router::new()
        .route("/v2/account", get(account::account))
        .route("/v2/account/keys", get(keys::all).post(keys::create))
        .route(
            "/v2/account/keys/{key}",
            get(keys::one).put(keys::update).delete(keys::delete),
        )
        .route("/v2/regions", get(catalogue::regions))
        .route("/v2/sizes", get(catalogue::sizes))
        .route("/v2/images", get(catalogue::images))
        .route("/v2/images/{image}", get(catalogue::image))
        .route("/v2/snapshots", get(catalogue::snapshots))
        .route("/v2/tags", get(tags::all).post(tags::create))
        .route("/v2/tags/{name}", get(tags::one).delete(tags::delete))
        .route("/v2/tags/{name}/resources", post(tags::tag).delete(tags::untag))
        .route("/v2/firewalls", get(firewalls::all).post(firewalls::create))
        .route(
            "/v2/firewalls/{id}",
            get(firewalls::one).put(firewalls::update).delete(firewalls::delete),
        )
        .route(
            "/v2/firewalls/{id}/droplets",
            post(firewalls::add_droplets).delete(firewalls::remove_droplets),
        )
        .route(
            "/v2/firewalls/{id}/tags",
            post(firewalls::add_tags).delete(firewalls::remove_tags),
        )
        .route(
            "/v2/reserved_ips",
            get(async |call: Call| reply::list(&call, "reserved_ips", Vec::new())),
        )
        .route("/v2/monitoring/metrics/droplet/{metric}", get(metrics::metrics))
}
