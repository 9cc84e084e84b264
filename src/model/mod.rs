//! Plain data: the words of the house, and which status may follow which.

mod audience;
mod bot;
mod deployment;
mod event;
mod facts;
mod failure;
mod job;
mod packages;
mod placement;
mod sample;
mod source;
mod step;
mod subscription;
mod summary;
mod user;

pub use audience::Audience;
pub(crate) use bot::chat_link;
pub use bot::{Bot, BotStatus, Former, LOCAL_USER};
pub use deployment::{Deployment, DeploymentStatus, ProviderKind};
pub use event::{Event, EventKind};
pub use facts::{AgentFacts, Facts, SshTarget};
pub use failure::Failure;
pub use job::{Job, JobKind, JobStatus};
pub use packages::{Package, Packages, PackagesSum};
pub use placement::Placement;
pub use sample::{Reading, Sample};
pub use source::{Source, Sourced};
pub use step::{StepRecord, StepStatus};
pub use subscription::{Limits, ModelSpend, Payer, Plan, Plans, Subscription, SubscriptionStatus};
pub use summary::{ServerSummary, Summary};
pub use user::{Role, Scope, Token, TokenKind, User};

/// A moment, in milliseconds since 1970 UTC: what the store keeps.
pub type Millis = i64;

/// The moment that it is now.
pub fn now() -> Millis {
    jiff::Timestamp::now().as_millisecond()
}

/// A new id: time-ordered, 32 hexadecimal digits (UUID version 7 without hyphens).
pub fn new_id() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

/// Whether a text is in the form of an id.
pub fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Implements the words of a status enum: `as_str`, `FromStr`, `Display`, serde, and its part of
/// the API's document.
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// The word for it, in tables, JSON and messages.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::error::Error;
            fn from_str(s: &str) -> $crate::error::Result<Self> {
                match s {
                    $($word => Ok($name::$variant),)+
                    _ => Err($crate::error::usage(format!("{s:?} is not one of {}", [$($word),+].join(", ")))),
                }
            }
        }
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($word),+]))
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> { stringify!($name).into() }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.pad(self.as_str()) }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.serialize_str(self.as_str()) }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use words;
