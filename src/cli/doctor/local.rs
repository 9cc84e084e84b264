//! What can be looked at without the network: files, keyring, and where settings come from.

use super::{Context, Finding};
use crate::secrets::keyring::SecretName;
use std::os::unix::fs::MetadataExt;

pub(super) async fn check(context: &Context) -> Vec<Finding> {
    let mut findings = settings(context);
    findings.push(folder(context));
    findings.push(keyring(context).await);
    findings.extend(secrets(context).await);
    findings
}

/// Where each setting came from.
fn settings(context: &Context) -> Vec<Finding> {
    let (c, d) = (&context.config, &context.config.defaults);
    let mut found: Vec<(String, String, String)> = Vec::new();
    let mut note = |name: &str, value: Option<(String, String)>| {
        if let Some((value, source)) = value {
            found.push((name.to_owned(), value, source));
        }
    };
    macro_rules! notes {
        ($($field:ident),+) => {
            $(note(stringify!($field), d.$field.as_ref().map(|s| (s.value.to_string(), s.source.to_string())));)+
        };
    }
    notes!(provider, region, size, image, model, owner, agent_version);
    let mut findings = vec![Finding::ok(
        "settings",
        match (c.sandbox, c.dirs.config_file.exists()) {
            (true, _) => format!("sandbox, profile {}", c.profile),
            (false, true) => format!("profile {}, config file {}", c.profile, c.dirs.config_file.display()),
            (false, false) => format!("profile {}, no config file", c.profile),
        },
    )];
    for (name, value, source) in found {
        findings.push(Finding::ok("settings", format!("{name} is {value} (from {source})")));
    }
    for (name, source) in &c.endpoint_sources {
        findings.push(Finding::ok(
            "settings",
            format!("another address for {name} (from {source})"),
        ));
    }
    findings
}

/// The folder with the store: ours alone.
fn folder(context: &Context) -> Finding {
    let dir = &context.config.dirs.state;
    match std::fs::metadata(dir) {
        Ok(meta) if meta.mode() & 0o077 != 0 => Finding::warn(
            "files",
            format!("{} can be looked into by others", dir.display()),
            format!("run `chmod 700 {}`", dir.display()),
        ),
        Ok(_) => Finding::ok("files", format!("{} is private", dir.display())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            Finding::ok("files", format!("{} is made on first use", dir.display()))
        }
        Err(e) => Finding::bad(
            "files",
            format!("{} cannot be read: {e}", dir.display()),
            "look at its owner and rights",
        ),
    }
}

async fn keyring(context: &Context) -> Finding {
    let keyring = context.keyring();
    match tokio::task::spawn_blocking(move || keyring.why_not_os()).await {
        Ok(None) => Finding::ok("keyring", "the system's keyring answers"),
        Ok(Some(why)) => Finding::ok("keyring", format!("secrets are kept in a sealed file: {why}")),
        Err(_) => Finding::bad("keyring", "the keyring crashed", "unlock or restart it"),
    }
}

/// Where each credential came from, or why it cannot be had.
async fn secrets(context: &Context) -> Vec<Finding> {
    let mut findings = Vec::new();
    for &name in SecretName::ALL {
        match context.find_secret(name).await {
            Ok(Some(found)) => {
                findings.push(Finding::ok(
                    "secrets",
                    format!("{} (from {})", name.title(), found.source),
                ));
            }
            Ok(None) => {}
            Err(e) => findings.push(Finding::of_error("secrets", name.title(), &e)),
        }
    }
    if findings.is_empty() {
        findings.push(Finding::warn(
            "secrets",
            "no token or key is known",
            "`clawdwako secrets set hetzner` and `secrets set anthropic`, or let `deploy` ask",
        ));
    }
    findings
}
