//! Pages of lists.

use crate::api::types::Page;
use crate::error::{Result, usage};
use serde::Deserialize;
use utoipa::IntoParams;

/// The longest page, and the usual one.
const MOST: i64 = 200;
const USUAL: i64 = 50;

/// Which page of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// The `next_cursor` of the page before; the first page, if left out.
    pub cursor: Option<String>,
    /// How many items at most; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

impl Paging {
    /// How many items to show.
    ///
    /// # Errors
    /// `usage` if it is not between 1 and 200.
    pub fn limit(&self) -> Result<i64> {
        match self.limit.unwrap_or(USUAL) {
            limit @ 1..=MOST => Ok(limit),
            other => Err(usage(format!("limit is {other}, and goes from 1 to {MOST}"))),
        }
    }
}

/// Makes a page of one item more than it shows, which tells whether there is another page.
/// `key` names an item for the cursor.
pub fn page<T, V>(mut items: Vec<T>, limit: i64, key: impl Fn(&T) -> String, view: impl Fn(T) -> V) -> Page<V> {
    let shown = usize::try_from(limit).unwrap_or_default();
    let more = items.len() > shown;
    items.truncate(shown);
    let next_cursor = items.last().filter(|_| more).map(key);
    Page {
        items: items.into_iter().map(view).collect(),
        next_cursor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_tells_whether_there_is_another() {
        let full = page(vec![1, 2, 3], 2, ToString::to_string, |n| n);
        assert_eq!((full.items, full.next_cursor.as_deref()), (vec![1, 2], Some("2")));
        let last = page(vec![1, 2], 2, ToString::to_string, |n| n);
        assert_eq!((last.items, last.next_cursor), (vec![1, 2], None));
    }
}
