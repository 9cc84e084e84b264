//! Query parameters, repeated ones included.

/// The parameters of one call, in order.
#[derive(Debug, Clone, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a query string (without `?`).
    pub fn parse(query: Option<&str>) -> Self {
        Params(
            url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// The first value of a parameter; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, v)| n == name && !v.is_empty())
            .map(|(_, v)| v.as_str())
    }

    /// All values of a parameter.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, v)| n == name && !v.is_empty())
            .map(|(_, v)| v.as_str())
    }

    /// A whole number, or the text that is none.
    pub fn number(&self, name: &str) -> Result<Option<i64>, String> {
        self.get(name).map(|v| v.parse().map_err(|_| v.to_owned())).transpose()
    }

    /// The parameters again, without the named ones, for a link.
    pub fn without(&self, names: &[&str]) -> Vec<(String, String)> {
        self.0
            .iter()
            .filter(|(n, _)| !names.contains(&n.as_str()))
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_empty_and_encoded_parameters() {
        let params = Params::parse(Some("id=1&id=2&name=&label_selector=a%3Db+c&page=x"));
        assert_eq!(params.all("id").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(params.get("name"), None);
        assert_eq!(params.get("label_selector"), Some("a=b c"));
        assert_eq!(params.number("page"), Err("x".to_owned()));
        assert_eq!(params.number("per_page"), Ok(None));
        assert_eq!(params.without(&["id", "page", "name"]).len(), 1);
    }
}
