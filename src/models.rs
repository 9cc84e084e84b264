//! Stub.
pub async fn prove(
    _h: &crate::http::Http,
    _e: &crate::config::Endpoints,
    _m: &crate::openclaw::catalog::ModelRef,
    _k: &crate::secrets::Secret,
) -> crate::error::Result<()> {
    Ok(())
}
