//! Two worlds that the rules cannot tell apart are one state.
//!
//! The rules know time only as the age of a reading or a register, compared with a length of the policy, and as the order of
//! two registers. So every state is moved to the same `now`, ages that no rule compares any more are cut, and registers of a
//! finished failover are dropped. While a handler of an older minute is still under way nothing is dropped: it may write them.

use std::cell::RefCell;
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
    let shift = Shift(&|at| after(at, seconds));
    world.now = shift.time(world.now);
    let now = world.now;
    let proof = if policy.hour() < policy.tick() * NEVER {
        policy.evidence().max(policy.hour())
    } else {
        policy.evidence()
    };
    let detector = &mut world.detector;
    detector.since = match detector.alarm {
        AlarmState::Ok => at_most(shift.time(detector.since), now, proof + policy.tick()),
        // Only the age of an OK is evidence.
        AlarmState::Alarm | AlarmState::Insufficient => now,
    };
    detector.newest = at_most(shift.time(detector.newest), now, policy.tick() * 7);
    let since = detector.since;
    world.record = shift.record(std::mem::take(&mut world.record));
    for register in &mut world.spoilt {
        *register = shift.register(register.clone());
    }
    let told = site.telling.then(|| told(&world.record, now, policy));
    if let Some(pending) = &mut world.pending {
        shift.pending(pending);
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
    let findings = match &record.findings {
        Slot::Held(told) if told.findings.is_empty() => Slot::Absent,
        Slot::Held(told) => {
            let cut = |gone: &Gone| {
                let at = at_most(gone.at, now, policy.hour() + tick);
                Gone { findings: gone.findings.clone(), at }
            };
            let at = at_most(told.at, now, policy.day() + tick);
            let gone = told.gone.as_ref().map(cut);
            Slot::Held(Told { findings: told.findings.clone(), at, gone })
        }
        Slot::Absent => Slot::Absent,
        Slot::Unreadable => Slot::Unreadable,
    };
    let lasting = match &record.lasting {
        Slot::Held(lasting) if lasting.since.is_empty() => Slot::Absent,
        Slot::Held(lasting) => {
            let most = policy.hour().max(policy.starved() * 2) + tick;
            let since = lasting.since.iter();
            let since = since.map(|(&finding, &at)| (finding, at_most(at, now, most))).collect();
            Slot::Held(Lasting { since })
        }
        Slot::Absent => Slot::Absent,
        Slot::Unreadable => Slot::Unreadable,
    };
    (findings, lasting)
}

/// Nothing is dropped. Times that are older than any rule asks keep their order and nothing else.
fn ordered(world: &mut World, policy: &Policy) {
    let most = [policy.evidence(), policy.day(), policy.released(), policy.starved()];
    let most = most.into_iter().fold(policy.drain_gap() * 2, Duration::max) + policy.tick() * 2;
    let oldest = at_most(Timestamp::MIN, world.now, most);
    let old = RefCell::new(BTreeSet::new());
    let note = |at| {
        if at < oldest {
            old.borrow_mut().insert(at);
        }
        at
    };
    let noting = Shift(&note);
    let _same = noting.record(world.record.clone());
    for register in &world.spoilt {
        let _same = noting.register(register.clone());
    }
    let old: Vec<_> = old.into_inner().into_iter().rev().collect();
    let bring = |at| {
        let rank = old.iter().position(|&other| other == at);
        rank.map_or(at, |rank| after(oldest, -1 - i64::try_from(rank).unwrap_or(LONG)))
    };
    let bringing = Shift(&bring);
    world.record = bringing.record(std::mem::take(&mut world.record));
    for register in &mut world.spoilt {
        *register = bringing.register(register.clone());
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
    let primary = match record.primary {
        Slot::Held(undo) => episode(undo.episode).map_or(Slot::Absent, |episode| {
            Slot::Held(PrimaryUndo { episode, desired: 0, ..undo })
        }),
        Slot::Absent | Slot::Unreadable => Slot::Absent,
    };
    let drain = match record.drain {
        Slot::Held(drain) if drain.ticks == 0 || age(now, drain.at) <= policy.drain_gap() => {
            let at = at_most(drain.at, now, policy.drain_gap() * 2);
            // A matching floor counts by its base.
            let kept = episode(drain.episode).or_else(|| ours.is_none().then_some(drain.episode));
            let at = if drain.ticks == 0 { long_ago(2) } else { at };
            kept.map_or(Slot::Absent, |episode| Slot::Held(Count { episode, at, ..drain }))
        }
        Slot::Unreadable => Slot::Unreadable,
        Slot::Absent | Slot::Held(_) => Slot::Absent,
    };
    let starved = match record.starved {
        Slot::Held(count) if count.ticks > 0 && age(now, count.at) <= policy.drain_gap() => {
            episode(count.episode)
                .map_or(Slot::Absent, |episode| Slot::Held(Count { episode, ..count }))
        }
        Slot::Unreadable => Slot::Unreadable,
        Slot::Absent | Slot::Held(_) => Slot::Absent,
    };
    let unseen = match record.unseen {
        Slot::Held(at) if age(now, at) > policy.drain_gap() => Slot::Absent,
        other @ (Slot::Held(_) | Slot::Absent | Slot::Unreadable) => other,
    };
    let base = match record.base {
        Slot::Held(base) => Slot::Held(Base {
            at: at_most(base.at, now, policy.evidence() + policy.tick()),
            ..base
        }),
        other @ (Slot::Absent | Slot::Unreadable) => other,
    };
    let drain = if ours.is_none() { of_base(drain, record.base, base) } else { drain };
    Record {
        base,
        peak: record.peak.held().map_or(Slot::Absent, |peak| Slot::Held(this_hour(*peak, policy))),
        raised: next.map_or(Slot::Absent, Slot::Held),
        // Some failover was finished before everything else: without `done` other registers are asked.
        done: Slot::Held(long_ago(-10)),
        closed,
        opened,
        primary,
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
    match history {
        Slot::Held(history) => {
            let recent = history.finished.into_iter().filter(|&at| age(now, at) < policy.day());
            let finished: Vec<_> = recent.collect();
            if finished.is_empty() { Slot::Absent } else { Slot::Held(History { finished }) }
        }
        other @ (Slot::Absent | Slot::Unreadable) => other,
    }
}

/// A count towards a lower floor belongs to the base that it began with.
fn of_base(drain: Slot<Count>, before: Slot<Base>, after: Slot<Base>) -> Slot<Count> {
    match (drain, before, after) {
        (Slot::Held(drain), Slot::Held(before), Slot::Held(after))
            if drain.episode == before.at =>
        {
            Slot::Held(Count { episode: after.at, ..drain })
        }
        (Slot::Unreadable, ..) => Slot::Unreadable,
        _ => Slot::Absent,
    }
}

/// The search has one hour only: how the ring turns is for tests of the ring.
fn this_hour(peak: Peak, policy: &Policy) -> Peak {
    let hour = i64::try_from(policy.hour().as_secs()).unwrap_or(i64::MAX);
    Peak { hour: start().as_second().div_euclid(hour), ..peak }
}

/// Moves times.
#[derive(Clone, Copy)]
struct Shift<'a>(&'a dyn Fn(Timestamp) -> Timestamp);

impl Shift<'_> {
    fn time(self, at: Timestamp) -> Timestamp {
        (self.0)(at)
    }

    fn slot<T>(slot: Slot<T>, moved: impl FnOnce(T) -> T) -> Slot<T> {
        match slot {
            Slot::Held(value) => Slot::Held(moved(value)),
            Slot::Absent => Slot::Absent,
            Slot::Unreadable => Slot::Unreadable,
        }
    }

    fn record(self, record: Record) -> Record {
        let time = |at| self.time(at);
        Record {
            base: Self::slot(record.base, |base| self.base(base)),
            raised: Self::slot(record.raised, |raised| self.raised(raised)),
            done: Self::slot(record.done, time),
            closed: Self::slot(record.closed, |turn| self.turn(turn)),
            opened: Self::slot(record.opened, |turn| self.turn(turn)),
            primary: Self::slot(record.primary, |undo| self.undo(undo)),
            drain: Self::slot(record.drain, |drain| self.count(drain)),
            starved: Self::slot(record.starved, |starved| self.count(starved)),
            unseen: Self::slot(record.unseen, time),
            history: Self::slot(record.history, |history| self.history(&history)),
            order: Self::slot(record.order, |order| self.order(order)),
            peak: record.peak,
            mode: record.mode,
            findings: Self::slot(record.findings, |told| self.told(told)),
            lasting: Self::slot(record.lasting, |lasting| Lasting {
                since: lasting.since.into_iter().map(|(of, at)| (of, self.time(at))).collect(),
            }),
        }
    }

    fn told(self, told: Told) -> Told {
        let gone = told.gone.map(|gone| Gone { at: self.time(gone.at), ..gone });
        Told { at: self.time(told.at), gone, ..told }
    }

    fn pending(self, pending: &mut Pending) {
        let decision = &mut pending.decision;
        for register in decision.before.iter_mut().chain(&mut decision.after) {
            *register = self.register(register.clone());
        }
        decision.request = decision.request.take().map(|register| self.register(register));
        decision.notice = None;
        decision.news = News::NONE;
        if let Known::Known(AlarmView { transitioned_at, .. }) = &mut pending.alarm {
            *transitioned_at = self.time(*transitioned_at);
        }
    }

    fn register(self, register: Register) -> Register {
        match register {
            Register::Base(base) => Register::Base(self.base(base)),
            Register::Raised(raised) => Register::Raised(self.raised(raised)),
            Register::Done(at) => Register::Done(self.time(at)),
            Register::Closed(turn) => Register::Closed(self.turn(turn)),
            Register::Opened(turn) => Register::Opened(self.turn(turn)),
            Register::Primary(undo) => Register::Primary(self.undo(undo)),
            Register::Drain(drain) => Register::Drain(self.count(drain)),
            Register::Starved(starved) => Register::Starved(self.count(starved)),
            Register::Unseen(at) => Register::Unseen(self.time(at)),
            Register::History(history) => Register::History(self.history(&history)),
            Register::Order(order) => Register::Order(self.order(order)),
            Register::Peak(_) | Register::Mode(_) | Register::Told(_) | Register::Lasting(_) => {
                register
            }
        }
    }

    fn base(self, base: Base) -> Base {
        Base { at: self.time(base.at), ..base }
    }

    fn raised(self, raised: Raised) -> Raised {
        Raised { first: self.time(raised.first), at: self.time(raised.at), ..raised }
    }

    fn undo(self, undo: PrimaryUndo) -> PrimaryUndo {
        PrimaryUndo { episode: self.time(undo.episode), ..undo }
    }

    fn count(self, count: Count) -> Count {
        Count { episode: self.time(count.episode), at: self.time(count.at), ..count }
    }

    fn turn(self, turn: Turn) -> Turn {
        Turn { episode: turn.episode.map(|at| self.time(at)), at: self.time(turn.at) }
    }

    fn history(self, history: &History) -> History {
        History { finished: history.finished.iter().map(|&at| self.time(at)).collect() }
    }

    fn order(self, order: Order) -> Order {
        Order { episode: self.time(order.episode), at: self.time(order.at), ..order }
    }
}
