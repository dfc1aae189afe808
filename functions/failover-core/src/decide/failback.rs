//! Rule 3: ours. One step per invocation, each derived again from what is observed.

use crate::decision::{Decision, Latch, PrimaryWrite, Proof, Reason, StandbyWrite};
use crate::finding::Finding;
use crate::observation::{AlarmState, Answer, Group, Known, Mode, Probe};
use crate::policy::Routing;
use crate::record::{Count, Demand, History, Ownership, Raised, Register, Sizes, Slot};
use crate::time::{Timestamp, age};

use super::count::{counted, starving};
use super::down::{grow_primary, next_turn, pin_primary, raised_sizes};
use super::proof::{proven, proving};
use super::situation::{Situation, Skipped};

/// What has to be readable, and allowed, before a step back is even thought of.
pub(super) fn guard(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    match situation.ownership() {
        Ownership::Idle => return Err("nothing is raised"),
        // Nothing is lowered there, and the load must still be noted.
        Ownership::Unreadable if situation.policy.routing() == Routing::ActiveActive => {
            return Err("both regions serve, and no raise is recorded");
        }
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
    if let Err(missing) = proven(situation) {
        return Ok(proving(missing));
    }
    if situation.needs_approval() && !situation.approved(&raised) {
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
    if healthy < demand && !has_more(situation, &primary) {
        return Ok(Decision::hold(Reason::Prewarming { healthy, demand }));
    }
    Ok(turn_open(situation, &raised))
}

fn turn_open(situation: &Situation<'_>, raised: &Raised) -> Decision {
    let after = vec![Register::Opened(next_turn(situation, raised))];
    Decision { after, ..Decision::hold(Reason::OpenLatch) }
}

/// The standby lacks servers, and the primary has more than it.
fn has_more(situation: &Situation<'_>, primary: &Group) -> bool {
    let here = situation.live.healthy.known();
    here.is_some_and(|&here| here < situation.target() && usable(primary) > here)
}

/// Nobody is held on a standby that has lacked its share for long, whoever ordered it, while the primary is up and has more
/// servers: neither the hold-down nor a person is waited for to open, and nothing is lowered by it.
pub(super) fn release(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    let raised = ours(situation)?;
    if !matches!(situation.mode, Known::Known(Mode::Armed | Mode::Observe)) {
        return Err("the mode does not allow a failback");
    }
    let ticks = match starving(situation) {
        Some(count) if count.ticks > 0 => count.ticks,
        Some(_) | None => return Err("nobody is held on a standby that lacks its share"),
    };
    let observation = situation.observation;
    let alarm = observation.alarm.known().ok_or("the alarm cannot be read")?;
    let seen = observation.probe == Known::Known(Probe::Up) && !situation.blind();
    if alarm.state != AlarmState::Ok || !seen {
        return Err("the primary is not seen up");
    }
    let primary = observation.primary.known().ok_or("the primary cannot be read")?;
    let demand = situation.demand().min(primary.max);
    let needed = situation.policy.starved_ticks();
    // An idle primary is trimmed while the latch opens, so its minimum comes first. A write that is refused is tried for as long
    // again, and only time in which the primary was up counts. Each try is noted: while nobody saw the primary, none was made.
    let undo = situation.record().and_then(|record| record.primary.held());
    let tried = undo.filter(|undo| undo.episode == raised.first).and_then(|undo| undo.ours);
    let refused = ticks >= needed.saturating_mul(2)
        && tried.is_some_and(|[_, ours]| ours >= demand)
        && age(situation.now, alarm.transitioned_at) >= situation.policy.starved();
    if primary.min < demand && !refused {
        return grow_primary(situation, &raised, demand);
    }
    let long = ticks >= needed;
    if long && has_more(situation, primary) {
        return Ok(turn_open(situation, &raised));
    }
    Err("the standby has not lacked its share for long, or the primary has no more servers")
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
    if let Err(requests) = situation.observation.standby_is_quiet()
        && !waited_for_clients(situation, &raised)
    {
        // The count stays fresh, so that the lowering needs no second one.
        let after = vec![Register::Drain(drain)];
        return Ok(Decision { after, ..Decision::hold(Reason::Busy { requests }) });
    }
    let (standby, reason) = if live.min > undo.min {
        (StandbyWrite::LowerMin { min: undo.min }, Reason::LowerMin)
    } else {
        let desired = live.desired.min(undo.desired);
        let max = if raised_max(live.sizes(), &raised) { undo.max } else { live.max };
        (StandbyWrite::LowerDesired { desired, max }, Reason::LowerDesired)
    };
    Ok(Decision {
        // The counter is also the time of the last step: durable first, or two steps could follow too closely.
        before: vec![Register::Drain(drain)],
        standby: Some(standby),
        ..Decision::hold(reason)
    })
}

/// A person asked for the failback, and it has waited for the clients so long that people were told.
fn waited_for_clients(situation: &Situation<'_>, raised: &Raised) -> bool {
    let asked = situation
        .order()
        .is_some_and(|order| order.what == Demand::Failback && order.episode == raised.at);
    let lasting = situation.record().and_then(|record| record.lasting.held());
    let since = lasting.and_then(|lasting| lasting.since.get(&Finding::Busy));
    let waited = since.is_some_and(|&since| age(situation.now, since) >= situation.policy.hour());
    asked && waited
}

fn lowered(situation: &Situation<'_>, raised: &Raised) -> bool {
    let (live, undo) = (situation.live, raised.undo);
    let sizes = live.min <= undo.min && live.desired <= undo.desired;
    sizes && !raised_max(live.sizes(), raised)
}

/// MaxSize is above normal and as the raise wrote it, which it does only where the target is above it: otherwise it is
/// somebody else's.
pub(crate) fn raised_max(live: Sizes, raised: &Raised) -> bool {
    live.max > raised.undo.max && live.max == raised.target
}

/// Counts consecutive ticks on which DNS answered the primary. `Err` while the count is not complete.
pub(super) fn drained(
    situation: &Situation<'_>,
    episode: Timestamp,
) -> Result<Count, Box<Decision>> {
    let (now, needed) = (situation.now, situation.policy.drain_ticks());
    let counted = counted(situation, episode, |record| &record.drain);
    let hold = |ticks| Decision::hold(Reason::Draining { ticks, needed });
    let count = |ticks| Count { episode, ticks, at: now };
    if situation.observation.answer != Known::Known(Answer::Primary) {
        // A counter that stands at 0 already is not written again.
        let after = match counted {
            Some(Count { ticks: 0, .. }) => vec![],
            _ => vec![Register::Drain(count(0))],
        };
        return Err(Box::new(Decision { after, ..hold(0) }));
    }
    let ticks = match super::count::next(situation, counted) {
        Ok(ticks) => ticks.min(needed),
        Err(ticks) => return Err(Box::new(hold(ticks))),
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
        // Both floors are kept at the load there, and lowered by hand alone.
        _ if situation.policy.routing() == Routing::ActiveActive => None,
        // Written before the primary's sizes were changed, and unreadable since: only a person can know them.
        Some(Slot::Unreadable) | None => return Ok(Decision::hold(Reason::RecordUnreadable)),
        Some(Slot::Held(undo)) if undo.episode == raised.first => {
            match situation.observation.primary {
                Known::Known(live) if live.min > undo.min && undo.wrote(live.min) => {
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
    let mut after = vec![Register::History(history), Register::Done(raised.at)];
    if left_closed(situation) {
        after.push(Register::Opened(next_turn(situation, &raised)));
    }
    Ok(Decision { primary, after, ..Decision::hold(Reason::Finish) })
}

/// `closed` is newer than `opened`, although nobody is held: a later failover must not find it so.
fn left_closed(situation: &Situation<'_>) -> bool {
    let Some(record) = situation.record() else { return false };
    let at = |slot: &Slot<crate::record::Turn>| slot.held().map(|turn| turn.at);
    record.closed == Slot::Unreadable || at(&record.closed) > at(&record.opened)
}

/// Ours, and in a failback.
fn ours(situation: &Situation<'_>) -> Result<Raised, Skipped> {
    let raised = situation.ours()?;
    match situation.policy.routing() {
        Routing::Failover => Ok(raised),
        // Raised before the routing was changed: nothing is lowered any more, the record is closed.
        Routing::ActiveActive => Err("both regions serve"),
    }
}
