//! Two worlds that the rules cannot tell apart are one state.
//!
//! The rules know time only as the age of a reading or a register, compared with a length of the policy, and as the order of
//! two registers. So every state is moved to the same `now`, ages that no rule compares any more are cut, and registers of a
//! finished failover are dropped. While a handler of an older minute is still under way nothing is dropped: it may write them.

use std::collections::BTreeSet;
use std::time::Duration;

use failover_core::decision::{Latch, News};
use failover_core::observation::{AlarmState, AlarmView, Known};
use failover_core::record::{
    Base, Cause, Count, Demand, Gone, History, Lasting, Order, Ownership, Peak, PrimaryUndo,
    Raised, Record, Register, Slot, Told, Turn,
};
use failover_core::time::{after, age};
use failover_core::{Policy, Timestamp};

use crate::scope::{Scope, start};
use crate::world::{Pending, Site, Untold, World};

/// Stands for "long ago" where only the order matters. Units: seconds.
const LONG: i64 = 500_000;
/// An hour longer than this is never reached within a search. Units: ticks.
const NEVER: u32 = 1_000;
/// A failover that lasts for so many hours is told.
const HELD_HOURS: u32 = 4;

pub(super) fn canonical(mut world: World, scope: &Scope, site: &Site) -> World {
    let policy = world.policy(site);
    let seconds = start().as_second() - world.now.as_second();
    let move_time = &mut |at: &mut Timestamp| *at = after(*at, seconds);
    move_time(&mut world.now);
    move_time(&mut world.detector.since);
    move_time(&mut world.detector.newest);
    times_of(&mut world, move_time);
    let now = world.now;
    let proof = if policy.hour() < policy.tick() * NEVER {
        policy.evidence().max(policy.hour())
    } else {
        policy.evidence()
    };
    let detector = &mut world.detector;
    detector.since = match detector.alarm {
        AlarmState::Ok => at_most(detector.since, now, proof + policy.tick()),
        // Only the age of an OK is evidence.
        AlarmState::Alarm | AlarmState::Insufficient => now,
    };
    detector.newest = at_most(detector.newest, now, policy.tick() * 7);
    let since = detector.since;
    let told = site.telling.then(|| told(&world.record, now, policy));
    if let Some(pending) = &mut world.pending {
        shift(pending, move_time);
    } else if scope.edits_tags() {
        ordered(&mut world, policy);
    } else {
        world.record = forgotten(world.record, now, since, policy, site.telling);
    }
    // Nothing is under way to the gate.
    let open = world.gate.seen == Latch::Open && world.gate.put == Latch::Open;
    if open && world.gate.fresh != Some(Latch::Closed) && world.record.closed == Slot::Absent {
        (world.harm.reduced, world.harm.short) = (false, false);
    }
    // What people were told of changes no rule but what they are told next.
    (world.record.findings, world.record.lasting) = told.unwrap_or_default();
    if !site.telling {
        world.untold = Untold::default();
    }
    world
}

/// What people were told, with the ages that decide when they are told again.
fn told(record: &Record, now: Timestamp, policy: &Policy) -> (Slot<Told>, Slot<Lasting>) {
    let tick = policy.tick();
    let findings = kept(record.findings.clone(), |mut told| {
        told.at = at_most(told.at, now, policy.day() + tick);
        told.gone.change(&mut |at| *at = at_most(*at, now, policy.hour() + tick));
        (!told.findings.is_empty()).then_some(told)
    });
    let lasting = kept(record.lasting.clone(), |mut lasting| {
        let most = policy.hour().max(policy.starved() * 2) + tick;
        lasting.change(&mut |at| *at = at_most(*at, now, most));
        (!lasting.since.is_empty()).then_some(lasting)
    });
    (findings, lasting)
}

/// A value, changed, if it is kept.
fn kept<T>(slot: Slot<T>, keep: impl FnOnce(T) -> Option<T>) -> Slot<T> {
    match slot {
        Slot::Held(value) => keep(value).map_or(Slot::Absent, Slot::Held),
        Slot::Absent => Slot::Absent,
        Slot::Unreadable => Slot::Unreadable,
    }
}

/// Nothing is dropped. Times that are older than any rule asks keep their order and nothing else.
fn ordered(world: &mut World, policy: &Policy) {
    let most = [policy.evidence(), policy.day(), policy.released(), policy.starved()];
    let most = most.into_iter().fold(policy.drain_gap() * 2, Duration::max) + policy.tick() * 2;
    let oldest = at_most(Timestamp::MIN, world.now, most);
    let mut old = BTreeSet::new();
    times_of(world, &mut |at| {
        if *at < oldest {
            old.insert(*at);
        }
    });
    times_of(world, &mut |at| {
        if *at < oldest {
            let newer = old.range(*at..).skip(1).count();
            *at = after(oldest, -1 - i64::try_from(newer).unwrap_or(LONG));
        }
    });
}

/// Those that the controller, or whoever repairs its tags, remembers.
fn times_of(world: &mut World, change: &mut dyn FnMut(&mut Timestamp)) {
    world.record.change(change);
    for (_, register) in &mut world.spoilt {
        register.change(change);
    }
}

/// No older than `most`.
fn at_most(at: Timestamp, now: Timestamp, most: Duration) -> Timestamp {
    at.max(after(now, -i64::try_from(most.as_secs()).unwrap_or(LONG)))
}

/// The record without what no rule compares any more. `since` is the alarm's transition, the only thing that an order's time
/// is compared with.
fn forgotten(
    record: Record,
    now: Timestamp,
    since: Timestamp,
    policy: &Policy,
    telling: bool,
) -> Record {
    let long_ago = |steps: i64| after(now, steps - LONG);
    let ours = match record.ownership() {
        Ownership::Ours(raised) => Some(raised),
        Ownership::Idle => None,
        Ownership::Unreadable => return record,
    };
    // The last raise's age is compared with these two.
    let young = policy.drain_gap().max(policy.starved());
    let next = ours.map(|raised| {
        let at = at_most(raised.at, now, young + policy.tick());
        let first = first(&raised, at, now, policy, telling);
        Raised { first, at, why: Cause::Alarm, ..raised }
    });
    let (closed, opened) = gate(&record, next.map(|next| next.first), now, policy);
    let order = standing(record.order, ours.zip(next), now, since);
    let episode = |of: Timestamp| Some(next?.first).filter(|_| ours.is_some_and(|o| o.first == of));
    let primary = record.primary.held().and_then(|undo| {
        Some(PrimaryUndo { episode: episode(undo.episode)?, desired: 0, ..*undo })
    });
    let drain = kept(record.drain, |drain| {
        let at = match drain.ticks {
            0 => long_ago(2),
            _ if age(now, drain.at) > policy.drain_gap() => return None,
            _ => at_most(drain.at, now, policy.drain_gap() * 2),
        };
        // A matching floor counts by its base.
        let of_base = ours.is_none().then_some(drain.episode);
        Some(Count { episode: episode(drain.episode).or(of_base)?, at, ..drain })
    });
    let starved = kept(record.starved, |count| {
        let counts = count.ticks > 0 && age(now, count.at) <= policy.drain_gap();
        let episode = episode(count.episode).filter(|_| counts)?;
        Some(Count { episode, ..count })
    });
    let unseen = kept(record.unseen, |at| (age(now, at) <= policy.drain_gap()).then_some(at));
    let base = kept(record.base, |base| {
        let at = at_most(base.at, now, policy.evidence() + policy.tick());
        Some(Base { at, ..base })
    });
    let drain = if ours.is_none() { of_base(drain, record.base, base) } else { drain };
    Record {
        base,
        peak: record.peak.held().map_or(Slot::Absent, |peak| Slot::Held(this_hour(*peak, policy))),
        raised: next.map_or(Slot::Absent, Slot::Held),
        // Some failover was finished before everything else: without `done` other registers are asked.
        done: Slot::Held(long_ago(-10)),
        closed,
        opened,
        primary: primary.map_or(Slot::Absent, Slot::Held),
        drain,
        starved,
        unseen,
        history: recent(record.history, now, policy),
        mode: record.mode,
        order,
        findings: Slot::Absent,
        lasting: Slot::Absent,
    }
}

/// The order, if it still counts. `raised` is the present raise, and as it is remembered.
fn standing(
    order: Slot<Order>,
    raised: Option<(Raised, Raised)>,
    now: Timestamp,
    since: Timestamp,
) -> Slot<Order> {
    let long_ago = |steps: i64| after(now, steps - LONG);
    match (order, raised) {
        (Slot::Held(order), _) if order.what == Demand::Failover => {
            // One that is obeyed: no later failover makes it another's.
            Slot::Held(Order { episode: Timestamp::UNIX_EPOCH, at: long_ago(0), ..order })
        }
        (Slot::Held(order), Some((raised, next)))
            if order.episode == raised.at && order.at >= since =>
        {
            // After the transition, and before whatever is asked next.
            Slot::Held(Order { episode: next.at, at: after(now, -1), ..order })
        }
        (Slot::Unreadable, _) => Slot::Unreadable,
        (Slot::Held(_) | Slot::Absent, _) => Slot::Absent,
    }
}

/// The name of the episode. Its age matters only where it is told how long a failover lasts.
fn first(
    raised: &Raised,
    at: Timestamp,
    now: Timestamp,
    policy: &Policy,
    telling: bool,
) -> Timestamp {
    if telling {
        at_most(raised.first, now, policy.hour() * HELD_HOURS + policy.tick())
    } else if raised.first == raised.at {
        at
    } else {
        after(now, -LONG)
    }
}

/// Which of the two is newer, whose it is, and for a moment how old an opening is.
fn gate(
    record: &Record,
    present: Option<Timestamp>,
    now: Timestamp,
    policy: &Policy,
) -> (Slot<Turn>, Slot<Turn>) {
    let closed = |episode| Slot::Held(Turn { episode: Some(episode), at: after(now, 1 - LONG) });
    let at = |slot: &Slot<Turn>| slot.held().map(|turn| turn.at);
    let holds = record.gate().is_some_and(|gate| gate.latch == Latch::Closed);
    match (present, record.opened) {
        (Some(first), _) if holds => (closed(first), Slot::Absent),
        // Left over from a failover before all others.
        _ if at(&record.closed) > at(&record.opened) => {
            (closed(after(now, -20 - LONG)), Slot::Absent)
        }
        (_, Slot::Held(opened)) if age(now, opened.at) <= policy.released() => {
            (Slot::Absent, Slot::Held(Turn { episode: None, ..opened }))
        }
        _ => (Slot::Absent, Slot::Absent),
    }
}

/// Failbacks that still count.
fn recent(history: Slot<History>, now: Timestamp, policy: &Policy) -> Slot<History> {
    kept(history, |mut history| {
        history.finished.retain(|&at| age(now, at) < policy.day());
        (!history.finished.is_empty()).then_some(history)
    })
}

/// A count towards a lower floor belongs to the base that it began with.
fn of_base(drain: Slot<Count>, before: Slot<Base>, after: Slot<Base>) -> Slot<Count> {
    kept(drain, |drain| {
        let (before, after) = (before.held()?, after.held()?);
        (drain.episode == before.at).then_some(Count { episode: after.at, ..drain })
    })
}

/// The search has one hour only: how the ring turns is for tests of the ring.
fn this_hour(peak: Peak, policy: &Policy) -> Peak {
    let hour = i64::try_from(policy.hour().as_secs()).unwrap_or(i64::MAX);
    Peak { hour: start().as_second().div_euclid(hour), ..peak }
}

/// Something that speaks of times.
trait Times {
    /// Changes each of them.
    fn change(&mut self, change: &mut dyn FnMut(&mut Timestamp));
}

impl Times for Timestamp {
    fn change(&mut self, change: &mut dyn FnMut(&mut Timestamp)) {
        change(self);
    }
}

impl<T: Times> Times for Slot<T> {
    fn change(&mut self, change: &mut dyn FnMut(&mut Timestamp)) {
        if let Self::Held(value) = self {
            value.change(change);
        }
    }
}

impl<T: Times> Times for Option<T> {
    fn change(&mut self, change: &mut dyn FnMut(&mut Timestamp)) {
        if let Some(value) = self {
            value.change(change);
        }
    }
}

impl<T: Times> Times for Vec<T> {
    fn change(&mut self, change: &mut dyn FnMut(&mut Timestamp)) {
        for value in self {
            value.change(change);
        }
    }
}

impl Times for Lasting {
    fn change(&mut self, change: &mut dyn FnMut(&mut Timestamp)) {
        self.since.values_mut().for_each(change);
    }
}

/// The times of a type are those of these fields.
macro_rules! times {
    ($($of:ty: $($field:ident),+;)+) => {
        $(impl Times for $of {
            fn change(&mut self, change: &mut dyn FnMut(&mut Timestamp)) {
                $(self.$field.change(change);)+
            }
        })+
    };
}

times! {
    Base: at;
    Count: episode, at;
    Gone: at;
    History: finished;
    Order: episode, at;
    PrimaryUndo: episode;
    Raised: first, at;
    Told: at, gone;
    Turn: episode, at;
    Record: base, raised, done, closed, opened, primary, drain, starved, unseen, history, order, findings, lasting;
}

impl Times for Register {
    fn change(&mut self, change: &mut dyn FnMut(&mut Timestamp)) {
        match self {
            Self::Base(base) => base.change(change),
            Self::Raised(raised) => raised.change(change),
            Self::Done(at) | Self::Unseen(at) => change(at),
            Self::Closed(turn) | Self::Opened(turn) => turn.change(change),
            Self::Primary(undo) => undo.change(change),
            Self::Drain(count) | Self::Starved(count) => count.change(change),
            Self::History(history) => history.change(change),
            Self::Order(order) => order.change(change),
            Self::Peak(_) | Self::Mode(_) | Self::Told(_) | Self::Lasting(_) => {}
        }
    }
}

/// What a handler has still to write, without what it tells people.
fn shift(pending: &mut Pending, change: &mut dyn FnMut(&mut Timestamp)) {
    let decision = &mut pending.decision;
    decision.before.change(change);
    decision.after.change(change);
    decision.request.change(change);
    decision.notice = None;
    decision.news = News::NONE;
    if let Known::Known(AlarmView { transitioned_at, .. }) = &mut pending.alarm {
        change(transitioned_at);
    }
}
