//! Route 53's failover table, and nothing else: pure, so that it can be read and tested whole.

use serde::Serialize;

use site::model::Role;

/// What Route 53 holds of an endpoint, a target group or a whole record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// It may be answered.
    Healthy,
    /// It is answered only when nothing else can be.
    Unhealthy,
}

impl From<bool> for Health {
    fn from(healthy: bool) -> Self {
        if healthy { Self::Healthy } else { Self::Unhealthy }
    }
}

/// The verdict of a calculated check that needs all its children: the primary's gate, over its endpoint and the latch.
#[must_use]
pub fn all(children: impl IntoIterator<Item = Health>) -> Health {
    Health::from(children.into_iter().all(|child| child == Health::Healthy))
}

/// The two things that an alias record with a health check and `EvaluateTargetHealth` depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RecordHealth {
    /// The verdict of the record's own health check, calculated or not.
    pub check: Health,
    /// `EvaluateTargetHealth`: healthy if the load balancer has at least one healthy target, so never while it has none.
    pub targets: Health,
}

impl RecordHealth {
    /// A record whose check is new, which Route 53 takes as healthy, in front of a load balancer without targets.
    pub const NEW: Self = Self { check: Health::Healthy, targets: Health::Unhealthy };

    /// Healthy only if both parts are.
    /// Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-complex-configs.html>
    #[must_use]
    pub fn health(self) -> Health {
        Health::from(self.check == Health::Healthy && self.targets == Health::Healthy)
    }
}

/// Which record Route 53 answers, for two alias records that both have a health check and evaluate their targets.
///
/// With both unhealthy it answers the primary: "if no record is healthy, all are".
/// Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html>
#[must_use]
pub fn failover_answer(primary: Health, standby: Health) -> Role {
    match (primary, standby) {
        (Health::Healthy, Health::Healthy | Health::Unhealthy)
        | (Health::Unhealthy, Health::Unhealthy) => Role::Primary,
        (Health::Unhealthy, Health::Healthy) => Role::Standby,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: the whole table. Method: every row.
    #[test]
    fn the_failover_table_is_route_53s() {
        use Health::{Healthy, Unhealthy};
        let table = [
            (Healthy, Healthy, Role::Primary),
            (Healthy, Unhealthy, Role::Primary),
            (Unhealthy, Healthy, Role::Standby),
            (Unhealthy, Unhealthy, Role::Primary),
        ];
        for (primary, standby, answer) in table {
            assert_eq!(failover_answer(primary, standby), answer, "{primary:?} {standby:?}");
        }
    }

    /// Goal: a gate opens only when all its checks are healthy. Method: every combination of two, and one alone.
    #[test]
    fn a_gate_needs_every_check() {
        for endpoint in [true, false] {
            assert_eq!(all([endpoint.into()]), Health::from(endpoint));
            for latch in [true, false] {
                assert_eq!(all([endpoint.into(), latch.into()]), Health::from(endpoint && latch));
            }
        }
    }

    /// Goal: a record needs its check and its targets. Method: every combination.
    #[test]
    fn a_record_is_healthy_only_with_check_and_targets() {
        for check in [true, false] {
            for targets in [true, false] {
                let record = RecordHealth { check: check.into(), targets: targets.into() };
                assert_eq!(record.health(), Health::from(check && targets));
            }
        }
        assert_eq!(RecordHealth::NEW.health(), Health::Unhealthy);
    }
}
