//! Stub.
use crate::deploy::Cx;
use crate::error::Result;
pub async fn ready(_c: &mut Cx<'_>) -> Result<()> {
    Ok(())
}
pub async fn answer(_c: &mut Cx<'_>) -> Result<()> {
    Ok(())
}
