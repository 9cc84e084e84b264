//! `GET /servers/{id}/metrics`: the right series, of an idle server.

use crate::sandbox::{
    cloud::call::Call,
    hetzner::{
        lock,
        reply::{Fail, Reply, id, ok},
    },
};
use axum::extract::Path;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

/// Samples at most.
const MOST_SAMPLES: i64 = 500;
/// How long metrics are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// `GET /servers/{id}/metrics?type=cpu,disk,network&start=…&end=…`.
pub async fn metrics(Path(server): Path<String>, call: Call) -> Reply {
    let wanted = id("server", &server)?;
    lock(&call.world).known_server(wanted)?;
    let time = |name: &str| {
        let text = call.params.get(name).unwrap_or_default();
        text.parse::<Timestamp>()
            .map_err(|_| Fail::invalid(name, "must be a time in ISO-8601 format"))
    };
    let (start, end) = (time("start")?, time("end")?);
    if start >= end {
        return Err(Fail::invalid("start", "must be before end"));
    }
    if start < Timestamp::now() - KEPT {
        return Err(Fail::invalid("start", "metrics are kept for 30 days"));
    }
    let seconds = end.as_second() - start.as_second();
    let least = (seconds / MOST_SAMPLES).max(1);
    let step = call
        .params
        .number("step")
        .map_err(|_| Fail::invalid("step", "must be a whole number"))?
        .map_or(least, |step| step.max(least));
    let samples: Vec<Value> = (0..(seconds / step).clamp(1, MOST_SAMPLES))
        .map(|at| json!([start.as_second() + at * step, "0"]))
        .collect();
    let types = call.params.all("type").collect::<Vec<_>>().join(",");
    let mut series = Map::new();
    for kind in types.split(',') {
        let names: &[&str] = match kind {
            "cpu" => &["cpu"],
            "disk" => &[
                "disk.0.iops.read",
                "disk.0.iops.write",
                "disk.0.bandwidth.read",
                "disk.0.bandwidth.write",
            ],
            "network" => &[
                "network.0.pps.in",
                "network.0.pps.out",
                "network.0.bandwidth.in",
                "network.0.bandwidth.out",
            ],
            _ => return Err(Fail::invalid("type", "must be cpu, disk or network")),
        };
        for name in names {
            series.insert((*name).to_owned(), json!({"values": samples}));
        }
    }
    ok(json!({"metrics": {
        "start": start.to_string(),
        "end": end.to_string(),
        "step": step,
        "time_series": series,
    }}))
}
