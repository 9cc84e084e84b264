//! A server that the user has: where it is, the key that opens it, and its host key, which is
//! never taken on trust.

use super::DeployArgs;
use crate::cli::Context;
use crate::error::{Error, Kind, Result};
use crate::model::SshTarget;
use crate::provider::existing::parse_target;
use crate::secrets::Secret;
use crate::ssh::{host_key, known_hosts, scan};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the server may take to show its host key.
const SCAN: Duration = Duration::from_secs(15);

/// What is known of the server.
pub(super) struct Host {
    pub target: SshTarget,
    /// The private key that signs in.
    pub key: Secret,
    /// Host keys that are trusted, one OpenSSH line each.
    pub host_key: String,
}

/// Gathers all three.
///
/// # Errors
/// `usage` or `needs_user` if something is missing and nobody can be asked.
pub(super) async fn find(args: &DeployArgs, context: &Context) -> Result<Host> {
    let text = match &args.host {
        Some(host) => host.clone(),
        None => {
            context
                .prompt
                .text("The server, as USER@IP[:PORT]", None, "--host")
                .await?
        }
    };
    let target = parse_target(&text)?;
    let key = key(args, context).await?;
    let host_key = trusted(args, &target, context).await?;
    Ok(Host { target, key, host_key })
}

async fn key(args: &DeployArgs, context: &Context) -> Result<Secret> {
    let given = context.config.ssh_private_key.clone();
    let path: PathBuf = match (&args.ssh_key, given) {
        (Some(path), _) => path.clone(),
        (None, Some(text)) if text.expose().starts_with("-----BEGIN ") => return Ok(text),
        (None, Some(path)) => path.expose().into(),
        (None, None) => context
            .prompt
            .text("File with the private key for it", None, "--ssh-key")
            .await?
            .into(),
    };
    match host_key::read_private_key(&path, None) {
        Err(e) if e.kind() == Kind::NeedsUser && context.prompt.can_ask() => {
            let question = format!("Passphrase of {}", path.display());
            let passphrase = context.prompt.secret(&question, "a key without a passphrase").await?;
            host_key::read_private_key(&path, Some(&passphrase))
        }
        other => other,
    }
}

/// The host keys to trust: as said, else those that the user's own SSH client trusts, else the
/// one whose fingerprint the user confirms.
async fn trusted(args: &DeployArgs, target: &SshTarget, context: &Context) -> Result<String> {
    if let Some(line) = &args.host_key {
        return host_key::pin(line);
    }
    let known = known_hosts::host_keys(target, Path::new(&context.config.dirs.known_hosts))?;
    if !known.is_empty() {
        return Ok(known.join("\n"));
    }
    let missing = || {
        Error::new(Kind::NeedsUser, format!("the host key of {} is not known", target.host)).hint(format!(
            "give --host-key with the line of /etc/ssh/ssh_host_ed25519_key.pub there, or sign in once with ssh -p {} {}@{}",
            target.port, target.user, target.host
        ))
    };
    if !context.prompt.can_ask() {
        return Err(missing());
    }
    let shown = scan(target, SCAN).await?;
    let question = format!(
        "{} shows the host key {}. Is that what `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` says there",
        target.host,
        host_key::fingerprint(&shown)?
    );
    // Not by `--yes`: a key that nobody has looked at is trusted by nobody.
    context.prompt.agree(&question).await?;
    Ok(shown)
}
