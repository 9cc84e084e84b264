//! Whether each cloud takes its token, and what the account may have.

use super::{Context, Finding};
use crate::cli::context::secret_of;
use crate::model::ProviderKind;
use crate::provider::{Account, Provider};
use futures_util::future::join_all;

pub(super) async fn check(context: &Context) -> Vec<Finding> {
    let clouds = [ProviderKind::Hetzner, ProviderKind::DigitalOcean];
    let found = join_all(clouds.map(|kind| cloud(kind, context))).await;
    found.into_iter().flatten().collect()
}

async fn cloud(kind: ProviderKind, context: &Context) -> Vec<Finding> {
    // What is wrong with a credential's file was told by the local checks.
    let Some(Ok(Some(token))) = (match secret_of(kind) {
        Some(name) => Some(context.find_secret(name).await),
        None => None,
    }) else {
        return Vec::new();
    };
    let account = async {
        let provider = Provider::new(kind, &context.http()?, &context.config.endpoints, Some(&token.value))?;
        provider.account().await
    };
    match account.await {
        Ok(account) => verdict(kind, &account),
        Err(e) => vec![Finding::of_error(
            "cloud",
            &format!("{kind} (token from {})", token.source),
            &e,
        )],
    }
}

fn verdict(kind: ProviderKind, account: &Account) -> Vec<Finding> {
    let name = account.name.as_ref().map(|n| format!(" of {n}")).unwrap_or_default();
    let mut findings = Vec::new();
    match account.server_limit {
        Some(limit) if account.servers_used >= limit => findings.push(Finding::bad(
            "cloud",
            format!("{kind}: the account{name} has all {limit} servers that it may have"),
            "delete one (`clawdwako servers --orphans`), or ask the provider for a higher limit",
        )),
        Some(limit) => findings.push(Finding::ok(
            "cloud",
            format!(
                "{kind}: the token works{name}; {} of {limit} servers",
                account.servers_used
            ),
        )),
        None => findings.push(Finding::ok(
            "cloud",
            format!("{kind}: the token works{name}; {} servers", account.servers_used),
        )),
    }
    if let Some(warning) = &account.warning {
        findings.push(Finding::warn(
            "cloud",
            format!("{kind}: {warning}"),
            "see the provider's console",
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn a_full_account_is_bad() {
        let mut account = Account {
            name: Some("a@example".into()),
            server_limit: Some(2),
            servers_used: 1,
            warning: Some("pay".into()),
        };
        let levels = |a: &Account| {
            verdict(ProviderKind::Hetzner, a)
                .iter()
                .map(|f| f.level)
                .collect::<Vec<_>>()
        };
        assert_eq!(levels(&account), [Level::Ok, Level::Warn]);
        account.servers_used = 2;
        assert_eq!(levels(&account), [Level::Bad, Level::Warn]);
    }
}
