//! What a user's plan still allows, decided in the transaction that makes the bot.

use super::engine::{Tx, params};
use crate::error::{Error, Kind, Result};
use crate::model::{Limits, Millis, ModelSpend, Plans, Subscription};

/// What a new bot would take up.
#[derive(Debug, Clone, Default)]
pub struct Demand {
    /// The server's memory in MiB, if it is known which server.
    pub memory_mb: Option<i64>,
    /// The provider's region, if one is named.
    pub region: Option<String>,
    /// The model, as `provider/model`.
    pub model: String,
}

impl Tx {
    /// Makes sure that a user may have one bot more, and holds the user until the commit, so
    /// that two at once cannot both have the last one. The size and the region of a server that
    /// is already decided on are looked at too.
    ///
    /// # Errors
    /// `quota` if the plan is over or does not allow it; `refused` if the user is disabled.
    pub async fn demand_quota(&mut self, user_id: &str, plans: &Plans, demand: &Demand, at: Millis) -> Result<()> {
        let subscription = self.demand_plan(user_id, plans, demand, at).await?;
        let limits = plans.of(subscription.plan);
        let bots = self.count_bots(user_id).await?;
        if bots >= limits.max_bots {
            let what = format!(
                "the {} plan allows {}, and there are {bots}",
                subscription.plan,
                many(limits.max_bots)
            );
            return Err(Error::new(Kind::Quota, what).hint("destroy one, or take a larger plan"));
        }
        Ok(())
    }

    /// Makes sure that a user's plan is not over and allows what is asked for, whatever the
    /// number of bots; holds the user until the commit.
    ///
    /// # Errors
    /// As [`Tx::demand_quota`].
    pub async fn demand_plan(
        &mut self,
        user_id: &str,
        plans: &Plans,
        demand: &Demand,
        at: Millis,
    ) -> Result<Subscription> {
        let user = self.user(user_id).await?;
        if user.disabled {
            return Err(Error::new(Kind::Auth, "this user is disabled").hint("ask an admin of the control server"));
        }
        let subscription = self.subscription(user_id).await?;
        if !subscription.may_deploy(at) {
            return Err(Error::new(
                Kind::Quota,
                "the subscription is over, so nothing new can be deployed; bots that run go on",
            )
            .hint("renew it, then deploy again"));
        }
        fits(&subscription, plans.of(subscription.plan), demand)?;
        Ok(subscription)
    }

    /// How many bots of a user are not destroyed.
    pub async fn count_bots(&mut self, user_id: &str) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM bots WHERE user_id = $1 AND status <> 'destroyed'";
        let rows = self.query(sql, params![user_id]).await?;
        rows.first().map_or(Ok(0), |r| r.int(0))
    }
}

fn many(bots: i64) -> String {
    match bots {
        1 => "1 bot".to_owned(),
        n => format!("{n} bots"),
    }
}

fn fits(subscription: &Subscription, limits: &Limits, demand: &Demand) -> Result<()> {
    let no = |what: String, hint: String| Err(Error::new(Kind::Quota, what).hint(hint));
    let plan = subscription.plan;
    if let Some(memory) = demand.memory_mb.filter(|&m| m > limits.max_memory_mb) {
        let most = limits.max_memory_mb;
        return no(
            format!("the {plan} plan allows servers of up to {most} MiB of memory, and this one has {memory}"),
            "choose a smaller size, or take a larger plan".into(),
        );
    }
    if let (Some(region), Some(allowed)) = (&demand.region, &limits.regions)
        && !allowed.contains(region)
    {
        return no(
            format!("the {plan} plan does not allow the region {region:?}"),
            format!("choose one of {}", allowed.join(", ")),
        );
    }
    if ModelSpend::of(&demand.model) > limits.models {
        return no(
            format!(
                "the {plan} plan allows small models only, and {} is not one",
                demand.model
            ),
            "choose claude-haiku or gemini-flash, or take a larger plan".into(),
        );
    }
    Ok(())
}
