//! The moments that a drill is measured by, and what follows from them: its phases and how long it took.

use serde::{Deserialize, Serialize};

use failover_words::PHASES;

use super::{Lane, Mark, Phase};

/// A moment that a drill is measured by. Code looks for these, never for the words of a [`Mark`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Milestone {
    /// The recovery begins: the primary dies, its check is inverted, or the standby is raised on purpose.
    Begun,
    /// The checkers agree that the primary is unhealthy.
    Red,
    /// The alarm reads ALARM. A look may have raised the standby before.
    Alarm,
    /// The alarm's event has reached the controller.
    Event,
    /// The controller decides to raise the standby.
    Decided,
    /// The standby group is raised.
    Raised,
    /// The first instance of the standby is launched.
    Launched,
    /// The first instance of the standby serves.
    Booted,
    /// The load balancer sends users to it.
    Healthy,
    /// The name servers answer the standby.
    DnsMoved,
    /// A user gets a page from the standby.
    Served,
    /// The primary returns, or the drill puts back what it changed: the failback begins.
    Returned,
    /// The record of the failover is closed.
    Closed,
    /// The primary dies once more, while us-east-1 answers nothing.
    BegunDark,
    /// A user gets a page from the standby all the same.
    ServedDark,
}

/// The ends of [`PHASES`], in their order, and whose doing each phase is.
const ENDS: [(Milestone, Lane); PHASES.len()] = [
    (Milestone::Red, Lane::Checkers),
    (Milestone::Decided, Lane::Controller),
    (Milestone::Raised, Lane::Controller),
    (Milestone::Launched, Lane::Standby),
    (Milestone::Booted, Lane::Standby),
    (Milestone::Healthy, Lane::Standby),
    (Milestone::DnsMoved, Lane::Dns),
    (Milestone::Served, Lane::Clients),
];

/// When a milestone was first reached. Units: seconds since the drill's clock started.
#[must_use]
pub fn reached(marks: &[Mark], milestone: Milestone) -> Option<f64> {
    reached_since(marks, milestone, 0.0)
}

/// What a milestone means for the recovery began with it: whatever was like that before does not count.
fn reached_since(marks: &[Mark], milestone: Milestone, since: f64) -> Option<f64> {
    let all = marks.iter().filter(|mark| mark.milestone == Some(milestone));
    all.map(|mark| mark.at_seconds).filter(|at| *at >= since).min_by(f64::total_cmp)
}

/// From one milestone to another. Units: seconds. `None` unless both were reached.
#[must_use]
pub fn between(marks: &[Mark], from: Milestone, to: Milestone) -> Option<f64> {
    let begun = reached(marks, from)?;
    Some(reached_since(marks, to, begun)? - begun)
}

/// The phases whose beginning and end were both seen. One that ended before the one before it took no time.
#[must_use]
pub fn phases(marks: &[Mark]) -> Vec<Phase> {
    let Some(begun) = reached(marks, Milestone::Begun) else { return Vec::new() };
    let mut from = Some(begun);
    let mut phases = Vec::new();
    for (name, (milestone, lane)) in PHASES.into_iter().zip(ENDS) {
        let to =
            reached_since(marks, milestone, begun).map(|to| from.map_or(to, |from| to.max(from)));
        if let (Some(from_seconds), Some(to_seconds)) = (from, to) {
            phases.push(Phase { name: name.to_owned(), lane, from_seconds, to_seconds });
        }
        from = to;
    }
    phases
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Condition;

    fn mark(at_seconds: f64, milestone: Milestone) -> Mark {
        Mark {
            at_seconds,
            act_seconds: 0.0,
            starts_act: false,
            lane: Lane::Primary,
            condition: Condition::Same,
            what: String::new(),
            milestone: Some(milestone),
        }
    }

    #[test]
    fn a_phase_is_known_only_if_both_its_ends_were_seen() {
        assert_eq!(phases(&[]), []);
        let marks = [
            mark(1.0, Milestone::Begun),
            mark(4.0, Milestone::Red),
            mark(6.0, Milestone::Alarm),
            mark(9.0, Milestone::Raised),
            mark(8.0, Milestone::Launched),
        ];
        let seen = phases(&marks);
        let seen: Vec<_> = seen.iter().map(|one| (one.name.as_str(), one.seconds())).collect();
        // The decision was not seen, and so neither how long the controller took after it. The alarm is not on the way.
        assert_eq!(seen, [("health check turns red", 3.0), ("launch", 0.0)]);
    }

    #[test]
    fn the_first_time_counts() {
        let again = [mark(9.0, Milestone::Served), mark(7.0, Milestone::Served)];
        assert_eq!(reached(&again, Milestone::Served), Some(7.0));
        let begun = [mark(2.0, Milestone::Begun), again[0].clone(), again[1].clone()];
        assert_eq!(between(&begun, Milestone::Begun, Milestone::Served), Some(5.0));
        assert_eq!(between(&again, Milestone::Begun, Milestone::Served), None);
    }
}
