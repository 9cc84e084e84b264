//! Stub.
use crate::secrets::Secret;
use crate::ssh::Script;
pub struct Names;
pub fn rotate_host_key(p: Secret, _n: &str) -> Script {
    Script::new("rotate_host_key", "").input(p)
}
pub fn stop(_n: &Names) -> Script {
    Script::new("stop", "")
}
pub fn remove_bot(_n: &Names) -> Script {
    Script::new("remove", "")
}
