//! Pages of lists.

use crate::api::types::Page;
use crate::error::{Result, usage};
use crate::model::is_id;
use serde::Deserialize;
use utoipa::IntoParams;

/// How many items a page shows unless asked.
const PAGE: i64 = 50;
/// How many it shows at most.
const MAX_PAGE: i64 = 200;

/// Which page of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// Where the last page ended.
    #[param(pattern = "^[0-9a-f]{32}$")]
    pub cursor: Option<String>,
    /// How many, at most 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// How many items a page has.
///
/// # Errors
/// `usage` if that many are not shown.
pub fn page_size(asked: Option<i64>) -> Result<i64> {
    match asked {
        None => Ok(PAGE),
        Some(n) if (1..=MAX_PAGE).contains(&n) => Ok(n),
        Some(n) => Err(usage(format!("limit is {n}")).hint(format!("give a number from 1 to {MAX_PAGE}"))),
    }
}

/// Where a page begins: after the thing of that id.
///
/// # Errors
/// `usage` if no page ever told that.
pub fn after(cursor: Option<&str>) -> Result<Option<&str>> {
    match cursor {
        Some(text) if !is_id(text) => Err(usage("invalid cursor").hint("give the next_cursor of the previous page")),
        other => Ok(other),
    }
}

/// A page of items, of which one more was looked for than is shown.
pub fn page<T>(mut items: Vec<T>, limit: i64, id: impl Fn(&T) -> String) -> Page<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    Page {
        next_cursor: items.last().filter(|_| more).map(id),
        items,
    }
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn a_page_tells_whether_there_is_another() {
        let full = page(vec![1, 2, 3], 2, ToString::to_string);
        assert_eq!((full.items, full.next_cursor.as_deref()), (vec![1, 2], Some("2")));
        let last = page(vec![1, 2], 2, ToString::to_string);
        assert_eq!((last.items, last.next_cursor), (vec![1, 2], None));
    }
}
