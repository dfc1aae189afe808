//! The settings' values as the site file spells them.

use super::{Failback, Floor, Routing};

impl Routing {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Failover => "failover",
            Self::ActiveActive => "active-active",
        }
    }
}

impl Failback {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Approve => "approve",
            Self::Manual => "manual",
        }
    }
}

impl Floor {
    pub(super) fn text(self) -> String {
        match self {
            Self::Fixed(instances) => instances.to_string(),
            Self::Match => "match".to_owned(),
        }
    }
}
