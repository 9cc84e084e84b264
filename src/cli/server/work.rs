//! What a control server does beside answering: jobs, and looking after bots.

use crate::api::server::App;
use crate::error::Result;
use crate::health::{self, Account, Watch};
use crate::http::Call;
use crate::jobs::{self, Crew};
use crate::model::ProviderKind;
use crate::provider::Provider;
use crate::secrets::Secret;
use crate::secrets::keyring::SecretName;
use crate::store::{By, Owner};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How many users are read at once.
const PAGE: i64 = 200;
const CLOUDS: [(ProviderKind, SecretName); 2] = [
    (ProviderKind::Hetzner, SecretName::Hetzner),
    (ProviderKind::DigitalOcean, SecretName::DigitalOcean),
];

/// Works until `stop` says so.
pub async fn work(app: &App, most: Option<usize>, stop: watch::Receiver<bool>) {
    tokio::join!(crew(app, most).work(stop.clone()), bots(app).work(stop));
}

/// Who works the jobs off, in this process.
fn crew(app: &App, most: Option<usize>) -> Crew {
    let most = most.unwrap_or(app.settings.max_workers);
    let settings = jobs::Settings {
        workers: app.settings.min_workers.min(most)..=most,
        grace: Duration::from_secs(app.settings.drain_s),
        ..jobs::Settings::default()
    };
    let platforms = app.clone();
    let run = jobs::pipeline(&app.store, move |bot, provider| {
        let app = platforms.clone();
        async move { app.platform(&bot.user_id, Some(provider), By::Server).await }
    });
    Crew::new(app.store.clone(), settings, run)
}

/// Who looks after the bots that stand.
fn bots(app: &App) -> Watch {
    let days = |n: i64| Duration::from_secs(24 * 3600) * u32::try_from(n).unwrap_or(u32::MAX);
    let settings = health::Settings {
        interval: Duration::from_secs(app.settings.health_interval_s.max(1)),
        keep_samples: days(app.settings.sample_days),
        keep_audit: Some(app.settings.keep_audit).filter(|&n| n > 0).map(days),
        keep_destroyed: Some(app.settings.keep_destroyed).filter(|&n| n > 0).map(days),
        remove_orphans: app.settings.remove_orphans,
        ..health::Settings::default()
    };
    let (tokens, outside) = (app.clone(), app.clone());
    Watch {
        store: app.store.clone(),
        settings,
        look: health::by_ssh(app.standing(By::Schedule)),
        accounts: Arc::new(move || {
            let app = tokens.clone();
            Box::pin(async move { accounts(&app).await })
        }),
        network: Arc::new(move || {
            let app = outside.clone();
            Box::pin(async move {
                let call = Call::new("Telegram", reqwest::Method::GET, app.endpoints.telegram.clone());
                app.http.send(&call).await.is_ok()
            })
        }),
    }
}

/// The accounts at the clouds: the operator's, and those of users who keep a token here.
async fn accounts(app: &App) -> Result<Vec<Account>> {
    let mut found = Vec::new();
    let store = app.store.acting(By::Schedule);
    for (kind, name) in CLOUDS {
        if let Some(token) = app.operators(name, "", &By::Schedule).await? {
            found.push(account(app, health::OPERATOR, kind, &token)?);
        }
    }
    let mut after = String::new();
    loop {
        let users = store.users(&after, PAGE).await?;
        let Some(last) = users.last() else {
            return Ok(found);
        };
        after.clone_from(&last.id);
        for user in &users {
            for (kind, name) in CLOUDS {
                let owner = Owner::User(user.id.clone());
                if let Some(token) = store.find_secret(&owner, name.as_str()).await? {
                    found.push(account(app, &user.id, kind, &token)?);
                }
            }
        }
    }
}

fn account(app: &App, whose: &str, kind: ProviderKind, token: &Secret) -> Result<Account> {
    Ok(Account {
        whose: whose.to_owned(),
        provider: Provider::new(kind, &app.http, &app.endpoints, Some(token))?,
    })
}
