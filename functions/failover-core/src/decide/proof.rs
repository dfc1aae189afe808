//! proven(H): the evidence without which nothing is lowered.

use std::time::Duration;

use crate::decision::{Decision, Proof, Reason};
use crate::observation::{AlarmState, Known, Probe, Verdict, Why};
use crate::time::age;

use super::situation::{LATE_PERIODS, Situation};

/// `Ok` if the primary is proven up for the hold-down, else what is missing and how long at least.
pub(super) fn proven(situation: &Situation<'_>) -> Result<(), (Proof, Duration)> {
    let hold_down = situation.hold_down();
    let observation = situation.observation;
    let Known::Known(alarm) = observation.alarm else {
        return Err((Proof::Alarm, hold_down));
    };
    if alarm.state != AlarmState::Ok {
        return Err((Proof::Alarm, hold_down));
    }
    let points = match observation.datapoints.known() {
        Some(points) if !situation.blind() => points,
        Some(_) | None => return Err((Proof::Sight, hold_down)),
    };
    let left = |proof, proven: Duration| match hold_down.checked_sub(proven) {
        None | Some(Duration::ZERO) => Ok(()),
        Some(left) => Err((proof, left)),
    };
    left(Proof::Age, age(situation.now, alarm.transitioned_at))?;
    left(Proof::Datapoints, points.healthy_for())?;
    if !situation.within(points, LATE_PERIODS) {
        return Err((Proof::Datapoints, points.period));
    }
    if observation.probe != Known::Known(Probe::Up) {
        return Err((Proof::Probe, situation.policy.tick()));
    }
    // A site that names no servers for it has the alarm alone, as before.
    if !matches!(
        observation.verdict,
        Known::Known(Verdict::Healthy) | Known::Unknown(Why::NotAsked)
    ) {
        return Err((Proof::Verdict, situation.policy.tick()));
    }
    Ok(())
}

/// Holds while it is not proven.
pub(super) fn proving((missing, left): (Proof, Duration)) -> Decision {
    Decision::hold(Reason::Proving { left_seconds: left.as_secs(), missing })
}
