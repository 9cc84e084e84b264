//! Labels: which are allowed, and which a selector chooses.

use super::reply::Fail;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Labels of a resource.
pub type Labels = BTreeMap<String, String>;

/// Reads and checks the labels of a request's body; `None` if it has none.
pub fn read(body: &Map<String, Value>) -> Result<Option<Labels>, Fail> {
    let Some(map) = super::reply::field(body, "labels", Value::as_object)? else {
        return Ok(None);
    };
    let mut labels = Labels::new();
    for (key, value) in map {
        let value = value
            .as_str()
            .ok_or_else(|| Fail::invalid("labels", format!("the value of {key} is not a text")))?;
        if !is_key(key) {
            return Err(Fail::invalid("labels", format!("the key {key} is not allowed")));
        }
        if !value.is_empty() && !is_segment(value) {
            return Err(Fail::invalid("labels", format!("the value of {key} is not allowed")));
        }
        labels.insert(key.clone(), value.to_owned());
    }
    Ok(Some(labels))
}

/// At most 63 letters, digits, `-`, `_`, `.`, with a letter or digit at both ends.
fn is_segment(text: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 63
        && edge(text.chars().next())
        && edge(text.chars().next_back())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// A segment, with or without `prefix/`; the prefix `hetzner.cloud` belongs to the provider.
fn is_key(key: &str) -> bool {
    match key.split_once('/') {
        None => is_segment(key),
        Some((prefix, name)) => {
            prefix != "hetzner.cloud"
                && !prefix.ends_with(".hetzner.cloud")
                && crate::sandbox::cloud::is_hostname(prefix)
                && is_segment(name)
        }
    }
}

/// A parsed selector: all of its terms must hold.
pub struct Selector(Vec<Term>);

enum Term {
    Has(String),
    HasNot(String),
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
}

impl Selector {
    /// Reads `k=v`, `k==v`, `k!=v`, `k`, `!k`, `k in (a,b)`, `k notin (a,b)`, joined by commas.
    pub fn parse(text: &str) -> Result<Self, Fail> {
        split(text)
            .into_iter()
            .map(|term| Term::parse(term.trim()))
            .collect::<Option<Vec<_>>>()
            .map(Selector)
            .ok_or_else(|| Fail::invalid("label_selector", format!("{text} is not a label selector")))
    }

    /// Whether the labels fit.
    pub fn fits(&self, labels: &Labels) -> bool {
        self.0.iter().all(|term| match term {
            Term::Has(key) => labels.contains_key(key),
            Term::HasNot(key) => !labels.contains_key(key),
            Term::In(key, values) => labels.get(key).is_some_and(|v| values.contains(v)),
            Term::NotIn(key, values) => !labels.get(key).is_some_and(|v| values.contains(v)),
        })
    }
}

/// Splits at the commas outside parentheses.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0i32, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

impl Term {
    fn parse(text: &str) -> Option<Self> {
        let key = |k: &str| {
            let k = k.trim();
            // A selector may name the provider's own labels, which no resource of ours can carry.
            let named = k.split_once('/').map_or(k, |(_, name)| name);
            is_segment(named).then(|| k.to_owned())
        };
        let value = |v: &str| {
            let v = v.trim();
            (v.is_empty() || is_segment(v)).then(|| v.to_owned())
        };
        if let Some(list) = text.strip_suffix(')') {
            let (head, list) = list.split_once('(')?;
            let values = list.split(',').map(value).collect::<Option<Vec<_>>>()?;
            let mut words = head.split_whitespace();
            let (k, how) = (key(words.next()?)?, words.next()?);
            return match (how, words.next()) {
                ("in", None) => Some(Term::In(k, values)),
                ("notin", None) => Some(Term::NotIn(k, values)),
                _ => None,
            };
        }
        if let Some((k, v)) = text.split_once("!=") {
            return Some(Term::NotIn(key(k)?, vec![value(v)?]));
        }
        if let Some((k, v)) = text.split_once("==").or_else(|| text.split_once('=')) {
            return Some(Term::In(key(k)?, vec![value(v)?]));
        }
        match text.strip_prefix('!') {
            Some(k) => Some(Term::HasNot(key(k)?)),
            None => Some(Term::Has(key(text)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn selectors_choose_as_documented() {
        let ours = labels(&[("env", "prod"), ("clawdwako-deployment", "a1")]);
        for (selector, fits) in [
            ("env", true),
            ("!env", false),
            ("env=prod", true),
            ("env==prod", true),
            ("env!=prod", false),
            ("other!=prod", true),
            ("env in (test,prod)", true),
            ("env notin (test, prod)", false),
            ("env=prod,!other,clawdwako-deployment in (a1)", true),
            ("env=prod,other", false),
        ] {
            assert_eq!(Selector::parse(selector).unwrap().fits(&ours), fits, "{selector}");
        }
        for bad in ["", "a b", "k in a,b", "=v", "k=v,,", "k within (a)"] {
            assert!(Selector::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_and_values_have_their_rules() {
        let ok = |labels: Value| read(json!({"labels": labels}).as_object().unwrap()).is_ok();
        assert!(ok(json!({"a": "", "example.com/a_b": "c.d-e", "k": "x".repeat(63)})));
        for bad in [
            json!({"k": "x".repeat(64)}),
            json!({"x".repeat(64): "v"}),
            json!({"": "v"}),
            json!({"hetzner.cloud/k": "v"}),
            json!({"k": "-v"}),
            json!({"k": "a b"}),
            json!({"k": 1}),
            json!(["k"]),
        ] {
            assert!(!ok(bad.clone()), "{bad}");
        }
    }
}
