//! Server types: what each has, what it costs where, and whether it can be ordered there now.

use super::{
    State, listing,
    locations::{self, Location},
    lock,
    pricing::price,
    reply::{Fail, Reply, id, ok},
};
use crate::sandbox::cloud::call::Call;
use axum::extract::Path;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet, VecDeque};

/// A type.
#[derive(Debug)]
pub struct ServerType {
    pub id: i64,
    pub name: &'static str,
    pub arch: &'static str,
    category: &'static str,
    cpu: &'static str,
    pub cores: i64,
    pub memory_gb: i64,
    pub disk_gb: i64,
    /// Locations with the net price of a month in cents, without the IPv4 address.
    pub prices: &'static [(&'static str, i64)],
    /// Locations where it cannot be ordered any more.
    gone_in: &'static [&'static str],
}

const COST: &str = "cost_optimized";
const REGULAR: &str = "regular_purpose";
const GENERAL: &str = "general_purpose";
const EU_GONE: &[&str] = &["fsn1", "nbg1", "hel1", "sin"];

/// All types. The prices of cx23, cax11, cpx12 and cpx22 in the EU are those of November 2026;
/// the others are of the same order.
pub static TYPES: [ServerType; 12] = [
    ServerType {
        id: 22,
        name: "cpx11",
        arch: "x86",
        category: REGULAR,
        cpu: "shared",
        cores: 2,
        memory_gb: 2,
        disk_gb: 40,
        prices: &[
            ("fsn1", 449),
            ("nbg1", 449),
            ("hel1", 449),
            ("ash", 899),
            ("hil", 899),
            ("sin", 849),
        ],
        gone_in: EU_GONE,
    },
    ServerType {
        id: 23,
        name: "cpx21",
        arch: "x86",
        category: REGULAR,
        cpu: "shared",
        cores: 3,
        memory_gb: 4,
        disk_gb: 80,
        prices: &[
            ("fsn1", 799),
            ("nbg1", 799),
            ("hel1", 799),
            ("ash", 1599),
            ("hil", 1599),
            ("sin", 1549),
        ],
        gone_in: EU_GONE,
    },
    ServerType {
        id: 45,
        name: "cax11",
        arch: "arm",
        category: COST,
        cpu: "shared",
        cores: 2,
        memory_gb: 4,
        disk_gb: 40,
        prices: &[("fsn1", 599), ("nbg1", 599), ("hel1", 599)],
        gone_in: &[],
    },
    ServerType {
        id: 93,
        name: "cax21",
        arch: "arm",
        category: COST,
        cpu: "shared",
        cores: 4,
        memory_gb: 8,
        disk_gb: 80,
        prices: &[("fsn1", 1049), ("nbg1", 1049), ("hel1", 1049)],
        gone_in: &[],
    },
    ServerType {
        id: 96,
        name: "ccx13",
        arch: "x86",
        category: GENERAL,
        cpu: "dedicated",
        cores: 2,
        memory_gb: 8,
        disk_gb: 80,
        prices: &[
            ("fsn1", 2449),
            ("nbg1", 2449),
            ("hel1", 2449),
            ("ash", 2649),
            ("hil", 2649),
            ("sin", 3249),
        ],
        gone_in: &[],
    },
    ServerType {
        id: 108,
        name: "cpx12",
        arch: "x86",
        category: REGULAR,
        cpu: "shared",
        cores: 1,
        memory_gb: 2,
        disk_gb: 40,
        prices: &[("fsn1", 1149), ("nbg1", 1149), ("hel1", 1149), ("sin", 1349)],
        gone_in: &[],
    },
    ServerType {
        id: 109,
        name: "cpx22",
        arch: "x86",
        category: REGULAR,
        cpu: "shared",
        cores: 2,
        memory_gb: 4,
        disk_gb: 80,
        prices: &[("fsn1", 1949), ("nbg1", 1949), ("hel1", 1949), ("sin", 2249)],
        gone_in: &[],
    },
    ServerType {
        id: 110,
        name: "cpx32",
        arch: "x86",
        category: REGULAR,
        cpu: "shared",
        cores: 4,
        memory_gb: 8,
        disk_gb: 160,
        prices: &[("fsn1", 3449), ("nbg1", 3449), ("hel1", 3449), ("sin", 3949)],
        gone_in: &[],
    },
    ServerType {
        id: 114,
        name: "cx23",
        arch: "x86",
        category: COST,
        cpu: "shared",
        cores: 2,
        memory_gb: 4,
        disk_gb: 40,
        prices: &[("fsn1", 549), ("nbg1", 549), ("hel1", 549)],
        gone_in: &[],
    },
    ServerType {
        id: 115,
        name: "cx33",
        arch: "x86",
        category: COST,
        cpu: "shared",
        cores: 4,
        memory_gb: 8,
        disk_gb: 80,
        prices: &[("fsn1", 899), ("nbg1", 899), ("hel1", 899)],
        gone_in: &[],
    },
    ServerType {
        id: 116,
        name: "cx43",
        arch: "x86",
        category: COST,
        cpu: "shared",
        cores: 8,
        memory_gb: 16,
        disk_gb: 160,
        prices: &[("fsn1", 1599), ("nbg1", 1599), ("hel1", 1599)],
        gone_in: &[],
    },
    ServerType {
        id: 117,
        name: "cx53",
        arch: "x86",
        category: COST,
        cpu: "shared",
        cores: 16,
        memory_gb: 32,
        disk_gb: 320,
        prices: &[("fsn1", 2999), ("nbg1", 2999), ("hel1", 2999)],
        gone_in: &["fsn1", "nbg1", "hel1"],
    },
];

/// What cannot be ordered when the sandbox starts.
const SOLD_OUT: [(&str, &str); 5] = [
    ("cx23", "hel1"),
    ("cax11", "nbg1"),
    ("cx43", "fsn1"),
    ("cx43", "nbg1"),
    ("cx43", "hel1"),
];

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
