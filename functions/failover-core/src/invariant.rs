//! The safety invariants, checked over decision records: by the drills, by `explain`, and by the tests.
//!
//! Each is judged from a record's own inputs, so that a log is enough and AWS need not be asked again.

mod early;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::decision::{
    Decision, DecisionRecord, Effect, Latch, Outcome, Reason, StandbyWrite, Step,
};
use crate::observation::{AlarmState, Answer, Evaluation, Known, Mode, Observation};
use crate::policy::{Floor, Policy, Routing};
use crate::record::{Cause, Demand, Ownership, Register, Sizes};
use crate::signal::Signal;
use crate::time::{Timestamp, age};

/// An invariant and what the records say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Its name in the design: `S1`.
    pub id: Cow<'static, str>,
    /// What it demands, as one sentence.
    pub statement: Cow<'static, str>,
    /// Records to which it applied.
    pub checked: usize,
    /// The records that break it: time and what was wrong.
    pub violations: Vec<String>,
}

impl Verdict {
    /// No record breaks it.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.violations.is_empty()
    }
}

/// What is judged: a decision with its inputs.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// Numbers of the site.
    pub policy: &'a Policy,
    /// Why the invocation ran.
    pub signal: &'a Signal,
    /// What it saw.
    pub observation: &'a Observation,
    /// When.
    pub at: Timestamp,
    /// What it decided.
    pub decision: &'a Decision,
    /// What became of it, if that is known already.
    pub outcome: Option<&'a Outcome>,
}

impl<'a> From<&'a DecisionRecord> for Case<'a> {
    fn from(record: &'a DecisionRecord) -> Self {
        Self {
            policy: &record.policy,
            signal: &record.signal,
            observation: &record.observation,
            at: record.at,
            decision: &record.decision,
            outcome: Some(&record.outcome),
        }
    }
}

/// `None`: does not apply. `Some(Err)`: broken, with what is wrong.
type Judgement = Option<Result<(), &'static str>>;
type Judge = fn(&Case<'_>) -> Judgement;

const INVARIANTS: [(&str, &str, Judge); 20] = [
    (
        "S1",
        "capacity is lowered only on an alarm that has been OK, and a metric without a gap, for the hold-down",
        s1,
    ),
    ("S3", "nothing is lowered while the alarm reads ALARM", s3),
    ("S4", "sizes that are written fit each other and stay within the cap", s4),
    ("S5", "nothing is lowered while the detector is blind", s5),
    ("S6", "only what we raised is lowered, and exactly to the sizes that were recorded", s6),
    (
        "S7",
        "a decision that was carried out is not followed by another write on the same reading",
        s7,
    ),
    ("S8", "the text of an alarm event changes nothing while the alarm can be read", s8),
    (
        "S9",
        "nothing is written while frozen, observing or rehearsing, but the operator's request and what people were told",
        s9,
    ),
    ("S12", "the normal sizes are recorded only after an hour of OK", s12),
    (
        "S13",
        "the latch opens only onto a primary that carries everybody, or has more than a standby that lacks servers",
        s13,
    ),
    (
        "S14",
        "the latch closes only where the standby carries everybody, or its share after its time, and never moves users unasked",
        s14,
    ),
    ("S15", "nothing is lowered before DNS answered the primary on enough ticks in a row", s15),
    (
        "S16",
        "our own probe raises only where the detector was blind for more than one reading",
        s16,
    ),
    ("S17", "a raise is recorded with a time past every raise before it", s17),
    (
        "S18",
        "nothing of a failover is lowered while clients ask the standby, unless a person asked for the failback",
        s18,
    ),
    ("S19", "a look between two ticks raises, or does nothing at all", early::s19),
    (
        "S20",
        "a precaution needs `eager`, two looks in a row, and a line to the outside",
        early::s20,
    ),
    (
        "S21",
        "nothing is lowered while Route 53's verdict is unhealthy or cannot be read",
        early::s21,
    ),
    (
        "L1",
        "an invocation that reads ALARM, or an unhealthy verdict, raises or finds the standby raised",
        early::l1,
    ),
    ("R", "every decision recomputes offline to the same verdict", recomputes),
];

/// The invariants that a case breaks: name and what is wrong.
pub fn broken<'a>(case: &'a Case<'a>) -> impl Iterator<Item = (&'static str, &'static str)> + 'a {
    INVARIANTS.iter().filter_map(move |&(id, _, judge)| Some((id, judge(case)?.err()?)))
}

/// Judges every invariant over `records`.
#[must_use]
pub fn verify(records: &[DecisionRecord]) -> Vec<Verdict> {
    let judge = |&(id, statement, judge): &(&'static str, &'static str, Judge)| {
        let (id, statement) = (Cow::Borrowed(id), Cow::Borrowed(statement));
        let mut verdict = Verdict { id, statement, checked: 0, violations: Vec::new() };
        for record in records {
            let Some(result) = judge(&Case::from(record)) else { continue };
            verdict.checked += 1;
            if let Err(what) = result {
                let reason = record.decision.reason.name();
                verdict.violations.push(format!("{} {reason}: {what}", record.at));
            }
        }
        verdict
    };
    INVARIANTS.iter().map(judge).collect()
}

const fn ensure(holds: bool, otherwise: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(otherwise) }
}

fn lowering(case: &Case<'_>) -> Option<StandbyWrite> {
    case.decision.standby.filter(StandbyWrite::lowers)
}

fn s1(case: &Case<'_>) -> Judgement {
    lowering(case)?;
    let hold_down = case.policy.hold_down();
    let (Known::Known(alarm), Known::Known(points)) =
        (case.observation.alarm, case.observation.datapoints)
    else {
        return Some(Err("the alarm or its metric is unknown"));
    };
    let old_enough = age(case.at, alarm.transitioned_at) >= hold_down;
    let gapless = points.healthy_for() >= hold_down;
    Some(
        ensure(alarm.state == AlarmState::Ok, "the alarm is not OK")
            .and_then(|()| ensure(old_enough, "the alarm is not OK for long enough"))
            .and_then(|()| ensure(gapless, "the metric has a gap or a 0 in the hold-down"))
            .and_then(|()| {
                ensure(age(case.at, points.newest) <= points.period * 4, "the metric is late")
            }),
    )
}

fn s3(case: &Case<'_>) -> Judgement {
    let alarm = case.observation.alarm.known()?;
    (alarm.state == AlarmState::Alarm)
        .then(|| ensure(lowering(case).is_none(), "lowered while the alarm reads ALARM"))
}

fn s4(case: &Case<'_>) -> Judgement {
    let live = case.observation.standby.known()?;
    let primary = match (case.decision.primary, case.observation.primary.known()) {
        (Some(write), Some(live)) => {
            let desired = write.desired.unwrap_or(live.desired);
            ensure(write.min <= desired && desired <= live.max, "the primary's sizes do not fit")
        }
        (Some(_), None) => Err("the primary is written without having been read"),
        (None, _) => Ok(()),
    };
    let Some(write) = case.decision.standby else {
        return case.decision.primary.map(|_| primary);
    };
    let cap = case.policy.capacity_max().max(live.max).max(live.desired);
    Some(match write.applied(live.sizes()) {
        None => Err("min, desired and max do not fit each other"),
        Some(sizes) => ensure(sizes.max <= cap, "above the cap").and(primary),
    })
}

fn s5(case: &Case<'_>) -> Judgement {
    let blind = match case.observation.alarm {
        Known::Unknown(_) => true,
        Known::Known(alarm) => {
            alarm.state == AlarmState::Insufficient || alarm.evaluation == Evaluation::Failing
        }
    };
    (blind || case.observation.datapoints.known().is_none())
        .then(|| ensure(lowering(case).is_none(), "lowered while blind"))
}

fn s6(case: &Case<'_>) -> Judgement {
    if let Some(StandbyWrite::Raise(sizes)) = case.decision.standby {
        let live = case.observation.standby.known()?;
        let grows = sizes.min >= live.min && sizes.desired >= live.desired && sizes.max >= live.max;
        return Some(ensure(grows, "a raise that lowers"));
    }
    let write = lowering(case)?;
    let record = record(case);
    let record = record.as_deref();
    if matches!(case.decision.reason, Reason::LowerFloor { .. }) {
        let follows = case.policy.floor() == Floor::Match
            && record.map(crate::Record::ownership) == Some(Ownership::Idle);
        let to_target = write == StandbyWrite::LowerMin { min: target(case) };
        return Some(ensure(follows && to_target, "lowered a floor that does not follow the load"));
    }
    let Some(Ownership::Ours(raised)) = record.map(crate::Record::ownership) else {
        return Some(Err("lowered what we did not raise"));
    };
    let live = case.observation.standby.known()?;
    Some(match write {
        StandbyWrite::LowerMin { min } => {
            ensure(min == raised.undo.min, "not the recorded minimum")
        }
        StandbyWrite::LowerDesired { desired, max } => {
            let noted = raised.undo.desired.min(live.desired);
            let ours = live.max == raised.target && live.max > raised.undo.max;
            let expected = if ours { raised.undo.max } else { live.max };
            ensure(desired == noted, "not the recorded desired capacity")
                .and(ensure(max == expected, "not the maximum that is ours to put back"))
        }
        StandbyWrite::Raise(_) => Ok(()),
    })
}

/// The record, without what cannot have happened yet.
fn record<'a>(case: &Case<'a>) -> Option<Cow<'a, crate::Record>> {
    let record = case.observation.record.known()?;
    Some(crate::decide::plausible(record, case.policy, case.at))
}

/// T, as it is reckoned from the same readings.
fn target(case: &Case<'_>) -> u16 {
    crate::target(case.policy, case.observation, case.at)
}

fn s7(case: &Case<'_>) -> Judgement {
    if !case.decision.writes() || case.decision.effect == Effect::Report {
        return None;
    }
    let after = applied(case)?;
    let again = crate::decide(case.policy, case.signal, &after, case.at);
    let closed = case.observation.record.known().and_then(|record| record.closed.held());
    let moves = |register: &Register| {
        if let Register::Closed(turn) = register {
            // A turn that is only given the name of its episode is no new one.
            return closed.is_none_or(|closed| closed.at != turn.at);
        }
        matches!(register, Register::Opened(_))
    };
    // The other group may follow, and registers that only count or note; neither a size nor the latch moves twice.
    let still = (again.standby.is_none() || case.decision.standby.is_none())
        && (again.primary.is_none() || case.decision.primary.is_none())
        && !(again.after.iter().any(moves) && case.decision.after.iter().any(moves));
    Some(ensure(still, "a second write on the same reading"))
}

/// The observation after the decision was carried out in full.
fn applied(case: &Case<'_>) -> Option<Observation> {
    let decision = case.decision;
    let mut next = case.observation.clone();
    if let (Some(write), Known::Known(group)) = (decision.standby, &mut next.standby) {
        let Sizes { min, desired, max } = write.applied(group.sizes())?;
        (group.min, group.desired, group.max) = (min, desired, max);
    }
    if let (Some(write), Known::Known(group)) = (decision.primary, &mut next.primary) {
        group.min = write.min;
        group.desired = write.desired.unwrap_or(group.desired);
    }
    let registers = decision.request.iter().chain(&decision.before).chain(&decision.after);
    let before = next.record.known()?.clone();
    next.record = Known::Known(registers.fold(before, crate::Record::with));
    Some(next)
}

fn s8(case: &Case<'_>) -> Judgement {
    case.observation.alarm.known()?;
    let Signal::Alarm(_) = case.signal else { return None };
    let silent = Signal::Unreadable { detail: String::new() };
    let again = crate::decide(case.policy, &silent, case.observation, case.at);
    let same = again.standby == case.decision.standby && again.reason == case.decision.reason;
    Some(ensure(same, "the event's text changed the decision"))
}

fn s9(case: &Case<'_>) -> Judgement {
    // A request may change the mode: what counts is the mode after it.
    let frozen = case.decision.reason == Reason::Frozen
        || (case.observation.mode() == Known::Known(Mode::Frozen)
            && case.observation.standby.known().is_some()
            && case.decision.request.is_none());
    if !frozen && case.decision.effect == Effect::Act {
        return None;
    }
    let decided = frozen
        && (case.decision.standby.is_some()
            || case.decision.primary.is_some()
            || !case.decision.before.is_empty()
            || !case.decision.after.is_empty());
    let done = case.outcome.map_or(&[][..], |outcome| &outcome.done);
    let wrote = done.iter().any(|step| match step {
        Step::Standby | Step::Primary | Step::After => true,
        Step::Before => case.decision.request.is_none(),
        Step::Recheck | Step::Latch | Step::Notify | Step::Told => false,
    });
    Some(ensure(!wrote && !decided, "wrote all the same"))
}

fn s12(case: &Case<'_>) -> Judgement {
    let notes = |register: &&Register| matches!(register, Register::Peak(_) | Register::Base(_));
    case.decision.after.iter().find(notes)?;
    let Some(alarm) = case.observation.alarm.known() else {
        return Some(Err("the alarm cannot be read"));
    };
    let settled =
        alarm.state == AlarmState::Ok && age(case.at, alarm.transitioned_at) >= case.policy.hour();
    let at_primary = case.observation.answer == Known::Known(Answer::Primary)
        || case.policy.routing() == Routing::ActiveActive;
    Some(
        ensure(settled, "the alarm has not been OK for an hour")
            .and_then(|()| ensure(at_primary, "the users are elsewhere")),
    )
}

fn s13(case: &Case<'_>) -> Judgement {
    case.decision.after.iter().find(|register| matches!(register, Register::Opened(_)))?;
    let record = record(case)?;
    // What is open already is only noted, when a failover is closed.
    if !case.policy.latch() || record.gate().is_some_and(|gate| gate.latch == Latch::Open) {
        return None;
    }
    let (Some(primary), Some(standby)) =
        (case.observation.primary.known(), case.observation.standby.known())
    else {
        return Some(Err("a group is unknown"));
    };
    let (Some(alarm), Some(_)) =
        (case.observation.alarm.known(), case.observation.datapoints.known())
    else {
        return Some(Err("the alarm or its metric is unknown"));
    };
    let target = target(case);
    let there = primary.healthy.known().copied().unwrap_or(primary.in_service);
    let here = standby.healthy.known().copied();
    let carries = there >= standby.in_service.max(target).min(primary.max);
    let more = here.is_some_and(|here| here < target && there > here);
    let proven = age(case.at, alarm.transitioned_at) >= case.policy.hold_down();
    let needed = case.policy.starved_ticks();
    let long = record.starved.held().is_some_and(|count| count.ticks.saturating_add(1) >= needed);
    let starved = here.is_some_and(|here| case.policy.may_not_hold(here, target)) && long;
    Some(
        ensure(alarm.state == AlarmState::Ok, "the alarm is not OK")
            .and(ensure(carries || more, "the primary cannot carry everybody"))
            .and(ensure(proven || starved, "neither proven nor starved for long")),
    )
}

fn s14(case: &Case<'_>) -> Judgement {
    let closed = case.decision.after.iter().find_map(|register| {
        if let Register::Closed(turn) = register { Some(turn) } else { None }
    })?;
    let record = record(case);
    let record = record.as_deref();
    // What is closed already is only given the name of its episode.
    if record.and_then(|record| record.closed.held()).is_some_and(|held| held.at == closed.at) {
        return None;
    }
    let standby = case.observation.standby.known()?;
    let raised = match record.map(crate::Record::ownership) {
        Some(Ownership::Ours(raised)) => Some(raised),
        _ => None,
    };
    let waited = raised.is_some_and(|raised| age(case.at, raised.at) >= case.policy.starved());
    let target = target(case);
    let carries = standby.healthy.known().is_some_and(|&healthy| {
        healthy >= target || waited && case.policy.may_carry(healthy, target)
    });
    let alarm = case.observation.alarm.known().map(|alarm| alarm.state);
    let red = case.observation.datapoints.known().is_some_and(|points| points.healthy_run == 0);
    let moved = alarm == Some(AlarmState::Alarm)
        && red
        && case.observation.answer == Known::Known(Answer::Standby);
    let orders = |register: &Register| matches!(register, Register::Order(order) if order.what == Demand::Failover);
    let standing = record.and_then(|record| record.order.held());
    let ordered = standing.is_some_and(|order| order.what == Demand::Failover)
        || case.decision.request.as_ref().is_some_and(orders);
    Some(
        ensure(carries, "the standby does not carry everybody")
            .and_then(|()| ensure(moved || ordered, "the latch would move users unasked")),
    )
}

fn s15(case: &Case<'_>) -> Judgement {
    lowering(case)?;
    let needed = case.policy.drain_ticks();
    let counted = case.observation.record.known().and_then(|record| record.drain.held());
    let enough = counted.is_some_and(|drain| drain.ticks.saturating_add(1) >= needed);
    let primary = case.observation.answer == Known::Known(Answer::Primary);
    Some(
        ensure(primary, "DNS does not answer the primary")
            .and_then(|()| ensure(enough, "too few ticks were counted")),
    )
}

fn s16(case: &Case<'_>) -> Judgement {
    let alarm = case.observation.alarm.known()?;
    let judges = alarm.state == AlarmState::Ok && alarm.evaluation == Evaluation::Sound;
    if !judges || case.observation.datapoints.known().is_some() {
        return None;
    }
    let record = record(case);
    let before = record.as_ref().and_then(|record| record.unseen.held());
    let again = before.is_some_and(|&before| age(case.at, before) <= case.policy.drain_gap());
    let raises = matches!(case.decision.reason, Reason::Raise { why: Cause::Probe, .. });
    Some(ensure(again || !raises, "one lost reading beside an alarm that reads OK"))
}

fn s17(case: &Case<'_>) -> Judgement {
    let registers = case.decision.before.iter().chain(&case.decision.after);
    let noted = registers.filter_map(|register| {
        if let Register::Raised(raised) = register { Some(raised.at) } else { None }
    });
    let at = noted.max()?;
    let record = record(case)?;
    let raised = record.raised.held().map(|raised| raised.at);
    let before = raised.max(record.done.held().copied());
    Some(ensure(before.is_none_or(|before| at > before), "a raise that does not pass the last one"))
}

fn s18(case: &Case<'_>) -> Judgement {
    lowering(case)?;
    if matches!(case.decision.reason, Reason::LowerFloor { .. }) {
        return None;
    }
    let record = record(case)?;
    let asked = record.order.held().is_some_and(|order| order.what == Demand::Failback);
    let quiet = case.observation.standby_is_quiet().is_ok();
    Some(ensure(quiet || asked, "lowered while clients ask the standby"))
}

#[expect(clippy::unnecessary_wraps, reason = "it is an invariant like the others")]
fn recomputes(case: &Case<'_>) -> Judgement {
    let again = crate::decide(case.policy, case.signal, case.observation, case.at);
    Some(ensure(again == *case.decision, "recomputes to another decision"))
}
