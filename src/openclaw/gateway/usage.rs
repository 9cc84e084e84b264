//! What the agent has used.

use super::{Gateway, Refusal};
use crate::model::Reading;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

/// How long one answer may take: the first after a start takes seconds.
const LIMIT: Duration = Duration::from_secs(20);
/// How long an agent that still counts is asked again …
const COUNTING: Duration = Duration::from_secs(10);
/// … and how soon.
const PAUSE: Duration = Duration::from_millis(500);
/// The largest number of which every whole one below is exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Asks what was used since the beginning; none while the agent has not counted to the end.
///
/// # Errors
/// As [`Gateway::call`].
pub async fn of<S: AsyncRead + AsyncWrite + Unpin>(gateway: &mut Gateway<S>) -> Result<Option<Usage>, Refusal> {
    let end = Instant::now() + COUNTING;
    let params = json!({"range": "all", "agentScope": "all", "limit": 1});
    loop {
        let usage: Usage = gateway.call("sessions.usage", &params, LIMIT).await?;
        if usage.is_whole() {
            return Ok(Some(usage));
        }
        if Instant::now() + PAUSE >= end {
            return Ok(None);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The answer of `sessions.usage`, also by the agent's command line.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Usage {
    totals: Totals,
    aggregates: Aggregates,
    cache_status: Option<CacheStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Totals {
    total_tokens: Option<f64>,
    total_cost: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Aggregates {
    messages: Messages,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Messages {
    total: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CacheStatus {
    status: Option<String>,
}

impl Usage {
    /// Whether the agent has counted to the end: until then its numbers may be 0.
    pub fn is_whole(&self) -> bool {
        let status = self.cache_status.as_ref().and_then(|c| c.status.as_deref());
        status != Some("refreshing")
    }

    /// Writes the numbers down, as far as they are ones.
    pub fn note(&self, reading: &mut Reading) {
        reading.messages = whole(self.aggregates.messages.total);
        reading.tokens = whole(self.totals.total_tokens);
        reading.cost_usd = self.totals.total_cost.filter(|c| c.is_finite() && *c >= 0.0);
    }
}

fn whole(number: Option<f64>) -> Option<i64> {
    number.filter(|n| (0.0..EXACT).contains(n)).map(|n| n as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Reading {
        let mut reading = Reading::default();
        serde_json::from_str::<Usage>(text).unwrap().note(&mut reading);
        reading
    }

    #[test]
    fn only_numbers_that_can_be_are_taken() {
        let reading =
            read(r#"{"totals":{"totalTokens":53,"totalCost":0.000705},"aggregates":{"messages":{"total":2}}}"#);
        assert_eq!(
            (reading.messages, reading.tokens, reading.cost_usd),
            (Some(2), Some(53), Some(0.000705))
        );
        for odd in [
            "{}",
            r#"{"totals":{"totalTokens":-1,"totalCost":-0.5}}"#,
            r#"{"totals":{"totalTokens":1e300,"totalCost":null}}"#,
        ] {
            assert_eq!(read(odd), Reading::default(), "{odd}");
        }
    }

    #[test]
    fn one_that_still_counts_is_not_whole() {
        let whole = |text: &str| serde_json::from_str::<Usage>(text).unwrap().is_whole();
        assert!(!whole(r#"{"cacheStatus":{"status":"refreshing"}}"#));
        assert!(whole(r#"{"cacheStatus":{"status":"fresh"}}"#) && whole("{}"));
    }
}
