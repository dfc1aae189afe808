//! The lines: from where to where, and what goes along them.

use failover_core::policy::Routing;
use serde::Serialize;

use super::NodeId;
use site::config::Config;
use strum::IntoStaticStr;

/// A line of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// Where it begins.
    pub from: NodeId,
    /// Where its arrow points.
    pub to: NodeId,
    /// What goes along it.
    pub kind: EdgeKind,
}

/// What goes along a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum EdgeKind {
    /// Users, while the primary serves.
    Users,
    /// Users, while the standby serves.
    Detour,
    /// The steps of a failover.
    Step,
    /// What one thing knows from another.
    Signal,
}

impl EdgeKind {
    /// Every kind, in the order of the key.
    pub const ALL: [Self; 4] = [Self::Users, Self::Detour, Self::Step, Self::Signal];

    /// The class that the style sheet and Mermaid know it by.
    #[must_use]
    pub fn class(self) -> &'static str {
        self.into()
    }

    /// What the key says of it.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Users => "users, while the primary serves",
            Self::Detour => "users, while the standby serves",
            Self::Step => "the steps of a failover",
            Self::Signal => "what one thing knows from another",
        }
    }
}

/// The lines of every site. A check asks the load balancer, but what counts is what it learns: so the arrows of a failover follow
/// each other from the primary's load balancer to the standby's record.
const ALWAYS: [(NodeId, NodeId, EdgeKind); 12] = [
    (NodeId::PrimaryRecord, NodeId::PrimaryBalancer, EdgeKind::Users),
    (NodeId::StandbyRecord, NodeId::StandbyBalancer, EdgeKind::Detour),
    (NodeId::PrimaryBalancer, NodeId::PrimaryCheck, EdgeKind::Step),
    (NodeId::PrimaryCheck, NodeId::Alarm, EdgeKind::Step),
    (NodeId::Alarm, NodeId::Topic, EdgeKind::Step),
    (NodeId::Topic, NodeId::Controller, EdgeKind::Step),
    (NodeId::Controller, NodeId::StandbyGroup, EdgeKind::Step),
    (NodeId::StandbyBalancer, NodeId::StandbyCheck, EdgeKind::Step),
    (NodeId::StandbyCheck, NodeId::StandbyRecord, EdgeKind::Step),
    (NodeId::Tick, NodeId::Controller, EdgeKind::Signal),
    (NodeId::PrimaryBalancer, NodeId::PrimaryGroup, EdgeKind::Users),
    (NodeId::StandbyBalancer, NodeId::StandbyGroup, EdgeKind::Detour),
];

/// From the users to the name that the records answer.
const DIRECT: [(NodeId, NodeId, EdgeKind); 1] = [(NodeId::Users, NodeId::Name, EdgeKind::Users)];
const BY_EDGE: [(NodeId, NodeId, EdgeKind); 2] =
    [(NodeId::Users, NodeId::Edge, EdgeKind::Users), (NodeId::Edge, NodeId::Name, EdgeKind::Users)];

/// From the controller's word to the primary's record.
const LATCHED: [(NodeId, NodeId, EdgeKind); 5] = [
    (NodeId::Controller, NodeId::Latch, EdgeKind::Signal),
    (NodeId::Latch, NodeId::LatchCheck, EdgeKind::Signal),
    (NodeId::LatchCheck, NodeId::Gate, EdgeKind::Signal),
    (NodeId::PrimaryCheck, NodeId::Gate, EdgeKind::Signal),
    (NodeId::Gate, NodeId::PrimaryRecord, EdgeKind::Signal),
];

/// Without a latch the record carries the primary's own check.
const UNLATCHED: [(NodeId, NodeId, EdgeKind); 1] =
    [(NodeId::PrimaryCheck, NodeId::PrimaryRecord, EdgeKind::Signal)];

pub(super) fn edges(config: &Config) -> Vec<Edge> {
    let policy = &config.policy;
    let users: &[_] = if config.edge.is_some() { &BY_EDGE } else { &DIRECT };
    let rest: &[_] = if policy.latch() { &LATCHED } else { &UNLATCHED };
    let both = policy.routing() == Routing::ActiveActive;
    let kind = |kind| if both && kind == EdgeKind::Detour { EdgeKind::Users } else { kind };
    let edges = users.iter().chain(&ALWAYS).chain(rest);
    edges.map(|&(from, to, usual)| Edge { from, to, kind: kind(usual) }).collect()
}
