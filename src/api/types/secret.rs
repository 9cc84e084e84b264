//! Kept secrets on the wire: they go in and never come out.

use super::Moment;
use crate::secrets::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A secret to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretValue {
    /// The token or key.
    #[schema(value_type = String, pattern = "^[!-~]{1,4096}$")]
    pub value: Secret,
}

/// That a secret is kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SecretView {
    /// Its name.
    pub name: String,
    /// When it was set.
    pub updated_at: Moment,
}
