//! Who a bot answers.

use crate::error::{Error, Result, usage};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{RefOr, schema::SchemaType};
use utoipa::{PartialSchema, ToSchema};

/// The largest Telegram id: no more than 52 bits are promised
/// (<https://core.telegram.org/bots/api#user>).
const MAX_TELEGRAM_ID: i64 = (1 << 52) - 1;
/// The word for everyone, in tables, JSON and messages.
const EVERYONE: &str = "everyone";

/// Who a bot answers. In JSON a number, or `"everyone"`; nothing is never a value of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// The one person with that Telegram id.
    Owner(i64),
    /// Whoever writes to it, at its owner's cost.
    Everyone,
}

impl Audience {
    /// The one person with a Telegram id.
    ///
    /// # Errors
    /// `usage` if no person can have it.
    pub fn owner(id: i64) -> Result<Audience> {
        match (1..=MAX_TELEGRAM_ID).contains(&id) {
            true => Ok(Audience::Owner(id)),
            false => Err(usage(format!("{id} is not a Telegram user ID"))
                .hint("it is a positive number; @userinfobot in Telegram tells you yours")),
        }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Audience::Owner(id) => id.fmt(f),
            Audience::Everyone => f.write_str(EVERYONE),
        }
    }
}

impl FromStr for Audience {
    type Err = Error;

    fn from_str(text: &str) -> Result<Audience> {
        match text.parse() {
            _ if text == EVERYONE => Ok(Audience::Everyone),
            Ok(id) => Audience::owner(id),
            Err(_) => Err(usage(format!("{text:?} is not a Telegram user ID"))
                .hint("give the number that @userinfobot tells you, or everyone")),
        }
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Audience::Owner(id) => s.serialize_i64(*id),
            Audience::Everyone => s.serialize_str(EVERYONE),
        }
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged, expecting = "a Telegram user ID or \"everyone\"")]
        enum Either {
            Id(i64),
            Word(String),
        }
        match Either::deserialize(d)? {
            Either::Id(id) => Audience::owner(id).map_err(D::Error::custom),
            Either::Word(word) if word == EVERYONE => Ok(Audience::Everyone),
            Either::Word(_) => Err(D::Error::custom("expected a Telegram user ID or \"everyone\"")),
        }
    }
}

impl PartialSchema for Audience {
    fn schema() -> RefOr<Schema> {
        let id = ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Integer))
            .minimum(Some(1))
            .maximum(Some(MAX_TELEGRAM_ID))
            .description(Some("The Telegram user ID of the one person that it answers."));
        let everyone = ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .enum_values(Some([EVERYONE]));
        OneOfBuilder::new()
            .item(id)
            .item(everyone)
            .description(Some("Who a bot answers."))
            .into()
    }
}

impl ToSchema for Audience {}

#[cfg(test)]
mod tests {
    use super::Audience::{self, Everyone, Owner};

    #[test]
    fn nothing_is_never_everyone() {
        for (text, audience) in [("42", Owner(42)), ("\"everyone\"", Everyone)] {
            assert_eq!(serde_json::from_str::<Audience>(text).unwrap(), audience);
            assert_eq!(serde_json::to_string(&audience).unwrap(), text);
            assert_eq!(audience.to_string().parse::<Audience>().unwrap(), audience);
        }
        for bad in [
            "null",
            "0",
            "-1",
            "4503599627370496",
            "\"42\"",
            "\"\"",
            "\"Everyone\"",
            "true",
            "[]",
        ] {
            assert!(serde_json::from_str::<Audience>(bad).is_err(), "{bad}");
        }
        for bad in ["", "0", "-5", "x", "EVERYONE"] {
            assert!(bad.parse::<Audience>().is_err(), "{bad}");
        }
    }
}
