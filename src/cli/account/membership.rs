//! Signing in to a control server and out of it, beside Google.

use super::Account;
use crate::api::client::Client;
use crate::api::types::{SessionView, UserView};
use crate::cli::Context;
use crate::cli::context::blocking;
use crate::cli::format::safe;
use crate::error::{Kind, Result};
use crate::secrets::Secret;
use crate::secrets::keyring::SecretName;
use url::Url;

/// Signs in with Google's proof and keeps the token; answers who that is there.
///
/// # Errors
/// `refused` if the server does not let the user in.
pub(in crate::cli) async fn begin(server: &Url, proof: &Secret, context: &Context) -> Result<UserView> {
    let client = Client::new(context.http()?, server.clone(), None);
    let made = client.sign_in(proof, &name()).await?;
    // One that this profile had is of no use any more.
    end(context).await?;
    let (keyring, token) = (context.keyring(), Secret::new(made.token));
    blocking(move || keyring.set(SecretName::ServerToken, &token)).await?;
    // Last: a token that is kept without its server goes nowhere.
    let mut account = Account::load(context)?;
    account.server = Some(server.to_string());
    account.save(context)?;
    Ok(made.user)
}

/// Signs out: ends the token at the server, and forgets it. Answers whether there was one. A
/// server that cannot be told is warned of: the token runs out by itself.
///
/// # Errors
/// `io` or `store` if what is kept here cannot be changed.
pub(in crate::cli) async fn end(context: &Context) -> Result<bool> {
    let mut account = Account::load(context)?;
    let keyring = context.keyring();
    let kept = blocking(move || keyring.get(SecretName::ServerToken)).await?;
    if let (Some(server), Some(token)) = (account.server(context.config.sandbox)?, kept) {
        let client = Client::new(context.http()?.hurried(), server.clone(), Some(token.value));
        match client.sign_out().await {
            Ok(()) => {}
            // It was ended there already.
            Err(e) if e.kind() == Kind::NeedsUser => {}
            Err(e) => context
                .printer
                .warn(&format!("{server} could not be told: {}", safe(&e.message()))),
        }
    }
    if account.server.take().is_some() {
        account.plan = None;
        account.save(context)?;
    }
    let keyring = context.keyring();
    blocking(move || keyring.delete(SecretName::ServerToken)).await
}

/// Who is signed in to the control server, if there is one. That it cannot be reached is only
/// warned of, unless it is what the user asks for.
///
/// # Errors
/// The server's own.
pub(in crate::cli) async fn show(context: &Context) -> Result<Option<(Url, SessionView)>> {
    let Some(server) = context.control_server()? else {
        return Ok(None);
    };
    let Some(token) = context.token_for(&server).await? else {
        return Ok(None);
    };
    let wanted = context.config.remote.wanted;
    let mut client = Client::new(context.http()?, server.clone(), Some(token.value));
    if !wanted {
        client = client.hurried();
    }
    match client.session().await {
        Ok(session) => Ok(Some((server, session))),
        Err(e) if e.kind().may_retry() && !wanted => {
            context.printer.warn(&safe(&e.message()));
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

/// What the token is called in the user's list of tokens.
fn name() -> String {
    format!("clawdwako on {}", machine())
}

/// This machine's name, for people.
pub(in crate::cli) fn machine() -> String {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name: String = told.trim().chars().filter(|c| !c.is_control()).take(48).collect();
    match name.is_empty() {
        true => "a terminal".to_owned(),
        false => name,
    }
}
