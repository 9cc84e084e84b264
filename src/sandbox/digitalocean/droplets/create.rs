//! `POST /droplets`: checks all, answers at once, boots the machines behind it.

use super::Droplet;
use crate::sandbox::{
    cloud::{call::Call, is_hostname, memory_mb},
    digitalocean::{
        State,
        catalogue::{Image, REGIONS, Region, Size},
        lock,
        reply::{Fail, Reply, field, object, texts, with},
        tags::is_tag,
    },
    hosts::HostSpec,
    world::World,
};
use axum::{body::Bytes, http::StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Bytes of user data at most.
const MOST_USER_DATA: usize = 64 << 10;
/// Droplets of one call at most.
const MOST_AT_ONCE: usize = 10;
/// The tag that asks for more or less memory than the sandbox gives, with MiB behind it.
const MEMORY_TAG: &str = "sandbox-memory:";

/// A request that is well-formed and can be met.
struct Order {
    names: Vec<String>,
    size: &'static Size,
    image: &'static Image,
    region: &'static Region,
    keys: Vec<String>,
    tags: Vec<String>,
    user_data: Option<String>,
    ipv6: bool,
    monitoring: bool,
}

impl State {
    /// Has the next create of a size (`*`: of any) refused with 422 and a message, although the
    /// size is listed as available. Calls add up.
    pub fn refuse_next(&mut self, size: &str, message: &str) {
        self.refusals.push((size.to_owned(), message.to_owned()));
    }
}

/// `POST /droplets`, with `name` or `names`.
pub async fn create(call: Call, body: Bytes) -> Reply {
    let body = object(&body)?;
    let several = body.contains_key("names");
    let (mut views, mut links, mut works) = (Vec::new(), Vec::new(), Vec::new());
    {
        let mut state = lock(&call.world);
        let order = Order::read(&body, &mut state)?;
        state.tags.extend(order.tags.iter().cloned());
        for name in &order.names {
            let id = state.next_id();
            let action = state.work("create", id, order.region.slug);
            let droplet = order.droplet(id, name, state.hidden_looks);
            state.droplets.insert(id, droplet.clone());
            views.push(state.droplet_view(&droplet));
            links.push(json!({
                "id": action.id,
                "rel": "create",
                "href": format!("{}/actions/{}", call.here.trim_end_matches("/droplets"), action.id),
            }));
            works.push((id, action.id, order.spec(name)));
        }
    }
    for (droplet, action, spec) in works {
        tokio::spawn(boot(Arc::clone(&call.world), droplet, action, spec));
    }
    let links = json!({"actions": links});
    let body = match views.pop() {
        Some(view) if !several => json!({"droplet": view, "links": links}),
        last => {
            views.extend(last);
            json!({"droplets": views, "links": links})
        }
    };
    with(StatusCode::ACCEPTED, body)
}

async fn boot(world: Arc<World>, droplet: i64, action: i64, spec: HostSpec) {
    let made = world.hosts.create(&spec).await;
    let unwanted = {
        let mut state = lock(&world);
        state.done(action, made.is_ok());
        match (made, state.droplets.get_mut(&droplet)) {
            (Ok(host), Some(droplet)) => {
                droplet.host = Some(host);
                None
            }
            (Ok(host), None) => Some(host),
            (Err(_), _) => None,
        }
    };
    // It was deleted while it was being made.
    if let Some(host) = unwanted {
        let _ = world.hosts.delete(&host.id).await;
    }
}

impl Order {
    fn read(body: &Map<String, Value>, state: &mut State) -> Result<Self, Fail> {
        let text = |name: &str| field(body, name, Value::as_str).map(Option::unwrap_or_default);
        let names = if body.contains_key("names") {
            texts(body, "names")?
        } else {
            vec![text("name")?.to_owned()]
        };
        if names.is_empty() || names.iter().any(String::is_empty) {
            return Err(Fail::unprocessable("Name can't be blank"));
        }
        if names.iter().any(|n| !is_hostname(n)) {
            return Err(Fail::unprocessable(
                "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)",
            ));
        }
        if names.len() > MOST_AT_ONCE {
            return Err(Fail::unprocessable("You can only create up to 10 droplets at once."));
        }
        let invalid =
            |what: &str| Fail::unprocessable(format!("You specified an invalid {what} for Droplet creation."));
        let size = Size::find(text("size")?).ok_or_else(|| invalid("size"))?;
        let image = match body.get("image") {
            Some(Value::String(slug)) => Image::find(slug),
            Some(Value::Number(id)) => Image::find(&id.to_string()),
            _ => None,
        };
        let image = image.ok_or_else(|| invalid("image"))?;
        let region = match text("region")? {
            "" => REGIONS.iter().find(|r| state.has(size, r)),
            slug => Region::find(slug),
        };
        let region = region.ok_or_else(|| invalid("region"))?;
        let user_data = field(body, "user_data", Value::as_str)?.filter(|d| !d.is_empty());
        if user_data.is_some_and(|d| d.len() > MOST_USER_DATA) {
            return Err(Fail::unprocessable("User data is too long (maximum is 64 KiB)"));
        }
        let tags = texts(body, "tags")?;
        if let Some(tag) = tags.iter().find(|t| !is_tag(t)) {
            return Err(Fail::unprocessable(format!("{tag} is not a valid tag name")));
        }
        if !tags.is_empty() {
            super::super::gate::allow(state, "tag:create")?;
        }
        let mut keys = Vec::new();
        for wanted in texts(body, "ssh_keys")? {
            let key = state.key(&wanted).ok_or_else(|| {
                Fail::unprocessable(format!("{wanted} are invalid key identifiers for Droplet creation."))
            })?;
            keys.push(key.public_key.clone());
        }
        let order = Order {
            names,
            size,
            image,
            region,
            keys,
            tags,
            user_data: user_data.map(str::to_owned),
            ipv6: field(body, "ipv6", Value::as_bool)?.unwrap_or(false),
            monitoring: field(body, "monitoring", Value::as_bool)?.unwrap_or(false),
        };
        order.check(state)?;
        Ok(order)
    }

    /// Everything that depends on the account and the stock.
    fn check(&self, state: &mut State) -> Result<(), Fail> {
        if state.status == "locked" {
            return Err(Fail::new(403, "forbidden", "Your account is locked."));
        }
        if state.droplets.len() + self.names.len() > state.droplet_limit {
            return Err(Fail::unprocessable(
                "creating this/these droplet(s) will exceed your droplet limit",
            ));
        }
        let refusal = state
            .refusals
            .iter()
            .position(|(size, _)| size == self.size.slug || size == "*");
        if let Some(at) = refusal {
            return Err(Fail::unprocessable(state.refusals.remove(at).1));
        }
        if !state.has(self.size, self.region) {
            return Err(Fail::unprocessable("Size is not available in this region."));
        }
        Ok(())
    }

    fn droplet(&self, id: i64, name: &str, hidden: u32) -> Droplet {
        Droplet {
            id,
            name: name.to_owned(),
            size: self.size,
            image: self.image,
            region: self.region,
            created: Timestamp::now(),
            tags: self.tags.clone(),
            ipv6: self.ipv6,
            monitoring: self.monitoring,
            host: None,
            on: true,
            seen_running: true,
            hidden,
        }
    }

    fn spec(&self, name: &str) -> HostSpec {
        let asked = self.tags.iter().find_map(|t| t.strip_prefix(MEMORY_TAG));
        HostSpec {
            hostname: name.to_owned(),
            memory_mb: memory_mb(self.size.memory_mb, asked),
            disk_gb: self.size.disk_gb,
            user_data: self.user_data.clone(),
            authorized_keys: self.keys.clone(),
            image: self.image.host_image().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_gets_what_the_order_says() {
        let spec = |extra: Value| {
            let mut order = json!({"name": "n", "size": "s-2vcpu-4gb", "image": "debian-12-x64", "region": "fra1"});
            for (key, value) in extra.as_object().unwrap() {
                order[key] = value.clone();
            }
            let order = Order::read(order.as_object().unwrap(), &mut State::default());
            order.unwrap().spec("n")
        };
        let plain = spec(json!({}));
        assert_eq!((plain.hostname.as_str(), plain.image.as_str()), ("n", "debian-12"));
        assert_eq!((plain.memory_mb, plain.disk_gb), (2048, 80), "4 GB are capped");
        assert_eq!(spec(json!({"size": "s-1vcpu-1gb"})).memory_mb, 1024);
        assert_eq!(spec(json!({"tags": ["sandbox-memory:3000"]})).memory_mb, 3000);
        assert_eq!(spec(json!({"image": 210_000_001})).image, "golden");
        // Here nothing undoes base64: the real service's reader does not either.
        let encoded = spec(json!({"user_data": "I2Nsb3VkLWNvbmZpZw=="}));
        assert_eq!(encoded.user_data.as_deref(), Some("I2Nsb3VkLWNvbmZpZw=="));
    }
}
