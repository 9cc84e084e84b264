//! `clawdwako login`, `logout`, `whoami`

use super::Context;
use super::context::blocking;
use super::format::safe;
use super::output::Tone;
use super::table::details;
use crate::error::{Error, Kind, Result};
use crate::google::Google;
use crate::google::flow::{open_browser, sign_in};
use crate::secrets::keyring::SecretName;
use serde_json::json;
use std::io::IsTerminal;

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

pub(super) async fn login(args: LoginArgs, context: &Context) -> Result<()> {
    let google = client(context).await?;
    let printer = context.printer.clone();
    let signed_in = sign_in(&google, &mut |prompt| {
        // With `--json` the code is part of what a program has to show.
        if printer.json() {
            let _ = printer.line(
                &json!({"code": prompt.code, "link": prompt.link, "seconds": prompt.seconds}),
                String::new,
            );
            return;
        }
        let picture = if std::io::stderr().is_terminal() {
            prompt.qr.as_str()
        } else {
            ""
        };
        let code = printer.paint(Tone::Strong, &prompt.code);
        printer.ask(&format!("Open {} and type {code}\n{picture}", prompt.link));
        if !args.no_browser && std::io::stderr().is_terminal() {
            open_browser(&prompt.link);
        }
    })
    .await?;
    let Some(token) = signed_in.tokens.refresh_token else {
        return Err(Error::new(Kind::Upstream, "Google gave nothing to stay signed in with").hint("sign in again"));
    };
    let keyring = context.keyring();
    let place = blocking(move || keyring.set(SecretName::GoogleRefreshToken, &token)).await?;
    let who = &signed_in.identity;
    context
        .printer
        .line(&json!({"signed_in": true, "identity": who, "kept_in": place}), || {
            format!("Signed in as {} (kept in the {place})", safe(&who.email))
        })
}

pub(super) async fn logout(_args: LogoutArgs, context: &Context) -> Result<()> {
    if let Some(found) = context.find_secret(SecretName::GoogleRefreshToken).await? {
        // Signed out here in any case; a token that Google was not told of runs out by itself.
        let told = match client(context).await {
            Ok(google) => google.revoke(&found.value).await,
            Err(e) => Err(e),
        };
        if let Err(e) = told {
            context
                .printer
                .warn(&format!("Google could not be told: {}", safe(&e.message())));
        }
    }
    let keyring = context.keyring();
    let gone = blocking(move || keyring.delete(SecretName::GoogleRefreshToken)).await?;
    context.printer.result(&json!({"signed_in": false}), || {
        if gone { "Signed out." } else { "Nobody was signed in." }.to_owned()
    })
}

pub(super) async fn whoami(_args: WhoamiArgs, context: &Context) -> Result<()> {
    let Some(found) = context.find_secret(SecretName::GoogleRefreshToken).await? else {
        return Err(Error::new(Kind::NeedsUser, "nobody is signed in").hint("run `clawdwako login`"));
    };
    let google = client(context).await?;
    let tokens = google.refresh(&found.value).await?;
    let Some(id_token) = tokens.id_token else {
        return Err(Error::new(Kind::NeedsUser, "Google does not say who is signed in").hint("run `clawdwako login`"));
    };
    let who = google.verify(&id_token, None).await?;
    context
        .printer
        .result(&json!({"signed_in": true, "identity": who}), || {
            details(&[
                ("e-mail", Some(who.email.clone())),
                ("name", who.name.clone()),
                ("organisation", who.hd.clone()),
                ("kept in", Some(found.source.to_string())),
            ])
        })
}

async fn client(context: &Context) -> Result<Google> {
    let id = context.secret(SecretName::GoogleClientId).await?.value;
    let secret = context.secret(SecretName::GoogleClientSecret).await?.value;
    Google::new(context.http()?, &context.config.endpoints, id.expose(), Some(&secret))
}
