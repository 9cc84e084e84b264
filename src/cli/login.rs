//! `clawdwako login`, `logout`, `whoami`

use super::Context;
use super::account::membership;
use super::context::blocking;
use super::format::safe;
use super::output::Tone;
use super::table::details;
use crate::config::server_address;
use crate::error::{Error, Kind, Result};
use crate::google::flow::{open_browser, sign_in};
use crate::google::{Google, Identity};
use crate::model::{Source, Sourced};
use crate::secrets::Secret;
use crate::secrets::keyring::SecretName;
use serde_json::json;
use std::io::IsTerminal;

/// Arguments of `login`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako login
  clawdwako login --no-browser
  clawdwako login --server https://bots.example.com

Signed in to a control server, `--remote` lets it do the work. Its address can
also be `server_url` in the config file, or CLAWDWAKO_SERVER_URL.")]
pub struct LoginArgs {
    /// Also sign in to this control server, for --remote
    #[arg(long, value_name = "URL", value_hint = clap::ValueHint::Url)]
    pub server: Option<String>,
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
    let server = match &args.server {
        Some(text) => Some(server_address(text, &Source::Flag("--server"), context.config.sandbox)?),
        None => context.control_server()?,
    };
    let google = google(context).await?;
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
    let account = match (&server, &signed_in.tokens.id_token) {
        (Some(server), Some(proof)) => Some(membership::begin(server, proof, context).await?),
        _ => None,
    };
    let who = &signed_in.identity;
    let mut document = json!({"signed_in": true, "identity": who, "kept_in": place});
    if let (Some(server), Some(user)) = (&server, &account) {
        document["server"] = json!({"url": server, "user": user});
    }
    context.printer.line(&document, || {
        let mut text = format!("Signed in as {} (kept in the {place})", safe(&who.email));
        if let (Some(server), Some(user)) = (&server, &account) {
            text.push_str(&format!("\nSigned in to {server} as {}", user.role));
        }
        text
    })
}

pub(super) async fn logout(_args: LogoutArgs, context: &Context) -> Result<()> {
    let member = membership::end(context).await?;
    if let Some(found) = context.find_secret(SecretName::GoogleRefreshToken).await? {
        // Signed out here in any case; a token that Google was not told of runs out by itself.
        let told = match google(context).await {
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
        if gone || member {
            "Signed out."
        } else {
            "Nobody was signed in."
        }
        .to_owned()
    })
}

pub(super) async fn whoami(_args: WhoamiArgs, context: &Context) -> Result<()> {
    let session = membership::show(context).await?;
    let found = context.find_secret(SecretName::GoogleRefreshToken).await?;
    if found.is_none() && session.is_none() {
        return Err(Error::new(Kind::NeedsUser, "nobody is signed in").hint("run `clawdwako login`"));
    }
    let who = match &found {
        Some(found) => Some(identity(context, found).await?),
        None => None,
    };
    let mut document = json!({"signed_in": true, "identity": who});
    if let Some((server, session)) = &session {
        document["server"] = json!({"url": server, "user": session.user, "scope": session.scope});
    }
    context.printer.result(&document, || {
        let user = session.as_ref().map(|(_, s)| &s.user);
        let email = who.as_ref().map(|w| w.email.clone());
        details(&[
            ("e-mail", email.or_else(|| user.map(|u| u.email.clone()))),
            ("name", who.as_ref().and_then(|w| w.name.clone())),
            ("organisation", who.as_ref().and_then(|w| w.hd.clone())),
            ("kept in", found.as_ref().map(|f| f.source.to_string())),
            ("server", session.as_ref().map(|(server, _)| server.to_string())),
            ("role there", user.map(|u| u.role.to_string())),
        ])
    })
}

/// Who is signed in, as Google says now.
async fn identity(context: &Context, kept: &Sourced<Secret>) -> Result<Identity> {
    let google = google(context).await?;
    let tokens = google.refresh(&kept.value).await?;
    // Before anything else can fail: the old one may be over.
    if let Some(new) = tokens.refresh_token.filter(|new| *new != kept.value) {
        keep_rotated(context, kept, new).await?;
    }
    let Some(id_token) = tokens.id_token else {
        return Err(Error::new(Kind::NeedsUser, "Google does not say who is signed in").hint("run `clawdwako login`"));
    };
    google.verify(&id_token, None).await
}

/// Keeps the refresh token that Google gave in place of the one that was used, unless another
/// command signed out or in meanwhile.
///
/// # Errors
/// `needs_user` if it cannot be kept: the user has to sign in again.
async fn keep_rotated(context: &Context, used: &Sourced<Secret>, new: Secret) -> Result<()> {
    let name = SecretName::GoogleRefreshToken;
    let (keyring, used) = (context.keyring(), used.value.clone());
    let kept = blocking(move || match keyring.get(name)? {
        Some(current) if current.value == used => keyring.set(name, &new).map(drop),
        _ => Ok(()),
    });
    kept.await.map_err(|e| {
        let what = "Google replaced the kept sign-in, and the new one cannot be kept";
        Error::new(Kind::NeedsUser, what)
            .because(e)
            .hint("run `clawdwako login`")
    })
}

async fn google(context: &Context) -> Result<Google> {
    let id = context.secret(SecretName::GoogleClientId).await?.value;
    let secret = context.secret(SecretName::GoogleClientSecret).await?.value;
    Google::new(context.http()?, &context.config.endpoints, id.expose(), Some(&secret))
}
