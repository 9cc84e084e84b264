//! Server types: what each has, what it costs where, and whether it can be ordered there now.

use super::{
    State, listing,
    locations::{self, Location},
    lock,
    pricing::price,
    reply::{Fail, Reply, id, ok},
    types::{REGULAR, SOLD_OUT, ServerType, TYPES},
};
use crate::sandbox::cloud::call::Call;
use axum::extract::Path;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet, VecDeque};

/// What is in stock, and which creates are to be refused.
#[derive(Debug)]
pub struct Stock {
    sold_out: HashSet<(String, String)>,
    refusals: HashMap<String, VecDeque<String>>,
}

impl Default for Stock {
    fn default() -> Self {
        Stock {
            sold_out: SOLD_OUT.map(|(t, l)| (t.to_owned(), l.to_owned())).into(),
            refusals: HashMap::new(),
        }
    }
}

impl State {
    /// Says whether a type can be ordered in a location; `*` names all of them.
    ///
    /// # Errors
    /// `usage` if there is no such type in such a location.
    pub fn set_available(&mut self, server_type: &str, location: &str, available: bool) -> crate::error::Result<()> {
        let mut met = false;
        for t in TYPES.iter().filter(|t| server_type == "*" || t.name == server_type) {
            for (l, _) in t.prices.iter().filter(|(l, _)| location == "*" || *l == location) {
                let place = (t.name.to_owned(), (*l).to_owned());
                met = true;
                if available {
                    self.stock.sold_out.remove(&place);
                } else {
                    self.stock.sold_out.insert(place);
                }
            }
        }
        if met {
            Ok(())
        } else {
            Err(crate::error::usage(format!(
                "there is no type {server_type} in {location}"
            )))
        }
    }

    /// Has the next create of a type (`*`: of any) refused with an error code of the API's, such
    /// as `resource_unavailable` or `placement_error`. Calls add up.
    ///
    /// # Errors
    /// `usage` if the API has no such code.
    pub fn refuse_next(&mut self, server_type: &str, code: &str) -> crate::error::Result<()> {
        if !Fail::knows(code) {
            return Err(crate::error::usage(format!("{code} is no error code of this API")));
        }
        self.stock
            .refusals
            .entry(server_type.to_owned())
            .or_default()
            .push_back(code.to_owned());
        Ok(())
    }

    /// The refusal that waits for a type, if any; takes it away.
    pub(super) fn next_refusal(&mut self, server_type: &str) -> Option<Fail> {
        let waiting = &mut self.stock.refusals;
        let code = [server_type, "*"]
            .into_iter()
            .find_map(|key| waiting.get_mut(key).and_then(VecDeque::pop_front))?;
        Some(match code.as_str() {
            "resource_limit_exceeded" => Fail::limit("server_limit", "server limit exceeded"),
            "resource_unavailable" | "placement_error" => Fail::new(&code, "error during placement"),
            _ => Fail::new(&code, format!("{code} (asked for by the sandbox)")),
        })
    }
}

impl Stock {
    /// Whether a type can be ordered in a location now.
    pub fn has(&self, t: &ServerType, location: &str) -> bool {
        t.offered(location)
            && !t.gone_in.contains(&location)
            && !self.sold_out.contains(&(t.name.to_owned(), location.to_owned()))
    }
}

impl ServerType {
    /// Finds a type by name or id.
    pub fn find(name_or_id: &str) -> Option<&'static ServerType> {
        TYPES
            .iter()
            .find(|t| t.name == name_or_id || t.id.to_string() == name_or_id)
    }

    /// Whether the type exists in a location, in stock or not.
    pub fn offered(&self, location: &str) -> bool {
        self.prices.iter().any(|(l, _)| *l == location)
    }

    /// Whether it cannot be ordered in a location any more.
    pub fn gone(&self, location: &str) -> bool {
        self.gone_in.contains(&location)
    }

    /// Prices by location.
    pub fn prices_view(&self) -> Vec<Value> {
        self.prices
            .iter()
            .map(|(location, cents)| {
                json!({
                    "location": location,
                    "price_monthly": price(*cents as f64 / 100.0),
                    "price_hourly": price((*cents as f64 / 100.0 / 624.0 * 10_000.0).round() / 10_000.0),
                    "included_traffic": included_traffic(location),
                    "price_per_tb_traffic": price(if *location == "sin" { 7.4 } else { 1.0 }),
                })
            })
            .collect()
    }

    /// The API's view of it.
    pub fn view(&self, stock: &Stock) -> Value {
        let gone_everywhere = self.prices.iter().all(|(l, _)| self.gone(l));
        let places: Vec<Value> = self
            .prices
            .iter()
            .filter_map(|(name, _)| locations::by_name(name))
            .map(|location: &Location| {
                let available = stock.has(self, location.name);
                json!({
                    "id": location.id,
                    "name": location.name,
                    "deprecation": deprecation(self.gone(location.name)),
                    "available": available,
                    "recommended": available && self.category != REGULAR,
                })
            })
            .collect();
        json!({
            "id": self.id,
            "name": self.name,
            "description": format!("{} {}", self.name.trim_end_matches(char::is_numeric).to_uppercase(), self.name.trim_start_matches(char::is_alphabetic)),
            "category": self.category,
            "cores": self.cores,
            "memory": self.memory_gb,
            "disk": self.disk_gb,
            "architecture": self.arch,
            "cpu_type": self.cpu,
            "storage_type": "local",
            "deprecated": gone_everywhere,
            "deprecation": deprecation(gone_everywhere),
            "locations": places,
            "prices": self.prices_view(),
        })
    }
}

fn deprecation(gone: bool) -> Value {
    if gone {
        json!({"announced": "2025-10-16T06:00:00Z", "unavailable_after": "2025-12-31T23:59:59Z"})
    } else {
        Value::Null
    }
}

/// Bytes of outgoing traffic that the price holds.
pub fn included_traffic(location: &str) -> i64 {
    const TIB: i64 = 1 << 40;
    match location {
        "ash" | "hil" => TIB,
        "sin" => TIB / 2,
        _ => 20 * TIB,
    }
}

/// `GET /server_types`.
pub async fn all(call: Call) -> Reply {
    let items = {
        let state = lock(&call.world);
        TYPES.iter().map(|t| t.view(&state.stock)).collect()
    };
    listing::list(&call, "server_types", items, &["id", "name"])
}

/// `GET /server_types/{id}`.
pub async fn one(Path(server_type): Path<String>, call: Call) -> Reply {
    let wanted = id("server type", &server_type)?;
    match TYPES.iter().find(|t| t.id == wanted) {
        Some(found) => ok(json!({"server_type": found.view(&lock(&call.world).stock)})),
        None => Err(Fail::not_found("server type", wanted)),
    }
}
