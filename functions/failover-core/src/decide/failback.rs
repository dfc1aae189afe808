//! Rule 3: ours. One step per invocation, each derived again from what is observed.

use crate::decision::{Decision, Latch, PrimaryWrite, Proof, Reason, StandbyWrite};
use crate::observation::{AlarmState, Answer, Group, Known, Mode, Probe};
use crate::policy::Routing;
use crate::record::{Drain, History, Ownership, Raised, Register, Slot};
use crate::signal::Signal;
use crate::time::{Timestamp, age};

use super::Skipped;
use super::down::{grow_primary, next_gate, pin_primary, raised_sizes};
use super::proof::{proven, proving};
use super::situation::Situation;

/// What has to be readable, and allowed, before a step back is even thought of.
pub(super) fn guard(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    match situation.ownership() {
        Ownership::Idle => return Err("nothing of ours is raised"),
        Ownership::Unreadable => return Ok(Decision::hold(Reason::RecordUnreadable)),
        Ownership::Ours(_) => {}
    }
    if !matches!(situation.mode, Known::Known(Mode::Armed | Mode::Observe)) {
        return Ok(Decision::hold(Reason::NotArmed { mode: situation.mode }));
    }
    let order = situation.record().map(|record| &record.order);
    // An order that cannot be read may be the one to stay.
    if situation.gate().is_none() || order == Some(&Slot::Unreadable) {
        return Ok(Decision::hold(Reason::RecordUnreadable));
    }
    Err("the record can be read and the mode allows a failback")
}

/// Somebody's change, such as a deploy, took the standby's minimum back while the latch holds everybody there. What is noted
/// stays noted.
pub(super) fn keep(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    ours(situation)?;
    if situation.gate().is_none_or(|gate| gate.latch == Latch::Open) {
        return Err("the latch is open");
    }
    if !situation.short() {
        return Err("the standby stands at its target");
    }
    let standby = Some(StandbyWrite::Raise(raised_sizes(situation)));
    let target = situation.target();
    Ok(Decision { standby, ..Decision::hold(Reason::KeepRaised { target }) })
}

/// Rule 3a.
pub(super) fn open(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    let raised = ours(situation)?;
    if !situation.policy.latch() {
        if lowered(situation, &raised) {
            return Err("the standby is at its normal sizes");
        }
        // Without a latch the same care is taken by the floor alone.
        return pin_primary(situation, &raised);
    }
    if situation.gate().is_none_or(|gate| gate.latch == Latch::Open) {
        return Err("the latch is open");
    }
    let early = standby_cannot_carry(situation);
    if let Err(missing) = proven(situation)
        && !early
    {
        return Ok(proving(missing));
    }
    if situation.needs_approval() && !situation.approved(&raised) && !early {
        return Ok(Decision::hold(Reason::AwaitingApproval));
    }
    let primary = match situation.observation.primary {
        Known::Known(primary) => primary,
        Known::Unknown(why) => return Ok(Decision::hold(Reason::PrimaryUnreadable { why })),
    };
    let demand = situation.demand().min(primary.max);
    if primary.min < demand {
        return grow_primary(situation, &raised, demand);
    }
    let healthy = usable(&primary);
    if healthy < demand {
        return Ok(Decision::hold(Reason::Prewarming { healthy, demand }));
    }
    let after = vec![Register::Opened(next_gate(situation))];
    Ok(Decision { after, ..Decision::hold(Reason::OpenLatch) })
}

/// The standby has fewer healthy servers than the primary could bring, and the primary is up: the hold-down is waived to
/// open, never to lower.
fn standby_cannot_carry(situation: &Situation<'_>) -> bool {
    let observation = situation.observation;
    let (Some(primary), Some(&healthy)) =
        (observation.primary.known(), situation.live.healthy.known())
    else {
        return false;
    };
    let ok = observation.alarm.known().is_some_and(|alarm| alarm.state == AlarmState::Ok);
    ok && !situation.blind()
        && observation.probe == Known::Known(Probe::Up)
        && healthy < situation.target().min(primary.max)
}

fn usable(group: &Group) -> u16 {
    group.healthy.known().copied().unwrap_or(group.in_service)
}

/// Rule 3b.
pub(super) fn lower(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    let raised = ours(situation)?;
    let (live, undo) = (situation.live, raised.undo);
    if lowered(situation, &raised) {
        return Err("the standby is at its normal sizes");
    }
    if let Err(missing) = proven(situation) {
        return Ok(proving(missing));
    }
    if situation.needs_approval() && !situation.approved(&raised) {
        return Ok(Decision::hold(Reason::AwaitingApproval));
    }
    let drain = match drained(situation, raised.first) {
        Ok(drain) => drain,
        Err(hold) => return Ok(*hold),
    };
    let (standby, reason) = if live.min > undo.min {
        (StandbyWrite::LowerMin { min: undo.min }, Reason::LowerMin)
    } else {
        let desired = live.desired.min(undo.desired).max(live.min);
        let max = live.max.min(undo.max).max(desired);
        (StandbyWrite::LowerDesired { desired, max }, Reason::LowerDesired)
    };
    Ok(Decision {
        // The counter is also the time of the last step: durable first, or two steps could follow too closely.
        before: vec![Register::Drain(drain)],
        standby: Some(standby),
        ..Decision::hold(reason)
    })
}

fn lowered(situation: &Situation<'_>, raised: &Raised) -> bool {
    let (live, undo) = (situation.live, raised.undo);
    live.min <= undo.min && live.desired <= undo.desired && live.max <= undo.max
}

/// Counts consecutive ticks on which DNS answered the primary. `Err` while the count is not complete.
pub(super) fn drained(
    situation: &Situation<'_>,
    episode: Timestamp,
) -> Result<Drain, Box<Decision>> {
    let (policy, now, needed) = (situation.policy, situation.now, situation.policy.drain_ticks());
    let counted = situation
        .record()
        .and_then(|record| record.drain.held())
        .filter(|drain| drain.episode == episode);
    let hold = |ticks| Decision::hold(Reason::Draining { ticks, needed });
    let count = |ticks| Drain { episode, ticks, at: now };
    if situation.observation.answer != Known::Known(Answer::Primary) {
        // A counter that stands at 0 already is not written again.
        let after = match counted {
            Some(Drain { ticks: 0, .. }) => vec![],
            _ => vec![Register::Drain(count(0))],
        };
        return Err(Box::new(Decision { after, ..hold(0) }));
    }
    // Only ticks come at even distances: an event between two of them would bridge one on which nobody could look.
    if !matches!(situation.signal, Signal::Tick | Signal::Rehearsal) {
        return Err(Box::new(hold(counted.map_or(0, |drain| drain.ticks))));
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

/// Rule 3c: the primary's floor goes back, then the record is closed.
pub(super) fn finish(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    let raised = situation.ours()?;
    // Between its note and its write to the group, another handler's raise looks as if it were undone already.
    let (young, under_way) = (age(situation.now, raised.at), situation.policy.drain_gap());
    if young < under_way {
        return Ok(proving((Proof::Raise, under_way.saturating_sub(young))));
    }
    let primary = match situation.record().map(|record| &record.primary) {
        // Written before the primary's sizes were changed, and unreadable since: only a person can know them.
        Some(Slot::Unreadable) | None => return Ok(Decision::hold(Reason::RecordUnreadable)),
        Some(Slot::Held(undo)) if undo.episode == raised.first => {
            match situation.observation.primary {
                Known::Known(live) if live.min > undo.min => {
                    // An idle primary is trimmed at once, and the users may still be on their way to it.
                    if let Err(hold) = drained(situation, raised.first) {
                        return Ok(*hold);
                    }
                    Some(PrimaryWrite { min: undo.min, desired: None })
                }
                Known::Known(_) => None,
                Known::Unknown(why) => {
                    return Ok(Decision::hold(Reason::PrimaryUnreadable { why }));
                }
            }
        }
        Some(Slot::Held(_) | Slot::Absent) => None,
    };
    let history = situation.record().and_then(|record| record.history.held()).cloned();
    let history: History = history.unwrap_or_default().with(situation.now);
    Ok(Decision {
        primary,
        after: vec![Register::History(history), Register::Done(raised.at)],
        ..Decision::hold(Reason::Finish)
    })
}

/// Ours, and on the way back.
fn ours(situation: &Situation<'_>) -> Result<Raised, Skipped> {
    let raised = situation.ours()?;
    match situation.policy.routing() {
        Routing::Failover => Ok(raised),
        // Raised before the routing was changed: nothing is lowered any more, the record is closed.
        Routing::ActiveActive => Err("both regions serve"),
    }
}
