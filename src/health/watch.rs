//! Has every active bot looked at on a schedule, and does what is due now and then. Replicas
//! share both through the store.

use super::check::{Found, check};
use super::look::Look;
use super::orphans::{Account, OPERATOR, orphans, remove};
use super::retention::forget_old;
use crate::error::Result;
use crate::model::{Bot, Millis, now};
use crate::store::{Rate, Store};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often it looks whether a bot is due.
const POLL: Duration = Duration::from_secs(5);
/// The same for what is done now and then.
const UPKEEP: Duration = Duration::from_secs(60);
/// How long looks that were begun may go on at the end; they can be begun again at any time.
const GRACE: Duration = Duration::from_secs(5);
const HOUR: Duration = Duration::from_secs(3600);

/// The accounts at the clouds, asked for each time: their tokens may change.
pub type Accounts = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Vec<Account>>> + Send>> + Send + Sync>;

/// Whether the outside world is there at all, for when a server is not.
pub type Network = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// How a control server looks after its bots.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How often each bot is looked at.
    pub interval: Duration,
    /// How many are looked at at once, by this process.
    pub at_once: usize,
    /// How long samples are kept.
    pub keep_samples: Duration,
    /// How long entries of the audit are kept; none is for ever.
    pub keep_audit: Option<Duration>,
    /// How long the records of destroyed bots are kept; none is for ever.
    pub keep_destroyed: Option<Duration>,
    /// How often accounts are searched for orphans.
    pub orphans: Duration,
    /// Whether orphans that the store knows to be destroyed are removed, and not only told.
    pub remove_orphans: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            interval: Duration::from_secs(300),
            at_once: 16,
            keep_samples: Duration::from_secs(30 * 24 * 3600),
            keep_audit: None,
            keep_destroyed: None,
            orphans: HOUR,
            remove_orphans: false,
        }
    }
}

/// Looks after bots until it is told to end.
pub struct Watch {
    /// The store.
    pub store: Store,
    /// How it works.
    pub settings: Settings,
    /// How a bot is looked at.
    pub look: Look,
    /// Where orphans may be.
    pub accounts: Accounts,
    /// Whether the outside world is there.
    pub network: Network,
}

impl Watch {
    /// Works until `stop` says so, or its sender is gone. A store that is away is waited for.
    pub async fn work(self, mut stop: watch::Receiver<bool>) {
        let this = Arc::new(self);
        let mut tasks = JoinSet::new();
        tasks.spawn(upkeep(this.clone(), stop.clone()));
        let poll = POLL.min(this.settings.interval / 10);
        while !*stop.borrow() {
            if let Err(e) = begin_due(&this, &mut tasks).await {
                tracing::warn!(error = e.to_string(), "no bot can be looked at");
            }
            tokio::select! {
                () = tokio::time::sleep(poll) => {}
                Some(_) = tasks.join_next(), if tasks.len() > this.settings.at_once => {}
                told = stop.changed() => if told.is_err() { break },
            }
        }
        let finished = async { while tasks.join_next().await.is_some() {} };
        // What goes on longer is dropped: another look follows.
        let _ = tokio::time::timeout(GRACE, finished).await;
    }
}

/// Begins to look at bots that are due, as long as there is room. One of the tasks is the upkeep.
async fn begin_due(this: &Arc<Watch>, tasks: &mut JoinSet<()>) -> Result<()> {
    loop {
        while tasks.try_join_next().is_some() {}
        if tasks.len() > this.settings.at_once {
            return Ok(());
        }
        let Some(bot) = this.store.claim_check(millis(this.settings.interval)).await? else {
            return Ok(());
        };
        tasks.spawn(one(this.clone(), bot));
    }
}

async fn one(this: Arc<Watch>, bot: Bot) {
    let next = next_look(&bot.id, now(), millis(this.settings.interval));
    let found = match check(&this.store, &this.look, &bot, next, (this.network)()).await {
        Ok(Found::Well) => "well",
        Ok(Found::NotOurs) => "not_ours",
        Ok(Found::Unreached) => {
            tracing::warn!(bot = bot.id, "the server of a bot is not reached");
            "unreached"
        }
        Ok(Found::Restarted) => {
            tracing::warn!(bot = bot.id, "a bot did not work, and works again after a restart");
            "restarted"
        }
        Ok(Found::Failed) => {
            // Most often it is its user's key that was revoked, or its user's server.
            tracing::warn!(bot = bot.id, "a bot does not work");
            "failed"
        }
        Err(e) => {
            tracing::warn!(bot = bot.id, error = e.to_string(), "a bot could not be looked at");
            "error"
        }
    };
    metrics::counter!("clawdwako_checks_total", "found" => found).increment(1);
}

/// The next moment of a bot's own: its id spreads the bots over the interval, so that they do not
/// come all at once, whatever happened before.
fn next_look(bot_id: &str, now: Millis, interval: Millis) -> Millis {
    // The end of an id is random.
    let tail = bot_id.get(bot_id.len().saturating_sub(8)..).unwrap_or_default();
    let phase = i64::from(u32::from_str_radix(tail, 16).unwrap_or_default()) % interval.max(1);
    let begin = now - (now - phase).rem_euclid(interval.max(1));
    begin + interval
}

pub(super) fn millis(d: Duration) -> Millis {
    d.as_millis() as Millis
}

async fn upkeep(this: Arc<Watch>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(e) = this.now_and_then().await {
            tracing::warn!(error = e.to_string(), "the upkeep is done later");
        }
        tokio::select! {
            () = tokio::time::sleep(UPKEEP) => {}
            told = stop.changed() => if told.is_err() { return },
        }
    }
}

impl Watch {
    /// Whether it is this process's turn to do something that one of all does every so often.
    async fn turn(&self, what: &str, every: Duration) -> Result<bool> {
        let name = format!("upkeep/{what}");
        Ok(self.store.take(&name, Rate::new(1, every), 1).await?.is_zero())
    }

    async fn now_and_then(&self) -> Result<()> {
        if self.turn("samples", HOUR).await? {
            let gone = self
                .store
                .delete_samples_before(now() - millis(self.settings.keep_samples))
                .await?;
            self.store.sweep_allowances().await?;
            tracing::info!(samples = gone, "samples that are old enough are forgotten");
        }
        if self.turn("retention", HOUR).await? {
            forget_old(&self.store, &self.settings).await?;
        }
        if self.turn("orphans", self.settings.orphans).await? {
            let mut left: BTreeMap<(&str, &str), usize> = BTreeMap::new();
            for account in (self.accounts)().await? {
                let (whose, provider) = (payer(&account), account.provider.kind().as_str());
                // One account that does not answer hides no other.
                match self.search(&account).await {
                    Ok(found) => *left.entry((whose, provider)).or_default() += found,
                    Err(e) => tracing::warn!(
                        whose = account.whose,
                        provider,
                        error = e.to_string(),
                        "an account could not be searched for orphans"
                    ),
                }
            }
            for ((whose, provider), found) in left {
                metrics::gauge!("clawdwako_orphans", "whose" => whose, "provider" => provider).set(found as f64);
            }
        }
        Ok(())
    }

    /// Searches one account; answers how many orphans are left there.
    async fn search(&self, account: &Account) -> Result<usize> {
        let mut found = orphans(&self.store, account).await?;
        for orphan in found.iter().filter(|o| o.destroyed_here) {
            // Its record is needed for as long as something of it may cost money.
            self.store.keep_destroyed(&orphan.resource.deployment_id).await?;
        }
        if self.settings.remove_orphans {
            found = remove(account, found).await?;
        }
        let (whose, provider) = (account.whose.as_str(), account.provider.kind().as_str());
        for orphan in &found {
            tracing::warn!(
                whose,
                provider,
                name = orphan.resource.name,
                deployment = orphan.resource.deployment_id,
                known = orphan.destroyed_here,
                "an orphan: it carries our label, and no bot lives on it"
            );
        }
        Ok(found.len())
    }
}

/// Whose accounts are counted as one: a label for each user would grow without end.
fn payer(account: &Account) -> &'static str {
    match account.whose.as_str() {
        OPERATOR => OPERATOR,
        _ => "users",
    }
}

#[cfg(test)]
mod tests {
    use super::next_look;
    use crate::model::new_id;

    #[test]
    fn looks_are_spread_over_the_interval_and_keep_their_place() {
        let (interval, now) = (300_000, 1_790_000_000_000);
        let mut tenths = [0; 10];
        for _ in 0..1000 {
            let id = new_id();
            let next = next_look(&id, now, interval);
            assert!(next > now && next <= now + interval);
            assert_eq!(next_look(&id, next, interval), next + interval);
            assert_eq!(next_look(&id, next - 1, interval), next);
            tenths[((next - now - 1) * 10 / interval) as usize] += 1;
        }
        assert!(tenths.iter().all(|&n| n > 50), "{tenths:?}");
    }
}
