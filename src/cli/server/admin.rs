//! `clawdwako server admin …`: what an operator does with users and plans, on the store itself.

use super::audit::{self, AuditVerb};
use super::job::{self, JobVerb};
use super::{ground, key};
use crate::cli::Context;
use crate::cli::format::{moment, safe};
use crate::cli::table::{Table, plain};
use crate::error::{Result, usage};
use crate::model::{Millis, Plan, Role, Subscription, SubscriptionStatus, User, now};
use crate::store::{Deed, Store, Tx};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::{Value, json};

/// How many users are read at once.
const PAGE: i64 = 500;

/// What to look after.
#[derive(Debug, clap::Subcommand)]
pub enum Admin {
    /// Users: who they are and what they may do
    #[command(subcommand, after_help = "Example:\n  clawdwako server admin user list")]
    User(UserVerb),
    /// Subscriptions: which plan, and until when
    #[command(
        subcommand,
        after_help = "Example:\n  clawdwako server admin subscription set ada@example.org --plan pro"
    )]
    Subscription(SubscriptionVerb),
    /// Jobs: what waits, runs and failed, of all users
    #[command(subcommand, after_help = "Example:\n  clawdwako server admin job list")]
    Job(JobVerb),
    /// The audit: who did what
    #[command(
        subcommand,
        after_help = "Example:\n  clawdwako server admin audit export audit.jsonl"
    )]
    Audit(AuditVerb),
    /// The key that the store's secrets are sealed with
    #[command(subcommand, after_help = "Example:\n  clawdwako server admin key rotate")]
    Key(KeyVerb),
}

/// What to do with users.
#[derive(Debug, clap::Subcommand)]
pub enum UserVerb {
    /// List the users
    #[command(after_help = "Example:\n  clawdwako server admin user list --json")]
    List,
    /// Give a user another role
    #[command(after_help = "Example:\n  clawdwako server admin user role ada@example.org support")]
    Role {
        /// The user's e-mail address or id
        user: String,
        /// admin does everything, support looks at everything, member has their own
        #[arg(value_parser = word::<Role>(Role::ALL.iter().map(|r| r.as_str())))]
        role: Role,
    },
    /// Shut a user out at once; their bots go on
    #[command(after_help = "Example:\n  clawdwako server admin user disable ada@example.org")]
    Disable {
        /// The user's e-mail address or id
        user: String,
    },
    /// Let a user in again
    #[command(after_help = "Example:\n  clawdwako server admin user enable ada@example.org")]
    Enable {
        /// The user's e-mail address or id
        user: String,
    },
}

/// What to do with subscriptions.
#[derive(Debug, clap::Subcommand)]
pub enum SubscriptionVerb {
    /// Set a user's subscription
    #[command(after_help = "Example:\n  clawdwako server admin subscription set ada@example.org --plan pro")]
    Set {
        /// The user's e-mail address or id
        user: String,
        /// The plan
        #[arg(long, value_parser = word::<Plan>(Plan::ALL.iter().map(|p| p.as_str())))]
        plan: Plan,
        /// Whether it is good; a cancelled one is until its end
        #[arg(long, default_value = "active", value_parser = word::<SubscriptionStatus>(SubscriptionStatus::ALL.iter().map(|s| s.as_str())))]
        status: SubscriptionStatus,
        /// The last day (UTC) that is paid for; without it there is no end
        #[arg(long, value_name = "DATE", value_parser = end_of_day)]
        until: Option<Millis>,
    },
}

/// What to do with the key.
#[derive(Debug, clap::Subcommand)]
pub enum KeyVerb {
    /// Seal everything with a new key, and end the old one
    #[command(after_help = "Example:\n  clawdwako server admin key rotate")]
    Rotate,
}

/// One of our words as an argument.
fn word<T>(words: impl Iterator<Item = &'static str>) -> impl TypedValueParser<Value = T>
where
    T: std::str::FromStr<Err = crate::error::Error> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words.collect::<Vec<_>>()).try_map(|text| text.parse::<T>())
}

/// The end of a day, in UTC.
fn end_of_day(text: &str) -> Result<Millis> {
    let bad = || usage(format!("{text:?} is no date such as 2027-12-31"));
    let date: jiff::civil::Date = text.parse().map_err(|_| bad())?;
    let next = date.tomorrow().map_err(|_| bad())?;
    let midnight = next.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| bad())?;
    Ok(midnight.timestamp().as_millisecond())
}

pub(super) async fn run(admin: Admin, context: &Context) -> Result<()> {
    match admin {
        Admin::User(UserVerb::List) => list(context).await,
        Admin::User(UserVerb::Role { user, role }) => {
            change(context, &user, "user role", async |tx: &mut Tx, id: &str| {
                tx.set_user_role(id, role).await
            })
            .await
        }
        Admin::User(UserVerb::Disable { user }) => {
            change(context, &user, "user disable", async |tx: &mut Tx, id: &str| {
                tx.set_user_disabled(id, true).await
            })
            .await
        }
        Admin::User(UserVerb::Enable { user }) => {
            change(context, &user, "user enable", async |tx: &mut Tx, id: &str| {
                tx.set_user_disabled(id, false).await
            })
            .await
        }
        Admin::Subscription(SubscriptionVerb::Set {
            user,
            plan,
            status,
            until,
        }) => {
            let wanted = Subscription {
                plan,
                status,
                period_end: until,
                updated_at: now(),
            };
            change(context, &user, "subscription set", async |tx: &mut Tx, id: &str| {
                tx.put_subscription(id, &wanted).await
            })
            .await
        }
        Admin::Job(verb) => job::run(verb, context).await,
        Admin::Audit(verb) => audit::run(verb, context).await,
        Admin::Key(KeyVerb::Rotate) => key::rotate(context).await,
    }
}

/// Changes one user's record, with its audit in the same transaction, and shows it.
async fn change(
    context: &Context,
    who: &str,
    action: &str,
    work: impl AsyncFnOnce(&mut Tx, &str) -> Result<()>,
) -> Result<()> {
    let store = ground::store(context).await?;
    let user = store.user(who).await?;
    let mut tx = store.begin().await?;
    work(&mut tx, &user.id).await?;
    tx.note(Deed {
        actor: "command line",
        user_id: &user.id,
        action,
        object: Some(&user.id),
        result: "ok",
        ..Deed::default()
    })
    .await?;
    tx.commit().await?;
    let user = store.user(&user.id).await?;
    let subscription = store.subscription(&user.id).await?;
    context
        .printer
        .result(&document(&user, &subscription), || sentence(&user, &subscription))
}

async fn list(context: &Context) -> Result<()> {
    let store = ground::store(context).await?;
    let all = everybody(&store).await?;
    let documents: Vec<Value> = all.iter().map(|(u, s)| document(u, s)).collect();
    context.printer.result(&json!({"users": documents}), || {
        let headings = ["e-mail", "role", "plan", "until", "state", "since", "id"];
        let mut table = Table::new(&context.printer, &headings).whole(&[0]);
        for (user, subscription) in &all {
            table.row(vec![
                plain(&user.email),
                plain(user.role.as_str()),
                plain(subscription.plan.as_str()),
                plain(subscription.period_end.map(moment).unwrap_or_default()),
                plain(state(user, subscription)),
                plain(moment(user.created_at)),
                plain(&user.id),
            ]);
        }
        table.render("There are no users yet. Who signs in first becomes admin.")
    })
}

async fn everybody(store: &Store) -> Result<Vec<(User, Subscription)>> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let page = store.users(&after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.id.clone();
        for user in page {
            let subscription = store.subscription(&user.id).await?;
            all.push((user, subscription));
        }
    }
    Ok(all)
}

fn state(user: &User, subscription: &Subscription) -> &'static str {
    match user.disabled {
        true => "disabled",
        false => subscription.status_at(now()).as_str(),
    }
}

fn document(user: &User, s: &Subscription) -> Value {
    json!({
        "id": user.id, "email": user.email, "name": user.name, "role": user.role, "disabled": user.disabled,
        "created_at": user.created_at,
        "subscription": {"plan": s.plan, "status": s.status_at(now()), "period_end": s.period_end},
    })
}

fn sentence(user: &User, s: &Subscription) -> String {
    let until = s
        .period_end
        .map(|end| format!(" until {}", moment(end)))
        .unwrap_or_default();
    format!(
        "{} is {}, with the plan {} ({}{until})",
        safe(&user.email),
        user.role,
        s.plan,
        state(user, s)
    )
}

#[cfg(test)]
mod tests {
    use super::end_of_day;

    #[test]
    fn the_last_day_counts_whole() {
        assert_eq!(end_of_day("1970-01-01").unwrap(), 24 * 3_600_000);
        for wrong in ["", "tomorrow", "2027-02-30", "2027-12-31T00:00:00Z x"] {
            assert!(end_of_day(wrong).is_err(), "{wrong}");
        }
    }
}
