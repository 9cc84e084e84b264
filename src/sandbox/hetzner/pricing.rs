//! Prices: net and gross as texts, in euros.

use super::{
    locations::LOCATIONS,
    reply::{Reply, ok},
    types::TYPES,
};
use serde_json::{Value, json};

/// Value-added tax in percent.
const VAT: f64 = 19.0;
/// Net price of a public IPv4 address a month.
pub const IPV4_MONTH: f64 = 0.5;

/// A price as the API writes it: ten decimals net, sixteen gross.
pub fn price(net: f64) -> Value {
    json!({"net": format!("{net:.10}"), "gross": format!("{:.16}", net * (1.0 + VAT / 100.0))})
}

/// `GET /pricing`.
pub async fn pricing() -> Reply {
    let everywhere = |one: &dyn Fn(&str) -> Value| LOCATIONS.iter().map(|l| one(l.name)).collect::<Vec<_>>();
    let addresses = |kind: &str, month: f64, hour: f64| {
        json!({
            "type": kind,
            "prices": everywhere(&|location| json!({
                "location": location,
                "price_monthly": price(month),
                "price_hourly": price(hour),
            })),
        })
    };
    let floating = |kind: &str, month: f64| {
        json!({
            "type": kind,
            "prices": everywhere(&|location| json!({"location": location, "price_monthly": price(month)})),
        })
    };
    let types: Vec<Value> = TYPES
        .iter()
        .map(|t| json!({"id": t.id, "name": t.name, "prices": t.prices_view()}))
        .collect();
    ok(json!({"pricing": {
        "currency": "EUR",
        "vat_rate": format!("{VAT:.6}"),
        "image": {"price_per_gb_month": price(0.0143)},
        "volume": {"price_per_gb_month": price(0.0572)},
        "server_backup": {"percentage": "20.0000000000"},
        "floating_ip": {"price_monthly": price(3.9)},
        "floating_ips": [floating("ipv4", 3.9), floating("ipv6", 1.3)],
        "primary_ips": [addresses("ipv4", IPV4_MONTH, 0.0008), addresses("ipv6", 0.0, 0.0)],
        "server_types": types,
        "load_balancer_types": [],
    }}))
}
