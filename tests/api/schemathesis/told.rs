//! What the server told, so that a run which is always refused does not pass for a good one.

use serde_json::Value;
use std::collections::BTreeSet;

/// Demands that each operation succeeded at least once.
pub fn all_succeeded(document: &Value, sent: &Value, but: &str) {
    let mut missing: BTreeSet<(String, &str)> = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().keys();
        missing.extend(
            methods
                .filter(|_| path != but)
                .map(|m| (m.to_uppercase(), path.as_str())),
        );
    }
    for entry in sent["log"]["entries"].as_array().unwrap() {
        let status = entry["response"]["status"].as_u64().unwrap();
        if (200..400).contains(&status) {
            let method = entry["request"]["method"].as_str().unwrap();
            let url: url::Url = entry["request"]["url"].as_str().unwrap().parse().unwrap();
            missing.retain(|(m, path)| m != method || !fits(path, url.path()));
        }
    }
    assert!(missing.is_empty(), "never succeeded: {missing:?}");
}

fn fits(template: &str, path: &str) -> bool {
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(o, t)| *o == t || o.starts_with('{'))
}
