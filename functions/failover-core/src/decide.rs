//! The rules, first match wins. The only place that turns readings into writes.

mod notice;
mod rules;
mod situation;

use crate::decision::{Decision, Effect, Reason};
use crate::observation::{Known, Mode, Observation};
use crate::policy::Policy;
use crate::record::Ownership;
use crate::signal::Signal;
use crate::time::Timestamp;

use self::situation::Situation;

/// Decides what to do with both groups.
///
/// Total: whatever is unknown is a value of `observation`, and every outcome is a [`Reason`]. The same inputs give the same
/// decision; `signal` matters only while the alarm cannot be read, and then only towards raising.
#[must_use]
pub fn decide(
    policy: &Policy,
    signal: &Signal,
    observation: &Observation,
    now: Timestamp,
) -> Decision {
    let mode = observation.mode();
    let live = match observation.standby {
        Known::Known(live) => live,
        Known::Unknown(why) => return Decision::hold(Reason::StandbyUnreadable { why }),
    };
    if mode == Known::Known(Mode::Frozen) {
        return Decision::hold(Reason::Frozen);
    }
    let situation = Situation::new(policy, signal, observation, live, now);
    let mut decision = match (situation.down(), situation.ownership()) {
        (Some(why), _) => rules::raise(&situation, why),
        (None, Ownership::Ours(raised)) => rules::fail_back(&situation, mode, &raised),
        (None, Ownership::Unreadable) => Decision::hold(Reason::RecordUnreadable),
        (None, Ownership::Idle) => rules::rest(&situation),
    };
    decision.notice = notice::of(&situation, &decision);
    if mode == Known::Known(Mode::Observe) || *signal == Signal::Rehearsal {
        decision.effect = Effect::Report;
    }
    // INVARIANT S9, S6: where a lowering is made; the shell asserts it again where it is carried out.
    assert!(
        !decision.standby.is_some_and(|write| write.lowers())
            || matches!(situation.ownership(), Ownership::Ours(_)),
        "only what we raised is lowered"
    );
    decision
}

#[cfg(test)]
mod tests;
