//! `POST /servers`: checks all, takes the name, boots the machine, answers with its address.

use super::Server;
use crate::sandbox::{
    cloud::{call::Call, memory_mb, random_hex, user_data},
    hetzner::{
        State,
        images::Image,
        labels::{self, Labels},
        locations::{self, LOCATIONS, Location},
        lock,
        reply::{Fail, Reply, created, field, object},
        types::ServerType,
    },
    hosts::HostSpec,
};
use axum::body::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Bytes of user data at most.
const MOST_USER_DATA: usize = 32 << 10;
/// Firewalls of one server at most.
const MOST_FIREWALLS: usize = 5;
/// The label that asks for more or less memory than the sandbox gives, in MiB.
const MEMORY_LABEL: &str = "sandbox-memory";

/// A request that is well-formed, before the project is looked at.
struct Order {
    name: String,
    kind: &'static ServerType,
    image: &'static Image,
    location: &'static Location,
    labels: Labels,
    ssh_keys: Vec<String>,
    firewalls: Vec<i64>,
    user_data: Option<String>,
    on: bool,
    ipv4: bool,
    ipv6: bool,
}

/// `POST /servers`.
pub async fn create(call: Call, body: Bytes) -> Reply {
    let order = Order::read(&object(&body)?, &lock(&call.world))?;
    let (server, spec, creating, mut starting, password) = {
        let mut state = lock(&call.world);
        let keys = order.check(&mut state)?;
        let password = keys.is_empty().then(|| random_hex(20));
        let spec = order.spec(keys);
        let server = state.next_id();
        let creating = state.work("create_server", &[(server, "server"), (order.image.id, "image")]);
        let starting = order.on.then(|| state.work("start_server", &[(server, "server")]));
        state.servers.insert(server, order.server(server));
        (server, spec, creating, starting, password)
    };
    let made = match call.world.hosts.create(&spec).await {
        Ok(host) if !order.on => call.world.hosts.power(&host.id, false).await.map(|()| host),
        made => made,
    };
    let mut state = lock(&call.world);
    let host = match made {
        Ok(host) => host,
        Err(e) => {
            state.servers.remove(&server);
            let why = e.message();
            for action in [Some(creating.id), starting.map(|a| a.id)].into_iter().flatten() {
                state.done(action, Err(why.clone()));
            }
            return Err(Fail::new(
                "service_error",
                format!("the machine could not be made: {why}"),
            ));
        }
    };
    if let Some(server) = state.servers.get_mut(&server) {
        server.host = Some(host.id);
    }
    if order.ipv4 {
        state.new_address("ipv4", host.ipv4, server, order.location);
    }
    if order.ipv6 {
        let network = format!("2001:db8:{:x}:{:x}::/64", (server >> 16) & 0xffff, server & 0xffff);
        state.new_address("ipv6", network, server, order.location);
    }
    state.done(creating.id, Ok(()));
    if let Some(starting) = &mut starting {
        state.parent(starting, creating.id);
        state.done(starting.id, Ok(()));
    }
    let view = state.server_view(state.known_server(server)?);
    let next: Vec<Value> = starting.iter().map(|a| a.view()).collect();
    created(json!({
        "server": view,
        "action": creating.view(),
        "next_actions": next,
        "root_password": password,
    }))
}

impl Order {
    fn read(body: &Map<String, Value>, state: &State) -> Result<Self, Fail> {
        let text = |name: &str| -> Result<String, Fail> {
            field(body, name, name_or_id)?.ok_or_else(|| Fail::invalid(name, "Missing data for required field."))
        };
        let (name, kind, image) = (text("name")?, text("server_type")?, text("image")?);
        let kind = ServerType::find(&kind).ok_or_else(|| Fail::invalid("server_type", "server type not found"))?;
        let image = Image::find(&image, kind.arch).ok_or_else(|| Fail::invalid("image", "image not found"))?;
        if image.arch != kind.arch {
            return Err(Fail::invalid(
                "image",
                format!(
                    "image architecture {} does not fit server type {}",
                    image.arch, kind.name
                ),
            ));
        }
        if body.contains_key("datacenter") {
            return Err(Fail::invalid("datacenter", "was removed: use location"));
        }
        let location = match field(body, "location", name_or_id)? {
            Some(wanted) => LOCATIONS
                .iter()
                .find(|l| l.name == wanted || l.id.to_string() == wanted)
                .ok_or_else(|| Fail::invalid("location", "location not found"))?,
            None => kind
                .prices
                .iter()
                .find(|(l, _)| state.stock.has(kind, l))
                .or(kind.prices.first())
                .and_then(|(l, _)| locations::by_name(l))
                .ok_or_else(|| Fail::new("placement_error", "error during placement"))?,
        };
        let user_data = field(body, "user_data", Value::as_str)?.filter(|d| !d.is_empty());
        if user_data.is_some_and(|d| d.len() > MOST_USER_DATA) {
            return Err(Fail::invalid("user_data", "Longer than maximum length 32768."));
        }
        for name in ["networks", "volumes"] {
            if field(body, name, Value::as_array)?.is_some_and(|list| !list.is_empty()) {
                return Err(Fail::invalid(name, "not found"));
            }
        }
        let net = field(body, "public_net", Value::as_object)?
            .cloned()
            .unwrap_or_default();
        for kind in ["ipv4", "ipv6"] {
            if field(&net, kind, Value::as_i64)?.is_some() {
                return Err(Fail::new(
                    "unsupported_error",
                    "the sandbox gives each server an address of its own",
                ));
            }
        }
        let mut firewalls = Vec::new();
        for entry in field(body, "firewalls", Value::as_array)?.into_iter().flatten() {
            let firewall = entry["firewall"]
                .as_i64()
                .ok_or_else(|| Fail::invalid("firewalls", "an entry needs a firewall's id"))?;
            firewalls.push(firewall);
        }
        let mut ssh_keys = Vec::new();
        for key in field(body, "ssh_keys", Value::as_array)?.into_iter().flatten() {
            ssh_keys.push(name_or_id(key).ok_or_else(|| Fail::invalid("ssh_keys", "must be names or ids"))?);
        }
        Ok(Order {
            name,
            kind,
            image,
            location,
            labels: labels::read(body)?.unwrap_or_default(),
            ssh_keys,
            firewalls,
            user_data: user_data.map(str::to_owned),
            on: field(body, "start_after_create", Value::as_bool)?.unwrap_or(true),
            ipv4: field(&net, "enable_ipv4", Value::as_bool)?.unwrap_or(true),
            ipv6: field(&net, "enable_ipv6", Value::as_bool)?.unwrap_or(true),
        })
    }

    /// Everything that depends on the project; answers the public keys.
    fn check(&self, state: &mut State) -> Result<Vec<String>, Fail> {
        state.free_name(&self.name, None)?;
        let mut keys = Vec::new();
        for wanted in &self.ssh_keys {
            let key = state
                .ssh_key(wanted)
                .ok_or_else(|| Fail::invalid("ssh_keys", format!("SSH key {wanted} not found")))?;
            keys.push(key.public_key.clone());
        }
        if let Some(missing) = self.firewalls.iter().find(|f| !state.firewalls.contains_key(f)) {
            return Err(Fail::invalid("firewalls", format!("firewall {missing} not found")));
        }
        if self.firewalls.len() > MOST_FIREWALLS {
            return Err(Fail::invalid(
                "firewalls",
                format!("at most {MOST_FIREWALLS} firewalls"),
            ));
        }
        if state.servers.len() >= state.server_limit {
            return Err(Fail::limit("server_limit", "server limit exceeded"));
        }
        let addresses = state.primary_ips.values().filter(|ip| ip.kind == "ipv4").count();
        if self.ipv4 && addresses >= state.address_limit {
            return Err(Fail::limit("primary_ip_limit", "Primary IP limit exceeded"));
        }
        if !self.kind.offered(self.location.name) {
            return Err(Fail::new("invalid_input", "unsupported location for server type"));
        }
        if self.kind.gone(self.location.name) {
            return Err(Fail::new(
                "invalid_input",
                format!(
                    "server type {} is deprecated and can no longer be ordered here",
                    self.kind.name
                ),
            ));
        }
        if let Some(refusal) = state.next_refusal(self.kind.name) {
            return Err(refusal);
        }
        if !state.stock.has(self.kind, self.location.name) {
            return Err(Fail::new("resource_unavailable", "error during placement"));
        }
        Ok(keys)
    }

    fn spec(&self, keys: Vec<String>) -> HostSpec {
        let asked = self.labels.get(MEMORY_LABEL).map(String::as_str);
        HostSpec {
            hostname: self.name.clone(),
            memory_mb: memory_mb(self.kind.memory_gb * 1024, asked),
            disk_gb: self.kind.disk_gb,
            user_data: self.user_data.as_deref().map(user_data::unpack),
            authorized_keys: keys,
            image: self.image.host_image().to_owned(),
        }
    }

    fn server(&self, id: i64) -> Server {
        Server {
            id,
            name: self.name.clone(),
            labels: self.labels.clone(),
            kind: self.kind,
            location: self.location,
            image: self.image,
            created: Timestamp::now(),
            firewalls: self.firewalls.clone(),
            host: None,
            on: self.on,
            seen_running: true,
            protected: false,
        }
    }
}

/// A name, or an id as number or text.
fn name_or_id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_gets_what_the_order_says() {
        let spec = |extra: Value| {
            let mut order = json!({"name": "n", "server_type": "cx43", "image": "debian-12", "location": "fsn1"});
            for (key, value) in extra.as_object().unwrap() {
                order[key] = value.clone();
            }
            let order = Order::read(order.as_object().unwrap(), &State::default());
            order.unwrap().spec(vec!["ssh-ed25519 K".to_owned()])
        };
        let plain = spec(json!({}));
        assert_eq!((plain.hostname.as_str(), plain.image.as_str()), ("n", "debian-12"));
        assert_eq!((plain.memory_mb, plain.disk_gb), (2048, 160), "16 GB are capped");
        assert_eq!(
            (plain.user_data, plain.authorized_keys),
            (None, vec!["ssh-ed25519 K".to_owned()])
        );
        assert_eq!(spec(json!({"labels": {"sandbox-memory": "3000"}})).memory_mb, 3000);
        // `#cloud-config` in base64.
        let packed = spec(json!({"user_data": "I2Nsb3VkLWNvbmZpZw=="}));
        assert_eq!(packed.user_data.as_deref(), Some("#cloud-config"));
        assert_eq!(spec(json!({"image": "310000001"})).image, "golden");
    }

    #[test]
    fn without_a_location_one_in_stock_is_taken() {
        let mut state = State::default();
        state.set_available("cax11", "fsn1", false).unwrap();
        let order = json!({"name": "n", "server_type": "cax11", "image": "debian-12"});
        let order = Order::read(order.as_object().unwrap(), &state);
        assert_eq!(order.unwrap().location.name, "hel1", "nbg1 is sold out from the start");
    }
}
