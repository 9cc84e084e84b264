//! Listings: filters by name and label, sorting, pages.

use super::{
    labels::{Labels, Selector},
    reply::{Fail, Reply, ok},
};
use crate::sandbox::cloud::call::Call;
use axum::http::{HeaderValue, header::LINK};
use serde_json::{Value, json};
use std::cmp::Ordering;

/// Entries of a page if the client does not say.
const PER_PAGE: i64 = 25;
/// Entries of a page at most; a client that asks for more gets so many.
const MOST_PER_PAGE: i64 = 50;

/// Answers a listing under `key`. The filters `name` and `label_selector`, sorting by one of
/// `sortable`, and the pages are done here; whatever else filters is done before.
pub fn list(call: &Call, key: &str, mut items: Vec<Value>, sortable: &[&str]) -> Reply {
    if let Some(name) = call.params.get("name") {
        items.retain(|item| item["name"] == name);
    }
    if let Some(selector) = call.params.get("label_selector") {
        let selector = Selector::parse(selector)?;
        items.retain(|item| {
            let labels: Labels = serde_json::from_value(item["labels"].clone()).unwrap_or_default();
            selector.fits(&labels)
        });
    }
    sort(call, &mut items, sortable)?;
    let number = |name: &str, default: i64| match call.params.number(name) {
        Ok(None) => Ok(default),
        Ok(Some(n)) if n >= 1 => Ok(n),
        _ => Err(Fail::invalid(name, "must be a whole number from 1")),
    };
    let (page, per_page) = (
        number("page", 1)? as usize,
        number("per_page", PER_PAGE)?.min(MOST_PER_PAGE) as usize,
    );
    let total = items.len();
    let last = total.div_ceil(per_page).max(1);
    let next = (page < last).then_some(page + 1);
    let items: Vec<Value> = items
        .into_iter()
        .skip((page - 1).saturating_mul(per_page))
        .take(per_page)
        .collect();
    let mut reply = ok(json!({
        key: items,
        "meta": {"pagination": {
            "page": page,
            "per_page": per_page,
            "previous_page": (page > 1).then(|| page - 1),
            "next_page": next,
            "last_page": last,
            "total_entries": total,
        }},
    }))?;
    if let Some(next) = next
        && let Ok(link) = HeaderValue::from_str(&format!("<{}>; rel=\"next\"", call.page(next)))
    {
        reply.headers_mut().insert(LINK, link);
    }
    Ok(reply)
}

fn sort(call: &Call, items: &mut [Value], sortable: &[&str]) -> Result<(), Fail> {
    let mut orders = Vec::new();
    for text in call.params.all("sort") {
        let (field, direction) = text.split_once(':').unwrap_or((text, "asc"));
        if !sortable.contains(&field) || !["asc", "desc"].contains(&direction) {
            return Err(Fail::invalid("sort", format!("{text} is not a way to sort this")));
        }
        orders.push((field, direction == "desc"));
    }
    items.sort_by(|a, b| {
        orders
            .iter()
            .map(|(field, down)| {
                let order = compare(&a[field], &b[field]);
                if *down { order.reverse() } else { order }
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    Ok(())
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a.as_str().cmp(&b.as_str()),
    }
}
