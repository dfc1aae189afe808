//! The four ways to keep a standby, for the same site.

use std::fmt;

use failover_core::Policy;
use failover_core::policy::{CAPACITY_LIMIT, Floor, Routing};
use serde::{Serialize, Serializer};

use site::config::{Config, with_settings};
use site::model::Site;

use super::money::Money;

/// A way to keep a standby.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Nothing runs in the standby.
    PilotLight,
    /// So many instances always run in the standby.
    Warm(u16),
    /// As many run as a raise would ask for.
    Hot,
    /// Both regions serve, and each can carry everything.
    ActiveActive,
}

/// What a strategy costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StrategyCost {
    /// Which.
    pub strategy: Strategy,
    /// Whether the site file asks for it.
    pub configured: bool,
    /// Instances that always run in the primary.
    pub primary: u16,
    /// Instances that always run in the standby.
    pub standby: u16,
    /// A month of it.
    pub monthly: Money,
    /// What it costs more than a pilot light.
    pub over_pilot_light: Money,
}

/// Whether the most instances of a raise grow with a primary that is larger than the configured one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cap {
    /// As configured.
    Kept,
    /// As whoever lets the primary grow would set it.
    Grown,
}

impl Strategy {
    /// The one that a policy asks for.
    #[must_use]
    pub const fn of(policy: &Policy) -> Self {
        match (policy.routing(), policy.floor()) {
            (Routing::ActiveActive, _) => Self::ActiveActive,
            (Routing::Failover, Floor::Match) => Self::Hot,
            (Routing::Failover, Floor::Fixed(0)) => Self::PilotLight,
            (Routing::Failover, Floor::Fixed(instances)) => Self::Warm(instances),
        }
    }

    /// The warm standby to compare with: the configured one, or one instance.
    #[must_use]
    pub const fn warm(policy: &Policy) -> Self {
        match Self::of(policy) {
            Self::Warm(instances) => Self::Warm(instances),
            Self::PilotLight | Self::Hot | Self::ActiveActive => Self::Warm(1),
        }
    }

    /// The same site with this strategy and so many instances in the primary.
    ///
    /// # Panics
    /// Never: a floor of one instance or of `match` fits every policy, and the rest was checked before.
    pub(super) fn applied(self, site: &Site, primary: u16, cap: Cap) -> Site {
        let config = &site.config;
        let policy = self.policy(&config.policy, primary, cap);
        let mut web = config.web.clone();
        web.primary_min = match self {
            Self::PilotLight | Self::Warm(_) | Self::Hot => primary,
            // Each region must carry everything, so the primary is at least what a raise would ask for.
            Self::ActiveActive => primary.max(policy.target(None)),
        };
        web.primary_max = web.primary_max.max(web.primary_min);
        let mut applied = Site::new(Config { web, policy, ..config.clone() });
        for (stack, own) in applied.stacks.iter_mut().zip(&site.stacks) {
            (stack.template, stack.region) = (own.template.clone(), own.region.clone());
        }
        applied
    }

    fn policy(self, policy: &Policy, primary: u16, cap: Cap) -> Policy {
        let given = policy.settings();
        let peak_hint = given.iter().find(|(setting, _)| setting.name == "peak_hint");
        let peak_hint = peak_hint.and_then(|(_, text)| text.parse::<u16>().ok());
        let peak = primary.max(peak_hint.unwrap_or_default()).min(CAPACITY_LIMIT);
        let capacity_max = match cap {
            Cap::Kept => policy.capacity_max(),
            Cap::Grown => policy.capacity_max().max(policy.wanted(Some(peak)).min(CAPACITY_LIMIT)),
        };
        let (routing, floor) = match self {
            Self::PilotLight => ("failover", "0".to_owned()),
            Self::Warm(instances) => ("failover", instances.to_string()),
            Self::Hot => ("failover", "match".to_owned()),
            Self::ActiveActive => ("active-active", "match".to_owned()),
        };
        let changed = with_settings(policy, |name| {
            Some(match name {
                "routing" => routing.to_owned(),
                "floor" => floor.clone(),
                "peak_hint" => peak.to_string(),
                "capacity_max" => capacity_max.to_string(),
                // Both regions serve: there is nothing to keep users on.
                "latch" if self == Self::ActiveActive => "off".to_owned(),
                _ => return None,
            })
        });
        changed.expect("a checked policy with another floor is one too")
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PilotLight => f.pad("pilot light"),
            Self::Warm(instances) => f.pad(&format!("warm, floor {instances}")),
            Self::Hot => f.pad("hot"),
            Self::ActiveActive => f.pad("active-active"),
        }
    }
}

impl Serialize for Strategy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
