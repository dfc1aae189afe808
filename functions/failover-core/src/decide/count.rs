//! Registers that count or date what one reading alone does not prove.

use crate::decision::{Decision, Effect, Latch, Reason};
use crate::observation::{AlarmState, Known, Probe};
use crate::record::{Count, Record, Register, Slot, Turn};
use crate::signal::Signal;
use crate::time::{Timestamp, age};

use super::down::next_turn;
use super::situation::Situation;

/// What was counted so far in this episode.
pub(super) fn counted(
    situation: &Situation<'_>,
    episode: Timestamp,
    slot: fn(&Record) -> &Slot<Count>,
) -> Option<Count> {
    let counted = slot(situation.record()?).held().copied();
    counted.filter(|count| count.episode == episode)
}

/// The count with this tick. `Err`: this invocation does not count, and so many stand.
pub(super) fn next(situation: &Situation<'_>, counted: Option<Count>) -> Result<u16, u16> {
    let (policy, now) = (situation.policy, situation.now);
    // Only ticks come at even distances: an event between two of them would bridge one on which nobody could look.
    if !matches!(situation.signal, Signal::Tick | Signal::Rehearsal) {
        return Err(counted.map_or(0, |count| count.ticks));
    }
    match counted {
        Some(count) if age(now, count.at) < policy.step_gap() => Err(count.ticks),
        Some(count) if age(now, count.at) <= policy.drain_gap() => {
            Ok(count.ticks.saturating_add(1))
        }
        Some(_) | None => Ok(1),
    }
}

/// For how many ticks the latch has held users on a standby that lacks its share, this one included. `None`: it holds nobody,
/// or the healthy servers are unknown.
pub(super) fn starving(situation: &Situation<'_>) -> Option<Count> {
    let raised = situation.ours().ok()?;
    if situation.gate()?.latch == Latch::Open {
        return None;
    }
    let healthy = *situation.live.healthy.known()?;
    let count = |ticks, at| Count { episode: raised.first, ticks, at };
    if !situation.policy.may_not_hold(healthy, situation.target()) {
        return Some(count(0, situation.now));
    }
    let before = counted(situation, raised.first, |record| &record.starved);
    Some(match (next(situation, before), before) {
        (Ok(ticks), _) => {
            count(ticks.min(situation.policy.starved_ticks().saturating_mul(2)), situation.now)
        }
        // A count that broke off does not outlive the gap.
        (Err(ticks), Some(before))
            if age(situation.now, before.at) <= situation.policy.drain_gap() =>
        {
            count(ticks, before.at)
        }
        (Err(_), _) => count(0, situation.now),
    })
}

/// Adds to the decision what the next one has to know of this tick.
pub(super) fn note(situation: &Situation<'_>, decision: &mut Decision) {
    let silent = decision.effect == Effect::Report || decision.reason == Reason::Frozen;
    let Some(record) = situation.record() else { return };
    if silent || *situation.signal != Signal::Tick {
        return;
    }
    if let Some(count) = starving(situation) {
        let stands = record.starved.held().is_some_and(|stands| stands.ticks > 0);
        // Before the groups, so that a write that is refused every time does not stop the count.
        if count.ticks > 0 || stands {
            decision.before.push(Register::Starved(count));
        }
    }
    if one_reading_lost(situation) {
        decision.after.push(Register::Unseen(situation.now));
    }
    if decision.after.iter().any(|register| matches!(register, Register::Opened(_))) {
        return;
    }
    if let Some(turn) = unnamed(situation, record) {
        decision.after.push(Register::Closed(turn));
    }
    if let Some(turn) = gone(situation, record) {
        decision.after.push(Register::Opened(turn));
    }
}

/// The alarm judges and reads OK, and beside it the metric cannot be read and our own probe fails.
fn one_reading_lost(situation: &Situation<'_>) -> bool {
    let observation = situation.observation;
    let ok = observation.alarm.known().is_some_and(|alarm| alarm.state == AlarmState::Ok);
    ok && situation.alarm_blind() == Some(false)
        && observation.datapoints.known().is_none()
        && observation.probe == Known::Known(Probe::Down)
        && observation.egress
}

/// The record says that the latch holds the users, and the site has been deployed without one: should it have one again before
/// this failover is over, it would close wherever the users are by then.
fn gone(situation: &Situation<'_>, record: &Record) -> Option<Turn> {
    let raised = situation.ours().ok()?;
    let closed = record.gate()?.latch == Latch::Closed;
    (closed && !situation.policy.latch()).then(|| next_turn(situation, &raised))
}

/// A closed latch that an earlier version noted without its episode, which is the present one.
fn unnamed(situation: &Situation<'_>, record: &Record) -> Option<Turn> {
    let raised = situation.ours().ok()?;
    let closed = record.closed.held().filter(|turn| turn.episode.is_none())?;
    let holds = situation.gate()?.latch == Latch::Closed;
    holds.then_some(Turn { episode: Some(raised.first), ..*closed })
}
