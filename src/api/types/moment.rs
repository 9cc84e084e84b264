//! A moment on the wire.

use crate::model::Millis;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, schema::Schema};

/// A moment: milliseconds in the store, RFC 3339 in UTC on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Millis);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        // Out of range is nothing that a clock ever told.
        let at = Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        s.collect_str(&at)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <Cow<'_, str>>::deserialize(d)?;
        let at: Timestamp = text
            .parse()
            .map_err(|_| de::Error::custom("not a time such as 2026-01-31T12:00:00Z"))?;
        Ok(Moment(at.as_millisecond()))
    }
}

impl utoipa::PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl utoipa::ToSchema for Moment {
    fn name() -> Cow<'static, str> {
        "Moment".into()
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn there_and_back() {
        let text = serde_json::to_string(&Moment(1_764_000_000_123)).unwrap();
        assert_eq!(text, "\"2025-11-24T16:00:00.123Z\"");
        assert_eq!(
            serde_json::from_str::<Moment>(&text).unwrap(),
            Moment(1_764_000_000_123)
        );
        assert!(serde_json::from_str::<Moment>("\"yesterday\"").is_err());
    }
}
