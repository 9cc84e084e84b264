//! Stub.
use crate::deploy::Cx;
use crate::error::Result;
use crate::openclaw::scripts::Names;
pub fn names(_cx: &Cx<'_>) -> Option<Names> {
    None
}
pub async fn resolve(_c: &mut Cx<'_>) -> Result<()> {
    Ok(())
}
pub async fn install(_c: &mut Cx<'_>) -> Result<()> {
    Ok(())
}
pub async fn select(_c: &mut Cx<'_>) -> Result<()> {
    Ok(())
}
pub async fn configure(_c: &mut Cx<'_>) -> Result<()> {
    Ok(())
}
pub async fn start(_c: &mut Cx<'_>) -> Result<()> {
    Ok(())
}
