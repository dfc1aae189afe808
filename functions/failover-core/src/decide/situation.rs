//! The readings of one invocation, condensed to the words that the rules use.

use std::time::Duration;

use crate::decision::Proof;
use crate::observation::{
    AlarmState, AlarmView, Datapoints, Evaluation, Group, Known, Observation, Probe,
};
use crate::policy::Policy;
use crate::record::{Cause, Ownership, Record};
use crate::signal::{Claim, Signal};
use crate::time::{Timestamp, age};

/// Datapoints older than this many periods prove nothing: a minute plus the usual 15 s, with room for one that is late.
const LATE_PERIODS: u32 = 4;
/// A newest datapoint older than this means that the detector is blind: CloudWatch's evaluation range.
const BLIND_PERIODS: u32 = 5;

pub(super) struct Situation<'a> {
    pub(super) policy: &'a Policy,
    pub(super) signal: &'a Signal,
    pub(super) observation: &'a Observation,
    /// The standby group.
    pub(super) live: Group,
    /// Whole seconds, as the registers hold.
    pub(super) now: Timestamp,
}

impl<'a> Situation<'a> {
    pub(super) fn new(
        policy: &'a Policy,
        signal: &'a Signal,
        observation: &'a Observation,
        live: Group,
        now: Timestamp,
    ) -> Self {
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Self { policy, signal, observation, live, now }
    }

    pub(super) fn record(&self) -> Option<&'a Record> {
        self.observation.record.known()
    }

    pub(super) fn ownership(&self) -> Ownership {
        self.record().map_or(Ownership::Unreadable, Record::ownership)
    }

    /// T: instances that the standby needs to carry the load.
    pub(super) fn target(&self) -> u16 {
        let peak = self.record().and_then(|record| record.peak.held());
        self.policy.target(peak.and_then(crate::record::Peak::max))
    }

    /// The first evidence that the primary is down.
    pub(super) fn down(&self) -> Option<Cause> {
        let observation = self.observation;
        match observation.alarm {
            Known::Known(AlarmView { state: AlarmState::Alarm, .. }) => return Some(Cause::Alarm),
            Known::Unknown(_) if self.fresh_claim() => return Some(Cause::Claim),
            Known::Known(_) | Known::Unknown(_) => {}
        }
        let points = observation.datapoints.known()?;
        (points.newest_two_zero && self.within(points, BLIND_PERIODS)).then_some(Cause::Datapoints)
    }

    /// D6: an event not older than 15 ticks says ALARM.
    fn fresh_claim(&self) -> bool {
        match self.signal {
            Signal::Alarm(Claim { state: AlarmState::Alarm, at }) => {
                age(self.now, *at) <= self.policy.claim_age_max()
            }
            Signal::Alarm(_) | Signal::Tick | Signal::Rehearsal | Signal::Unreadable { .. } => {
                false
            }
        }
    }

    fn within(&self, points: &Datapoints, periods: u32) -> bool {
        age(self.now, points.newest) <= points.period * periods
    }

    /// The detector does not see: its silence proves nothing.
    pub(super) fn blind(&self) -> bool {
        let alarm_blind = match self.observation.alarm {
            Known::Known(view) => {
                view.state == AlarmState::Insufficient || view.evaluation == Evaluation::Failing
            }
            Known::Unknown(_) => true,
        };
        alarm_blind
            || self
                .observation
                .datapoints
                .known()
                .is_none_or(|points| !self.within(points, BLIND_PERIODS))
    }

    /// proven(H): `Ok` if the primary is proven up for the hold-down, else what is missing and how long at least.
    pub(super) fn proven(&self) -> Result<(), (Proof, Duration)> {
        let hold_down = self.policy.hold_down();
        let Known::Known(alarm) = self.observation.alarm else {
            return Err((Proof::Alarm, hold_down));
        };
        if alarm.state != AlarmState::Ok {
            return Err((Proof::Alarm, hold_down));
        }
        if self.blind() {
            return Err((Proof::Sight, hold_down));
        }
        let Some(points) = self.observation.datapoints.known() else {
            return Err((Proof::Sight, hold_down));
        };
        let left = |proof, proven: Duration| match hold_down.checked_sub(proven) {
            None | Some(Duration::ZERO) => Ok(()),
            Some(left) => Err((proof, left)),
        };
        left(Proof::Age, age(self.now, alarm.transitioned_at))?;
        left(Proof::Datapoints, points.healthy_for())?;
        if !self.within(points, LATE_PERIODS) {
            return Err((Proof::Datapoints, points.period));
        }
        if self.observation.probe != Known::Known(Probe::Up) {
            return Err((Proof::Probe, self.policy.tick()));
        }
        Ok(())
    }

    /// The alarm has been OK for so long that what is live now is the normal state.
    pub(super) fn at_peace(&self) -> bool {
        match self.observation.alarm {
            Known::Known(view) => {
                view.state == AlarmState::Ok
                    && age(self.now, view.transitioned_at) >= self.policy.peace()
            }
            Known::Unknown(_) => false,
        }
    }
}
