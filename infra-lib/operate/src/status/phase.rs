//! How far a failover is, from the record, the standby group and the last decision.

use failover_core::ReasonKind;
use failover_core::record::Ownership;
use serde::Serialize;

use super::{Decided, Group, Reading};

/// How far a failover is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// There is none.
    #[serde(rename = "peace")]
    Idle,
    /// The standby is raised and not all of its servers are healthy yet.
    Raising,
    /// The standby is raised.
    Raised,
    /// The users go back, or the standby is being put back.
    GoingBack,
    /// Nobody can tell.
    Unknown,
}

/// The rules that bring the users and the sizes back. While the primary is down `Prewarm` only holds its floor.
const BACKWARDS: [ReasonKind; 6] = [
    ReasonKind::Prewarming,
    ReasonKind::OpenLatch,
    ReasonKind::Draining,
    ReasonKind::LowerMin,
    ReasonKind::LowerDesired,
    ReasonKind::Finish,
];

impl Phase {
    /// For people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Idle => "no failover",
            Self::Raising => "raising the standby",
            Self::Raised => "the standby is raised",
            Self::GoingBack => "going back",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn of(
        ownership: Option<Ownership>,
        standby: Option<&Group>,
        decision: Option<&Decided>,
    ) -> Self {
        let (Some(ownership), Some(group)) = (ownership, standby) else {
            return Self::Unknown;
        };
        let raised = match ownership {
            Ownership::Unreadable => return Self::Unknown,
            Ownership::Idle => return Self::Idle,
            Ownership::Ours(raised) => raised,
        };
        if decision.is_some_and(|last| last.at > raised.at && BACKWARDS.contains(&last.reason)) {
            return Self::GoingBack;
        }
        let serving = match group.healthy {
            Reading::Known(healthy) => healthy,
            Reading::Absent | Reading::Unknown(_) => group.in_service,
        };
        if serving < usize::from(raised.target) { Self::Raising } else { Self::Raised }
    }
}
