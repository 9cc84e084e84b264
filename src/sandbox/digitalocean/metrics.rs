//! `/monitoring/metrics/droplet/…`: the right shape, of a droplet that has not reported yet.

use super::{
    lock,
    reply::{Fail, Reply, number, ok},
};
use crate::sandbox::cloud::call::Call;
use axum::extract::Path;
use serde_json::json;

/// `GET /monitoring/metrics/droplet/{metric}?host_id=…&start=…&end=…`, times in Unix seconds.
pub async fn metrics(Path(metric): Path<String>, call: Call) -> Reply {
    const METRICS: [&str; 11] = [
        "bandwidth",
        "cpu",
        "filesystem_free",
        "filesystem_size",
        "load_1",
        "load_5",
        "load_15",
        "memory_cached",
        "memory_free",
        "memory_total",
        "memory_available",
    ];
    if !METRICS.contains(&metric.as_str()) {
        return Err(Fail::not_found());
    }
    let host = number(call.params.get("host_id").unwrap_or_default())?;
    if !lock(&call.world).droplets.contains_key(&host) {
        return Err(Fail::not_found());
    }
    for name in ["start", "end"] {
        if !matches!(call.params.number(name), Ok(Some(_))) {
            return Err(Fail::new(400, "bad_request", format!("{name} must be a Unix time")));
        }
    }
    ok(json!({"status": "success", "data": {"resultType": "matrix", "result": []}}))
}
