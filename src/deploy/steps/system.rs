//! Stub.
use crate::deploy::Cx;
use crate::error::Result;
pub async fn wait_cloud_init(_c: &mut Cx<'_>) -> Result<()> {
    Ok(())
}
pub async fn prepare(_c: &mut Cx<'_>) -> Result<()> {
    Ok(())
}
pub async fn create_user(_c: &mut Cx<'_>) -> Result<()> {
    Ok(())
}
pub async fn install_node(_c: &mut Cx<'_>) -> Result<()> {
    Ok(())
}
