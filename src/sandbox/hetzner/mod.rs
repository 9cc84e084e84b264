//! Hetzner Cloud's API, as of November 2026: `/v1/…` below wherever the router is mounted.
//!
//! What takes time is an action; what the real API refuses is refused here with the same status
//! and code. [`State`] has the hooks for tests and for `sandbox fault`: [`State::set_available`],
//! [`State::refuse_next`], [`State::set_limits`], [`State::keep_addresses`], [`State::set_pace`],
//! [`State::set_rate_limit`].

mod actions;
mod firewalls;
mod gate;
mod images;
mod labels;
mod listing;
mod locations;
mod pricing;
mod primary_ips;
mod reply;
mod rules;
mod server_types;
mod servers;
mod ssh_keys;
mod types;

use super::{cloud::bucket::Bucket, cloud::call::Call, world::World};
use axum::{
    Router, middleware,
    routing::{get, post, put},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};

/// The project behind the sandbox's token.
pub struct State {
    last_id: i64,
    last_action: i64,
    servers: BTreeMap<i64, servers::Server>,
    actions: BTreeMap<i64, actions::Action>,
    ssh_keys: BTreeMap<i64, ssh_keys::SshKey>,
    firewalls: BTreeMap<i64, firewalls::Firewall>,
    primary_ips: BTreeMap<i64, primary_ips::PrimaryIp>,
    stock: server_types::Stock,
    bucket: Bucket,
    pace: Duration,
    server_limit: usize,
    address_limit: usize,
    keep_addresses: bool,
}

impl Default for State {
    fn default() -> Self {
        State {
            last_id: 120_704_775,
            // Beyond 32 bits, as the real ones are.
            last_action: 610_873_205_655_088,
            servers: BTreeMap::new(),
            actions: BTreeMap::new(),
            ssh_keys: BTreeMap::new(),
            firewalls: BTreeMap::new(),
            primary_ips: BTreeMap::new(),
            stock: server_types::Stock::default(),
            bucket: Bucket::new(3600, Duration::from_secs(3600)),
            pace: Duration::from_millis(300),
            server_limit: 50,
            address_limit: 50,
            keep_addresses: false,
        }
    }
}

impl State {
    /// Sets how many servers and public IPv4 addresses the project may have.
    pub fn set_limits(&mut self, servers: usize, addresses: usize) {
        (self.server_limit, self.address_limit) = (servers, addresses);
    }

    /// Has the addresses of servers made from now on outlive them.
    pub fn keep_addresses(&mut self, keep: bool) {
        self.keep_addresses = keep;
    }

    /// Sets how long an action takes at least; one that runs takes no longer than that from now on.
    pub fn set_pace(&mut self, pace: Duration) {
        self.pace = pace;
        self.actions.values_mut().for_each(|action| action.hurry(pace));
    }

    /// Sets the rate limit: so many calls an hour, refilled steadily.
    pub fn set_rate_limit(&mut self, calls: u32) {
        self.bucket = Bucket::new(calls, Duration::from_secs(3600));
    }

    /// The id of a new resource.
    fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }
}

/// The project; a panic elsewhere does not end the sandbox.
fn lock(world: &World) -> MutexGuard<'_, State> {
    world.hetzner.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The routes, from `/v1` on.
pub fn router(world: Arc<World>) -> Router {
    let gate = middleware::from_fn_with_state(Arc::clone(&world), gate::admit);
    Router::new()
        .merge(server_routes())
        .merge(resource_routes())
        .merge(empty_routes())
        // A known path only: what is unknown is 404 before the token is looked at.
        .route_layer(gate)
        .fallback(gate::unknown)
        .method_not_allowed_fallback(gate::wrong_method)
        .layer(middleware::from_fn(super::cloud::serve::to_the_end))
        .layer(middleware::from_fn(gate::correlate))
        .with_state(world)
}

fn server_routes() -> Router<Arc<World>> {
    Router::new()
        .route("/v1/servers", get(servers::all).post(servers::create::create))
        .route(
            "/v1/servers/actions",
            get(async |call: Call| actions::of(&call, "server", None)),
        )
        .route(
            "/v1/servers/{id}",
            get(servers::one).put(servers::update).delete(servers::delete),
        )
        .route("/v1/servers/{id}/metrics", get(servers::metrics::metrics))
        .route("/v1/servers/{id}/actions", get(servers::actions))
        .route(
            "/v1/servers/{id}/actions/{action}",
            get(gate::one_action_of_server).post(servers::power::act),
        )
        .route("/v1/actions", get(actions::several))
        .route("/v1/actions/{id}", get(actions::one))
}

fn resource_routes() -> Router<Arc<World>> {
    Router::new()
        .route("/v1/server_types", get(server_types::all))
        .route("/v1/server_types/{id}", get(server_types::one))
        .route("/v1/locations", get(locations::all))
        .route("/v1/locations/{id}", get(locations::one))
        .route("/v1/datacenters", get(locations::datacenters))
        .route("/v1/datacenters/{id}", get(locations::datacenters))
        .route("/v1/pricing", get(pricing::pricing))
        .route("/v1/images", get(images::all))
        .route("/v1/images/{id}", get(images::one).delete(images::delete))
        .route("/v1/images/{id}/actions", get(images::actions))
        .route("/v1/ssh_keys", get(ssh_keys::all).post(ssh_keys::create))
        .route(
            "/v1/ssh_keys/{id}",
            get(ssh_keys::one).put(ssh_keys::update).delete(ssh_keys::delete),
        )
        .route("/v1/firewalls", get(firewalls::all).post(firewalls::create))
        .route(
            "/v1/firewalls/actions",
            get(async |call: Call| actions::of(&call, "firewall", None)),
        )
        .route(
            "/v1/firewalls/{id}",
            get(firewalls::one).put(firewalls::update).delete(firewalls::delete),
        )
        .route("/v1/firewalls/{id}/actions", get(firewalls::actions))
        .route("/v1/firewalls/{id}/actions/set_rules", post(firewalls::set_rules))
        .route("/v1/firewalls/{id}/actions/apply_to_resources", post(firewalls::apply))
        .route(
            "/v1/firewalls/{id}/actions/remove_from_resources",
            post(firewalls::remove),
        )
        .route("/v1/primary_ips", get(primary_ips::all).post(primary_ips::create))
        .route(
            "/v1/primary_ips/{id}",
            put(primary_ips::update)
                .get(primary_ips::one)
                .delete(primary_ips::delete),
        )
        .route("/v1/primary_ips/{id}/actions", get(primary_ips::actions))
        .route("/v1/primary_ips/{id}/actions/unassign", post(primary_ips::unassign))
}

/// What the sandbox has none of, but clients list.
fn empty_routes() -> Router<Arc<World>> {
    let mut router = Router::new();
    for key in [
        "isos",
        "networks",
        "volumes",
        "floating_ips",
        "load_balancers",
        "load_balancer_types",
        "placement_groups",
        "certificates",
    ] {
        let list = move |call: Call| async move { listing::list(&call, key, Vec::new(), &["id", "name", "created"]) };
        router = router.route(&format!("/v1/{key}"), get(list));
    }
    router
}
