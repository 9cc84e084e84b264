//! Firewall rules: which are allowed, and how they come back.

use super::reply::{Fail, field};
use serde_json::{Map, Value, json};
use std::net::IpAddr;

/// Rules of one firewall at most.
const MOST: usize = 50;

/// Reads the rules of a request's body, completed as the API shows them.
pub fn read(body: &Map<String, Value>) -> Result<Vec<Value>, Fail> {
    let rules = field(body, "rules", Value::as_array)?.map_or(&[][..], Vec::as_slice);
    if rules.len() > MOST {
        return Err(Fail::invalid("rules", format!("at most {MOST} rules")));
    }
    rules.iter().enumerate().map(|(at, rule)| one(at, rule)).collect()
}

fn one(at: usize, rule: &Value) -> Result<Value, Fail> {
    let wrong = |name: &str, problem: &str| Fail::invalid(&format!("rules.{at}.{name}"), problem);
    let direction = rule["direction"].as_str().unwrap_or_default();
    let protocol = rule["protocol"].as_str().unwrap_or_default();
    if !["in", "out"].contains(&direction) {
        return Err(wrong("direction", "must be in or out"));
    }
    if !["tcp", "udp", "icmp", "esp", "gre"].contains(&protocol) {
        return Err(wrong("protocol", "must be tcp, udp, icmp, esp or gre"));
    }
    let port = rule["port"].as_str();
    match (["tcp", "udp"].contains(&protocol), port) {
        (true, Some(port)) if is_ports(port) => {}
        (true, _) => return Err(wrong("port", "must be a port, a range or any")),
        (false, Some(_)) => return Err(wrong("port", "not allowed with this protocol")),
        (false, None) => {}
    }
    let (needed, other) = match direction {
        "in" => ("source_ips", "destination_ips"),
        _ => ("destination_ips", "source_ips"),
    };
    let networks = rule[needed].as_array().cloned().unwrap_or_default();
    if networks.is_empty() || !networks.iter().all(|n| n.as_str().is_some_and(is_network)) {
        return Err(wrong(needed, "must be networks in CIDR notation"));
    }
    if rule[other].as_array().is_some_and(|n| !n.is_empty()) {
        return Err(wrong(other, "not allowed in this direction"));
    }
    Ok(json!({
        "direction": direction,
        "protocol": protocol,
        "port": port,
        needed: networks,
        other: [],
        "description": rule["description"].as_str(),
    }))
}

/// `22`, `80-85` or `any`.
fn is_ports(text: &str) -> bool {
    let port = |p: &str| p.parse::<u16>().ok().filter(|p| *p > 0);
    match text.split_once('-') {
        None => text == "any" || port(text).is_some(),
        Some((from, to)) => matches!((port(from), port(to)), (Some(from), Some(to)) if from <= to),
    }
}

/// `10.0.0.0/8`, `::/0`.
fn is_network(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else {
        return false;
    };
    let most = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_rules_pass() {
        let ok = |rule: Value| read(json!({"rules": [rule]}).as_object().unwrap()).is_ok();
        let ssh = json!({"direction": "in", "protocol": "tcp", "port": "22", "source_ips": ["0.0.0.0/0", "::/0"]});
        assert!(ok(ssh.clone()));
        assert!(ok(
            json!({"direction": "out", "protocol": "icmp", "destination_ips": ["10.0.0.0/8"]})
        ));
        for (key, value) in [
            ("direction", json!("up")),
            ("protocol", json!("ip")),
            ("port", json!("0")),
            ("port", json!("90-80")),
            ("port", json!(22)),
            ("port", Value::Null),
            ("source_ips", json!([])),
            ("source_ips", json!(["10.0.0.1"])),
            ("source_ips", json!(["10.0.0.0/33"])),
            ("destination_ips", json!(["0.0.0.0/0"])),
        ] {
            let mut bad = ssh.clone();
            bad[key] = value;
            assert!(!ok(bad.clone()), "{bad}");
        }
    }
}
