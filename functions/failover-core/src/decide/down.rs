//! Rule 2: the primary is down. Raising is cheap and reversible: no guard but the target itself.

use crate::decision::{Decision, Latch, PrimaryWrite, Reason, StandbyWrite};
use crate::observation::{Answer, Known};
use crate::policy::Routing;
use crate::record::{Cause, Count, Ownership, PrimaryUndo, Raised, Register, Sizes, Slot, Turn};
use crate::time::{Timestamp, after, age};

use super::situation::{Situation, Skipped};

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
        // The undo note itself cannot be trusted: what was noted before the failure can.
        Ownership::Unreadable => noted_sizes(situation)
            .or_else(|| unfinished_sizes(situation))
            .unwrap_or(situation.live.sizes()),
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
        Ownership::Idle | Ownership::Unreadable => {
            // An episode whose note is gone, or whose end cannot be read, goes on under its name: its other registers belong to
            // it.
            let first = situation.record().and_then(crate::Record::unfinished).unwrap_or(at);
            Raised { first, at, target, why, undo }
        }
    }
}

/// `raised.at` grows strictly, past `done` too, whatever the clocks say.
fn next_raise(situation: &Situation<'_>) -> Timestamp {
    let record = situation.record();
    let raised = record.and_then(|record| record.raised.held()).map(|raised| raised.at);
    let done = record.and_then(|record| record.done.held()).copied();
    // What an earlier failback and the normal sizes say where `done` is missing.
    let history = record.and_then(|record| record.history.held());
    let finished = history.and_then(|history| history.finished.iter().max().copied());
    let base = record.and_then(|record| record.base.held()).map(|base| base.at);
    let times = [raised, done, finished, base].into_iter().flatten();
    times.map(|at| after(at, 1)).fold(situation.now, Timestamp::max)
}

/// The sizes noted before the failure.
fn noted_sizes(situation: &Situation<'_>) -> Option<Sizes> {
    situation.record()?.base.held().map(|base| base.sizes)
}

/// What the raise that nothing is known to have finished is to go back to.
fn unfinished_sizes(situation: &Situation<'_>) -> Option<Sizes> {
    let record = situation.record()?;
    let raised = record.raised.held()?;
    (record.unfinished() == Some(raised.first)).then_some(raised.undo)
}

/// A raise whose note was lost, or a standby that carried everything before we came: it becomes ours, so that the latch can
/// hold the users there and the failback goes step by step.
pub(super) fn adopt(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    let why = down(situation)?;
    match situation.ownership() {
        Ownership::Idle => {}
        Ownership::Ours(_) => return Err("it is recorded already"),
        Ownership::Unreadable => return Err("the record cannot be read"),
    }
    let (live, target) = (situation.live, situation.target());
    let lost = noted_sizes(situation)
        .filter(|base| why == Cause::Alarm && live.min > base.min && live.min == target);
    let undo = if let Some(base) = lost {
        base
    } else {
        let enough = |&healthy: &u16| situation.policy.may_carry(healthy, target);
        holds_users(situation, live.healthy.known().is_some_and(enough))?;
        live.sizes()
    };
    Ok(Decision {
        before: vec![Register::Raised(noted(situation, why, undo))],
        ..Decision::hold(Reason::Adopt { target })
    })
}

/// `raised` was deleted while other registers still speak of its episode: it is noted again, so that the latch keeps its users
/// and the failback goes step by step.
pub(super) fn restore(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    let record = situation.record().ok_or("the record cannot be read")?;
    if record.raised != Slot::Absent {
        return Err("the raise is recorded");
    }
    record.stranded().ok_or("no failover has lost its record")?;
    let why = if situation.failover_ordered() { Cause::Order } else { Cause::Alarm };
    let undo = noted_sizes(situation).unwrap_or(situation.live.sizes());
    Ok(Decision {
        before: vec![Register::Raised(noted(situation, why, undo))],
        ..Decision::hold(Reason::Adopt { target: situation.target() })
    })
}

/// The latch holds traffic where it is: closed late, once the alarm reads ALARM and DNS has moved by itself. Only the
/// operator's order lets it move traffic.
fn holds_users(situation: &Situation<'_>, carries: bool) -> Result<(), Skipped> {
    if !situation.policy.latch() {
        return Err("there is no latch");
    }
    let gate = situation.gate().ok_or("nobody knows whether the latch is open")?;
    if gate.latch == Latch::Closed {
        return Err("the latch is closed already");
    }
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
    let raised = situation.ours()?;
    holds_users(situation, situation.carries())?;
    Ok(Decision {
        after: vec![Register::Closed(next_turn(situation, &raised))],
        ..Decision::hold(Reason::CloseLatch)
    })
}

/// `closed` and `opened` grow strictly, whatever the clocks say.
pub(super) fn next_turn(situation: &Situation<'_>, raised: &Raised) -> Turn {
    let record = situation.record();
    let turns = record.map(|record| [record.closed.held(), record.opened.held()]);
    let turns = turns.into_iter().flatten().flatten();
    let at = turns.map(|turn| after(turn.at, 1)).fold(situation.now, Timestamp::max);
    Turn { episode: Some(raised.first), at }
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
    let noted = situation.record().and_then(|record| record.primary.held());
    let noted = noted.filter(|undo| undo.episode == raised.first);
    let ours = Some([primary.min, demand]);
    let fresh =
        PrimaryUndo { episode: raised.first, min: primary.min, desired: primary.desired, ours };
    let undo = match noted {
        // What somebody else has set meanwhile is what to go back to.
        Some(noted) if noted.wrote(primary.min) => PrimaryUndo { ours, ..*noted },
        Some(_) | None => fresh,
    };
    Ok(Decision {
        before: if noted == Some(&undo) { vec![] } else { vec![Register::Primary(undo)] },
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
            vec![Register::Drain(Count { ticks: 0, at: situation.now, ..*drain })]
        }
        Some(_) | None => vec![],
    };
    let target = situation.target();
    Ok(Decision { after, ..Decision::hold(Reason::AlreadyRaised { target }) })
}
