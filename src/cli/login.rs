//! `clawdwako login`, `logout`, `whoami`

use super::{Context, not_connected};
use crate::error::{Error, Kind, Result, internal};
use crate::secrets::keyring::SecretName;
use serde_json::json;

/// Arguments of `login`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako login
  clawdwako login --no-browser")]
pub struct LoginArgs {
    /// Do not open the browser; the link and the code are shown anyway
    #[arg(long)]
    pub no_browser: bool,
}

/// Arguments of `logout`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  clawdwako logout")]
pub struct LogoutArgs {}

/// Arguments of `whoami`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  clawdwako whoami\n  clawdwako whoami --json")]
pub struct WhoamiArgs {}

pub(super) async fn login(_args: LoginArgs, context: &Context) -> Result<()> {
    context.secret(SecretName::GoogleClientId).await?;
    context.secret(SecretName::GoogleClientSecret).await?;
    Err(not_connected("login"))
}

pub(super) async fn logout(_args: LogoutArgs, context: &Context) -> Result<()> {
    let keyring = context.keyring();
    let gone = tokio::task::spawn_blocking(move || keyring.delete(SecretName::GoogleRefreshToken))
        .await
        .map_err(|_| internal("the keyring crashed"))??;
    context.printer.result(&json!({"signed_in": false}), || {
        if gone { "Signed out." } else { "Nobody was signed in." }.to_owned()
    })
}

pub(super) async fn whoami(_args: WhoamiArgs, context: &Context) -> Result<()> {
    if context.find_secret(SecretName::GoogleRefreshToken).await?.is_none() {
        return Err(Error::new(Kind::NeedsUser, "nobody is signed in").hint("run `clawdwako login`"));
    }
    Err(not_connected("whoami"))
}
