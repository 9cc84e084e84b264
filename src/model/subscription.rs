//! A user's plan, and what each plan allows.

use super::{Millis, words};

/// What can be subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Plan {
    /// One small bot.
    Starter,
    /// Some bots of any usual size.
    Pro,
    /// Many bots of any size.
    Enterprise,
}

words!(Plan { Starter = "starter", Pro = "pro", Enterprise = "enterprise" });

/// Where a subscription is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubscriptionStatus {
    /// Good, until its period ends if it has an end.
    Active,
    /// Will not be renewed; good until its period ends.
    Cancelled,
    /// Over.
    Expired,
}

words!(SubscriptionStatus { Active = "active", Cancelled = "cancelled", Expired = "expired" });

/// A user's plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// What is subscribed to.
    pub plan: Plan,
    /// As it was set; see [`Subscription::status_at`].
    pub status: SubscriptionStatus,
    /// When what is paid for ends; none has no end.
    pub period_end: Option<Millis>,
    /// When the record last changed.
    pub updated_at: Millis,
}

impl Subscription {
    /// What a new user has.
    pub fn first(at: Millis) -> Subscription {
        Subscription {
            plan: Plan::Starter,
            status: SubscriptionStatus::Active,
            period_end: None,
            updated_at: at,
        }
    }

    /// The status at a moment: over once its period is.
    pub fn status_at(&self, at: Millis) -> SubscriptionStatus {
        match self.period_end {
            Some(end) if end <= at => SubscriptionStatus::Expired,
            // Cancelled with nothing paid for any more.
            None if self.status == SubscriptionStatus::Cancelled => SubscriptionStatus::Expired,
            _ => self.status,
        }
    }

    /// Whether new bots may be deployed with it. Those that run are never touched.
    pub fn may_deploy(&self, at: Millis) -> bool {
        self.status_at(at) != SubscriptionStatus::Expired
    }
}

/// Whose credentials are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Payer {
    /// The user's own, sealed for them.
    User,
    /// The control server's.
    Operator,
}

words!(Payer { User = "user", Operator = "operator" });

/// What a model costs, roughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModelSpend {
    /// The small models: `haiku`, `flash`, `mini`, `nano`, `lite`.
    Small,
    /// Every model.
    Any,
}

words!(ModelSpend { Small = "small", Any = "any" });

impl ModelSpend {
    /// What a model (`provider/model`) belongs to. An unknown one counts as dear.
    pub fn of(model: &str) -> ModelSpend {
        const SMALL: [&str; 5] = ["haiku", "flash", "mini", "nano", "lite"];
        let name = model.rsplit('/').next().unwrap_or(model);
        match name.split(['-', '.', '_', ':']).any(|part| SMALL.contains(&part)) {
            true => ModelSpend::Small,
            false => ModelSpend::Any,
        }
    }
}

/// What a plan allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How many bots that are not destroyed.
    pub max_bots: i64,
    /// The largest server, by memory in MiB.
    pub max_memory_mb: i64,
    /// Only these regions of the providers; none is any.
    pub regions: Option<Vec<String>>,
    /// The dearest models.
    pub models: ModelSpend,
    /// Whose cloud tokens rent the servers.
    pub cloud_tokens: Payer,
    /// Whose keys the models are paid with.
    pub model_keys: Payer,
}

/// The limits of each plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plans {
    /// Of [`Plan::Starter`].
    pub starter: Limits,
    /// Of [`Plan::Pro`].
    pub pro: Limits,
    /// Of [`Plan::Enterprise`].
    pub enterprise: Limits,
}

impl Plan {
    /// The limits that count unless the settings say otherwise.
    pub fn limits(self) -> Limits {
        let own = |max_bots, max_memory_mb| Limits {
            max_bots,
            max_memory_mb,
            regions: None,
            // With their own keys, what users spend is their own affair.
            models: ModelSpend::Any,
            cloud_tokens: Payer::User,
            model_keys: Payer::User,
        };
        match self {
            Plan::Starter => own(1, 4_096),
            Plan::Pro => own(10, 16_384),
            Plan::Enterprise => own(1_000, 1_048_576),
        }
    }
}

impl Default for Plans {
    fn default() -> Self {
        Plans {
            starter: Plan::Starter.limits(),
            pro: Plan::Pro.limits(),
            enterprise: Plan::Enterprise.limits(),
        }
    }
}

impl Plans {
    /// The limits of one.
    pub fn of(&self, plan: Plan) -> &Limits {
        match plan {
            Plan::Starter => &self.starter,
            Plan::Pro => &self.pro,
            Plan::Enterprise => &self.enterprise,
        }
    }

    /// The same, to change them.
    pub fn of_mut(&mut self, plan: Plan) -> &mut Limits {
        match plan {
            Plan::Starter => &mut self.starter,
            Plan::Pro => &mut self.pro,
            Plan::Enterprise => &mut self.enterprise,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SubscriptionStatus::{Active, Cancelled, Expired};
    use super::*;

    #[test]
    fn a_subscription_is_over_when_its_period_is() {
        let with = |status, period_end| Subscription {
            status,
            period_end,
            ..Subscription::first(0)
        };
        for (status, period_end, at_9, at_10) in [
            (Active, None, Active, Active),
            (Active, Some(10), Active, Expired),
            (Cancelled, Some(10), Cancelled, Expired),
            (Cancelled, None, Expired, Expired),
            (Expired, Some(20), Expired, Expired),
        ] {
            let s = with(status, period_end);
            assert_eq!((s.status_at(9), s.status_at(10)), (at_9, at_10), "{s:?}");
            assert_eq!(s.may_deploy(9), at_9 != Expired);
        }
    }

    #[test]
    fn a_model_is_small_by_its_name_and_dear_if_unknown() {
        for small in [
            "anthropic/claude-haiku-4-5",
            "google/gemini-3.7-flash",
            "openai/gpt-5.5-mini",
        ] {
            assert_eq!(ModelSpend::of(small), ModelSpend::Small, "{small}");
        }
        for dear in [
            "anthropic/claude-opus-5",
            "google/gemini-3.1-pro-preview",
            "x/minimal",
            "x",
        ] {
            assert_eq!(ModelSpend::of(dear), ModelSpend::Any, "{dear}");
        }
    }
}
