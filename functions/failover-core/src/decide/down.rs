//! Rule 2: the primary is down. Raising is cheap and reversible: no guard but the target itself.

use crate::decision::{Decision, Latch, PrimaryWrite, Reason, StandbyWrite};
use crate::observation::{Answer, Known};
use crate::policy::Routing;
use crate::record::{Cause, Drain, Ownership, PrimaryUndo, Raised, Register, Sizes, Slot};
use crate::time::{Timestamp, after, age};

use super::Skipped;
use super::situation::Situation;

/// The primary is down and the standby is there to take its place.
fn down(situation: &Situation<'_>) -> Result<Cause, Skipped> {
    match situation.policy.routing() {
        Routing::Failover => situation.down(),
        Routing::ActiveActive => Err("both regions serve, and each can carry everything"),
    }
}

pub(super) fn raise(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    let why = down(situation)?;
    if !situation.short() {
        return Err("the standby stands at its target");
    }
    let target = situation.target();
    let undo = match situation.ownership() {
        // The undo note itself cannot be trusted: what was noted in peace can.
        Ownership::Unreadable => noted_sizes(situation).unwrap_or(situation.live.sizes()),
        Ownership::Ours(_) | Ownership::Idle => situation.live.sizes(),
    };
    Ok(Decision {
        before: vec![Register::Raised(noted(situation, why, undo))],
        standby: Some(StandbyWrite::Raise(raised_sizes(situation))),
        ..Decision::hold(Reason::Raise { why, target })
    })
}

/// The sizes of a raise: never below what is live.
pub(super) fn raised_sizes(situation: &Situation<'_>) -> Sizes {
    let (live, target) = (situation.live, situation.target());
    let desired = live.desired.max(target);
    Sizes { min: live.min.max(target), desired, max: live.max.max(desired) }
}

/// The note of a raise. A second raise in one episode keeps the sizes to go back to.
fn noted(situation: &Situation<'_>, why: Cause, undo: Sizes) -> Raised {
    let (at, target) = (next_raise(situation), situation.target());
    match situation.ownership() {
        Ownership::Ours(earlier) => Raised { at, target, why, ..earlier },
        Ownership::Idle | Ownership::Unreadable => Raised { first: at, at, target, why, undo },
    }
}

/// `raised.at` grows strictly, past `done` too, whatever the clocks say.
fn next_raise(situation: &Situation<'_>) -> Timestamp {
    let record = situation.record();
    let raised = record.and_then(|record| record.raised.held()).map(|raised| raised.at);
    let done = record.and_then(|record| record.done.held()).copied();
    [raised, done].into_iter().flatten().map(|at| after(at, 1)).fold(situation.now, Timestamp::max)
}

/// The sizes noted in peace.
fn noted_sizes(situation: &Situation<'_>) -> Option<Sizes> {
    situation.record()?.base.held().map(|base| base.sizes)
}

/// A raise whose note was lost, or a standby that carried everything before we came: it becomes ours, so that the latch can
/// hold the users there and the way back is walked in order.
pub(super) fn adopt(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    let why = down(situation)?;
    match situation.ownership() {
        Ownership::Idle => {}
        Ownership::Ours(_) => return Err("it is noted already"),
        Ownership::Unreadable => return Err("the record cannot be read"),
    }
    let (live, target) = (situation.live, situation.target());
    let lost = noted_sizes(situation)
        .filter(|base| why == Cause::Alarm && live.min > base.min && live.min == target);
    let undo = if let Some(base) = lost {
        base
    } else {
        holds_users(situation)?;
        live.sizes()
    };
    Ok(Decision {
        before: vec![Register::Raised(noted(situation, why, undo))],
        ..Decision::hold(Reason::Adopt { target })
    })
}

/// The latch holds traffic where it is: closed late, once the alarm reads ALARM and DNS has moved by itself. Only the
/// operator's order lets it move traffic.
fn holds_users(situation: &Situation<'_>) -> Result<(), Skipped> {
    if !situation.policy.latch() {
        return Err("there is no latch");
    }
    let gate = situation.gate().ok_or("nobody knows whether the latch is open")?;
    if gate.latch == Latch::Closed {
        return Err("the latch is closed already");
    }
    let carries = situation.live.healthy.known().is_some_and(|&n| n >= situation.target());
    if !carries {
        return Err("the standby does not carry everything yet");
    }
    if situation.failover_ordered() {
        return Ok(());
    }
    situation.evidence(Cause::Alarm)?;
    if situation.observation.answer != Known::Known(Answer::Standby) {
        return Err("DNS does not name the standby");
    }
    // The alarm may be a minute behind its metric, and our resolver a minute behind DNS.
    match situation.observation.datapoints {
        Known::Known(points) if points.healthy_run == 0 => Ok(()),
        Known::Known(_) => Err("the newest datapoint says that the primary is back"),
        Known::Unknown(_) => Err("the metric cannot be read"),
    }
}

pub(super) fn close_latch(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    down(situation)?;
    situation.ours()?;
    holds_users(situation)?;
    Ok(Decision {
        after: vec![Register::Closed(next_gate(situation))],
        ..Decision::hold(Reason::CloseLatch)
    })
}

/// `closed` and `opened` grow strictly, whatever the clocks say.
pub(super) fn next_gate(situation: &Situation<'_>) -> Timestamp {
    let record = situation.record();
    let times = record.map(|record| [record.closed.held(), record.opened.held()]);
    let times = times.into_iter().flatten().flatten();
    times.map(|&at| after(at, 1)).fold(situation.now, Timestamp::max)
}

/// Without a latch, or where it should have closed long ago and could not, DNS may come back at any moment: the primary's
/// floor is kept at the target meanwhile.
pub(super) fn pin(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    down(situation)?;
    let raised = situation.ours()?;
    if situation.policy.latch() {
        if situation.gate().is_none_or(|gate| gate.latch == Latch::Closed) {
            return Err("the latch holds the users");
        }
        if age(situation.now, raised.at) < situation.policy.starved() {
            return Err("the latch may still close");
        }
    }
    pin_primary(situation, &raised)
}

/// Keeps the primary's floor at the target.
pub(super) fn pin_primary(situation: &Situation<'_>, raised: &Raised) -> Result<Decision, Skipped> {
    let primary = situation.observation.primary.known().ok_or("the primary cannot be read")?;
    let demand = situation.target().min(primary.max);
    if primary.min >= demand {
        return Err("the primary's floor is high enough");
    }
    grow_primary(situation, raised, demand)
}

/// Grows the primary's floor, its undo note first.
pub(super) fn grow_primary(
    situation: &Situation<'_>,
    raised: &Raised,
    demand: u16,
) -> Result<Decision, Skipped> {
    let primary = situation.observation.primary.known().ok_or("the primary cannot be read")?;
    let noted = situation.record().is_some_and(
        |record| matches!(record.primary, Slot::Held(undo) if undo.episode == raised.first),
    );
    let undo = PrimaryUndo { episode: raised.first, min: primary.min, desired: primary.desired };
    Ok(Decision {
        before: if noted { vec![] } else { vec![Register::Primary(undo)] },
        primary: Some(PrimaryWrite { min: demand, desired: Some(primary.desired.max(demand)) }),
        ..Decision::hold(Reason::Prewarm { demand })
    })
}

/// A count of drained ticks that was under way does not survive this tick.
pub(super) fn hold(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    down(situation)?;
    let counted = situation.record().and_then(|record| record.drain.held());
    let after = match counted {
        Some(drain) if drain.ticks > 0 => {
            vec![Register::Drain(Drain { ticks: 0, at: situation.now, ..*drain })]
        }
        Some(_) | None => vec![],
    };
    let target = situation.target();
    Ok(Decision { after, ..Decision::hold(Reason::AlreadyRaised { target }) })
}
