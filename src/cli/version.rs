//! `clawdwako version`

use super::output::Printer;
use super::table::details;
use crate::error::Result;
use crate::openclaw::catalog::AGENT_VERSION;
use serde_json::json;

/// Arguments of `version`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  clawdwako version\n  clawdwako version --json")]
pub struct VersionArgs {}

pub(super) fn run(_args: &VersionArgs, printer: &Printer) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let rust = env!("CARGO_PKG_RUST_VERSION");
    let document = json!({"version": version, "agent_version": AGENT_VERSION, "target": target, "rust": rust});
    printer.result(&document, || {
        details(&[
            ("clawdwako", Some(version.to_owned())),
            ("OpenClaw", Some(AGENT_VERSION.to_owned())),
            ("target", Some(target.clone())),
            ("built for Rust", Some(format!("{rust} or newer"))),
        ])
    })
}
