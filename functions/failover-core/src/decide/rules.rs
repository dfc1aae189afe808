//! Rules 2 to 5: raise, fail back, rest.

use crate::decision::{Decision, Reason, StandbyWrite};
use crate::observation::{Answer, Known, Mode};
use crate::record::{
    Base, Cause, Drain, History, Ownership, Peak, Raised, Record, Register, Sizes, Slot,
};
use crate::signal::Signal;
use crate::time::{Timestamp, after, age};

use super::situation::Situation;

/// Rule 2: the primary is down. Raising is cheap and reversible: no guard but the target itself.
pub(super) fn raise(situation: &Situation<'_>, why: Cause) -> Decision {
    let (live, target) = (situation.live, situation.target());
    if live.min >= target && live.desired >= target {
        return Decision::hold(Reason::AlreadyRaised { target });
    }
    let write = Sizes {
        min: live.min.max(target),
        desired: live.desired.max(target),
        max: live.max.max(target).max(live.desired),
    };
    let at = next_raise(situation);
    let raised = match situation.ownership() {
        // A second raise in one episode keeps the sizes to go back to.
        Ownership::Ours(earlier) => Raised { at, target, why, ..earlier },
        Ownership::Idle => Raised { first: at, at, target, why, undo: live.sizes() },
        Ownership::Unreadable => Raised {
            first: at,
            at,
            target,
            why,
            undo: noted_sizes(situation).unwrap_or(live.sizes()),
        },
    };
    Decision {
        before: vec![Register::Raised(raised)],
        standby: Some(StandbyWrite::Raise(write)),
        ..Decision::hold(Reason::Raise { why, target })
    }
}

/// `raised.at` grows strictly, past `done` too, whatever the clocks say.
fn next_raise(situation: &Situation<'_>) -> Timestamp {
    let record = situation.record();
    let raised = record.and_then(|record| record.raised.held()).map(|raised| raised.at);
    let done = record.and_then(|record| record.done.held()).copied();
    [raised, done].into_iter().flatten().map(|at| after(at, 1)).fold(situation.now, Timestamp::max)
}

/// The sizes noted in peace, for when the undo note itself cannot be trusted.
fn noted_sizes(situation: &Situation<'_>) -> Option<Sizes> {
    situation.record()?.base.held().map(|base| base.sizes)
}

/// Rule 3: ours. One step per invocation, each re-derived from what is observed.
pub(super) fn fail_back(situation: &Situation<'_>, mode: Known<Mode>, raised: &Raised) -> Decision {
    if !matches!(mode, Known::Known(Mode::Armed | Mode::Observe)) {
        return Decision::hold(Reason::NotArmed { mode });
    }
    let (live, undo) = (situation.live, raised.undo);
    if live.min <= undo.min && live.desired <= undo.desired && live.max <= undo.max {
        return finish(situation, raised);
    }
    if let Err((missing, left)) = situation.proven() {
        return Decision::hold(Reason::Proving { left_seconds: left.as_secs(), missing });
    }
    let drain = match drained(situation, raised) {
        Ok(drain) => drain,
        Err(hold) => return *hold,
    };
    let (standby, reason) = if live.min > undo.min {
        (StandbyWrite::LowerMin { min: undo.min }, Reason::LowerMin)
    } else {
        let desired = live.desired.min(undo.desired).max(live.min);
        let max = live.max.min(undo.max).max(desired);
        (StandbyWrite::LowerDesired { desired, max }, Reason::LowerDesired)
    };
    Decision {
        // The counter is also the time of the last step: durable first, or two steps could follow too closely.
        before: vec![Register::Drain(drain)],
        standby: Some(standby),
        ..Decision::hold(reason)
    }
}

/// Counts consecutive ticks on which DNS answered the primary. `Err` while the count is not complete.
fn drained(situation: &Situation<'_>, raised: &Raised) -> Result<Drain, Box<Decision>> {
    let (policy, now, needed) = (situation.policy, situation.now, situation.policy.drain_ticks());
    let counted = situation
        .record()
        .and_then(|record| record.drain.held())
        .filter(|drain| drain.episode == raised.first);
    let hold = |ticks| Decision::hold(Reason::Draining { ticks, needed });
    let count = |ticks| Drain { episode: raised.first, ticks, at: now };
    if situation.observation.answer != Known::Known(Answer::Primary) {
        // A counter that stands at 0 already is not written again.
        let after = match counted {
            Some(Drain { ticks: 0, .. }) => vec![],
            _ => vec![Register::Drain(count(0))],
        };
        return Err(Box::new(Decision { after, ..hold(0) }));
    }
    let ticks = match counted {
        Some(drain) if age(now, drain.at) < policy.step_gap() => {
            return Err(Box::new(hold(drain.ticks)));
        }
        Some(drain) if age(now, drain.at) <= policy.drain_gap() => {
            drain.ticks.saturating_add(1).min(needed)
        }
        Some(_) | None => 1,
    };
    if ticks < needed {
        let after = vec![Register::Drain(count(ticks))];
        return Err(Box::new(Decision { after, ..hold(ticks) }));
    }
    Ok(count(ticks))
}

/// Rule 3c: everything is back; the record is closed last.
fn finish(situation: &Situation<'_>, raised: &Raised) -> Decision {
    let history = situation.record().and_then(|record| record.history.held()).cloned();
    let history: History = history.unwrap_or_default().with(situation.now);
    Decision {
        after: vec![Register::History(history), Register::Done(raised.at)],
        ..Decision::hold(Reason::Finish)
    }
}

/// Rules 4 and 5: idle. In peace the normal state is noted; otherwise hold, and say why.
pub(super) fn rest(situation: &Situation<'_>) -> Decision {
    if situation.blind() {
        return Decision::hold(Reason::Blind);
    }
    let Some(record) = situation.record() else {
        return Decision::hold(Reason::RecordUnreadable);
    };
    let users_at_primary = situation.observation.answer == Known::Known(Answer::Primary);
    let peace = *situation.signal == Signal::Tick && situation.at_peace() && users_at_primary;
    match situation.observation.primary {
        Known::Known(primary) if peace => sample(situation, record, primary.in_service),
        Known::Known(_) | Known::Unknown(_) => Decision::hold(Reason::Idle),
    }
}

fn sample(situation: &Situation<'_>, record: &Record, in_service: u16) -> Decision {
    let hour_seconds = i64::try_from(situation.policy.peace().as_secs()).unwrap_or(i64::MAX);
    let hour = situation.now.as_second().div_euclid(hour_seconds);
    let before = record.peak.held().copied();
    let peak = Peak::sampled(before, hour, in_service);
    let sizes = situation.live.sizes();
    let mut after = Vec::new();
    if before != Some(peak) {
        after.push(Register::Peak(peak));
    }
    // A group whose sizes do not fit each other is in the middle of somebody's change: not normal.
    let whole = sizes.min <= sizes.desired && sizes.desired <= sizes.max;
    let noted = matches!(record.base, Slot::Held(Base { sizes: noted, .. }) if noted == sizes);
    if whole && !noted {
        after.push(Register::Base(Base { sizes, at: situation.now }));
    }
    Decision { after, ..Decision::hold(Reason::Sample { in_service }) }
}
