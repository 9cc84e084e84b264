//! Stub.
use crate::error::Result;
pub const AGENT_VERSION: &str = "2026.9.6";
pub struct ModelRef;
impl std::fmt::Display for ModelRef {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
pub fn parse_model(_m: &str) -> Result<ModelRef> {
    Ok(ModelRef)
}
