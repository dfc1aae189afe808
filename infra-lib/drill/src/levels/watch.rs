//! What changes at a deployed site while a drill looks at it, as marks of its timeline.

use std::time::Instant;

use failover_core::observation::{AlarmState, Answer};

use operate::status::{Reading, Side, Status};
use operate::steer::{Step, merged, steps};
use site::model::Role;

use crate::journal::{Capacity, Condition, Lane, Milestone};
use crate::timeline::{Event, Timeline};

/// The last look. What could not be read then is as it was before.
#[derive(Debug, Default)]
pub(super) struct Watch(Option<Status>);

impl Watch {
    /// Notes what changed since the last look.
    pub(super) fn look(&mut self, timeline: &mut Timeline, status: Status) {
        let now = Instant::now();
        for side in [&status.primary, &status.standby] {
            if let Some(entry) = capacity(timeline.seconds(now), side) {
                timeline.capacity(entry);
            }
        }
        self.0 = Some(match self.0.take() {
            None => status,
            Some(last) => {
                for step in steps(&last, &status) {
                    timeline.mark(now, event(&step));
                }
                merged(last, status)
            }
        });
    }
}

fn capacity(at_seconds: f64, side: &Side) -> Option<Capacity> {
    let Reading::Known(group) = &side.group else { return None };
    let count = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    Some(Capacity {
        at_seconds,
        region: side.region.to_string(),
        asked: group.sizes.desired,
        in_service: count(group.in_service),
        healthy: count(group.healthy.known().copied().unwrap_or_default()),
    })
}

/// Whose doing a step is, what it means for them, and whether it is measured.
fn event(step: &Step) -> Event {
    let (lane, condition, milestone) = match step {
        Step::Alarm(AlarmState::Alarm) => (Lane::Alarm, Condition::Bad, Some(Milestone::Alarm)),
        Step::Alarm(AlarmState::Ok) => (Lane::Alarm, Condition::Good, None),
        Step::Alarm(AlarmState::Insufficient) => (Lane::Alarm, Condition::Same, None),
        Step::Sizes { role: Role::Primary, .. }
        | Step::InService { role: Role::Primary, .. }
        | Step::Healthy { role: Role::Primary, .. } => (Lane::Primary, Condition::Same, None),
        Step::Healthy { role: Role::Standby, count: 1.., .. } => {
            (Lane::Standby, Condition::Busy, Some(Milestone::Healthy))
        }
        Step::Sizes { role: Role::Standby, .. }
        | Step::InService { role: Role::Standby, .. }
        | Step::Healthy { role: Role::Standby, .. } => (Lane::Standby, Condition::Busy, None),
        Step::Names(Answer::Standby) => (Lane::Dns, Condition::Busy, Some(Milestone::DnsMoved)),
        Step::Names(Answer::Primary) => (Lane::Dns, Condition::Good, None),
        Step::Names(Answer::Mixed) => (Lane::Dns, Condition::Same, None),
        Step::Decided { .. }
        | Step::Failed(_)
        | Step::Latch(_)
        | Step::Closed
        | Step::SignIn(_) => (Lane::Controller, Condition::Same, None),
    };
    Event::new(lane, condition, step.to_string()).at(milestone)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: a live drill measures the same moments whatever their sentences are. Method: the steps of a failover.
    #[test]
    fn the_steps_of_a_failover_are_its_milestones() {
        let healthy = |count| Step::Healthy { role: Role::Standby, count, asked: 2 };
        let steps = [
            Step::Alarm(AlarmState::Alarm),
            healthy(0),
            healthy(1),
            Step::Names(Answer::Standby),
            Step::Names(Answer::Primary),
        ];
        let milestones: Vec<_> = steps.iter().map(|step| event(step).milestone).collect();
        let moved = Some(Milestone::DnsMoved);
        let seen = [Some(Milestone::Alarm), None, Some(Milestone::Healthy), moved, None];
        assert_eq!(milestones, seen);
    }
}
