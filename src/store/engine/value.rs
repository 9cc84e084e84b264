//! The values that cross to a database, and the rows that come back.

use crate::error::{Error, Kind, Result, internal};

/// The only values that cross to the database.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// BIGINT.
    Int(i64),
    /// TEXT.
    Text(String),
    /// BYTEA.
    Bytes(Vec<u8>),
}

/// One row of an answer.
#[derive(Debug)]
pub struct Row(pub(super) Vec<Value>);

impl Row {
    fn at(&self, i: usize) -> Result<&Value> {
        self.0
            .get(i)
            .ok_or_else(|| internal("the store answered too few columns"))
    }

    fn wrong<T>(&self, i: usize) -> Result<T> {
        Err(Error::new(
            Kind::Store,
            format!("column {i} of an answer is not of the expected type"),
        ))
    }

    /// A whole number.
    pub fn int(&self, i: usize) -> Result<i64> {
        match self.at(i)? {
            Value::Int(n) => Ok(*n),
            _ => self.wrong(i),
        }
    }

    /// A whole number or NULL.
    pub fn int_or_null(&self, i: usize) -> Result<Option<i64>> {
        match self.at(i)? {
            Value::Null => Ok(None),
            _ => self.int(i).map(Some),
        }
    }

    /// A text.
    pub fn text(&self, i: usize) -> Result<String> {
        self.str(i).map(str::to_owned)
    }

    /// A text, to be read where it is.
    pub fn str(&self, i: usize) -> Result<&str> {
        match self.at(i)? {
            Value::Text(t) => Ok(t),
            _ => self.wrong(i),
        }
    }

    /// A text or NULL.
    pub fn text_or_null(&self, i: usize) -> Result<Option<String>> {
        match self.at(i)? {
            Value::Null => Ok(None),
            _ => self.text(i).map(Some),
        }
    }

    /// Bytes.
    pub fn bytes(&self, i: usize) -> Result<Vec<u8>> {
        match self.at(i)? {
            Value::Bytes(b) => Ok(b.clone()),
            _ => self.wrong(i),
        }
    }

    /// One of our words (a status, a kind). A word that this version does not know is an error.
    pub fn word<T: std::str::FromStr<Err = Error>>(&self, i: usize) -> Result<T> {
        self.str(i)?.parse().map_err(|_: Error| {
            Error::new(Kind::Store, "the store holds a word that this version does not know").hint("update clawdwako")
        })
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Value::Int(n)
    }
}

impl From<&str> for Value {
    fn from(t: &str) -> Self {
        Value::Text(t.into())
    }
}

impl From<String> for Value {
    fn from(t: String) -> Self {
        Value::Text(t)
    }
}

impl From<&String> for Value {
    fn from(t: &String) -> Self {
        Value::Text(t.clone())
    }
}

impl From<Vec<u8>> for Value {
    fn from(b: Vec<u8>) -> Self {
        Value::Bytes(b)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Value::Null, Into::into)
    }
}

/// Parameters of a statement, each turned into a [`Value`].
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::store::Value::from($value)),*] };
}
pub(in crate::store) use params;
