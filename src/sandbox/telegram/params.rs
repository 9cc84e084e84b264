//! Parameters of a method, from the query, JSON, a form or multipart: Telegram takes them all.

use super::answer::{Refusal, bad, refusal};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

/// The largest request that Telegram takes, in bytes.
const LARGEST: usize = 50 << 20;

/// What a method was called with.
#[derive(Debug, Default)]
pub struct Params(Map<String, Value>);

impl Params {
    /// Reads the query and the body; the body wins.
    ///
    /// # Errors
    /// 400 for JSON that is none, 413 for a body over 50 MB.
    pub async fn read(request: Request) -> Result<Self, Refusal> {
        let mut map = Map::new();
        if let Some(query) = request.uri().query() {
            form(query.as_bytes(), &mut map);
        }
        let kind = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_ascii_lowercase();
        if kind.starts_with("multipart/form-data") {
            multipart(request, &mut map).await?;
            return Ok(Params(map));
        }
        let body = axum::body::to_bytes(request.into_body(), LARGEST)
            .await
            .map_err(|_| refusal(413, "Request Entity Too Large"))?;
        if kind.starts_with("application/json") && !body.is_empty() {
            match serde_json::from_slice(&body) {
                Ok(Value::Object(object)) => map.extend(object),
                _ => return Err(bad("can't parse JSON object")),
            }
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            form(&body, &mut map);
        }
        Ok(Params(map))
    }

    /// A text; numbers count as text.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(s) => Some(s.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    /// A whole number, also when it came as text.
    pub fn number(&self, name: &str) -> Option<i64> {
        match self.0.get(name)? {
            Value::Number(n) => n.as_i64(),
            Value::String(s) => s.trim().parse().ok(),
            _ => None,
        }
    }

    /// A flag; Telegram takes `true`, `yes`, `1` as text too.
    pub fn flag(&self, name: &str) -> bool {
        match self.0.get(name) {
            Some(Value::Bool(b)) => *b,
            Some(Value::Number(n)) => n.as_i64() == Some(1),
            Some(Value::String(s)) => matches!(s.to_ascii_lowercase().as_str(), "true" | "yes" | "1"),
            _ => false,
        }
    }

    /// A list or object, also when it came as JSON in a text.
    pub fn json(&self, name: &str) -> Option<Value> {
        match self.0.get(name)? {
            Value::String(s) => serde_json::from_str(s).ok(),
            Value::Null => None,
            other => Some(other.clone()),
        }
    }
}

fn form(bytes: &[u8], map: &mut Map<String, Value>) {
    for (key, value) in url::form_urlencoded::parse(bytes) {
        map.insert(key.into_owned(), Value::String(value.into_owned()));
    }
}

async fn multipart(request: Request, map: &mut Map<String, Value>) -> Result<(), Refusal> {
    let broken = |_| bad("can't parse multipart form data");
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|_| bad("can't parse multipart form data"))?;
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let Some(name) = part.name().map(str::to_owned) else {
            continue;
        };
        let bytes = part.bytes().await.map_err(broken)?;
        map.insert(name, Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(uri: &str, kind: &str, body: &str) -> Result<Params, Refusal> {
        let request = Request::post(uri)
            .header(CONTENT_TYPE, kind)
            .body(body.to_owned().into())
            .unwrap();
        Params::read(request).await
    }

    #[tokio::test]
    async fn all_four_ways_say_the_same() {
        let multipart = "--x\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n7\r\n\
                         --x\r\nContent-Disposition: form-data; name=\"l\"\r\n\r\n[1]\r\n--x--\r\n";
        for (uri, kind, body) in [
            ("/?n=7&l=[1]", "", ""),
            ("/?n=1", "application/json", r#"{"n":7,"l":[1]}"#),
            ("/", "application/x-www-form-urlencoded", "n=7&l=%5B1%5D"),
            ("/", "multipart/form-data; boundary=x", multipart),
        ] {
            let params = read(uri, kind, body).await.unwrap();
            assert_eq!(params.number("n"), Some(7), "{kind}");
            assert_eq!(params.json("l"), Some(serde_json::json!([1])), "{kind}");
            assert!(params.text("other").is_none() && !params.flag("n"));
        }
        assert!(read("/", "application/json", "{").await.is_err());
    }
}
