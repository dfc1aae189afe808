//! The safety invariants, checked over decision records: by the drills, by `explain`, and by the tests.
//!
//! Each is judged from a record's own inputs, so that a log is enough and AWS need not be asked again.

use serde::Serialize;

use crate::decision::{DecisionRecord, Effect, Reason, StandbyWrite, Step};
use crate::observation::{AlarmState, Answer, Evaluation, Known, Mode, Observation};
use crate::record::{Ownership, Sizes};
use crate::time::age;

/// An invariant and what the records say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Its name in the design: `S1`.
    pub id: &'static str,
    /// What it demands, as one sentence.
    pub statement: &'static str,
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

/// Judges one record. `None`: does not apply. `Some(Err)`: broken, with the reason.
type Judge = fn(&DecisionRecord) -> Option<Result<(), String>>;

const INVARIANTS: [(&str, &str, Judge); 10] = [
    (
        "S1",
        "capacity is lowered only on an alarm that has been OK, and a metric without a gap, for the hold-down",
        s1,
    ),
    ("S3", "nothing is lowered while the alarm reads ALARM", s3),
    ("S4", "sizes that are written fit each other and stay within the cap", s4),
    ("S5", "nothing is lowered while the detector is blind", s5),
    ("S6", "only what we raised is lowered, and exactly to the sizes that were noted", s6),
    ("S7", "a group write that was carried out is not followed by another on the same reading", s7),
    ("S9", "nothing is written while frozen, observing or rehearsing", s9),
    ("S15", "nothing is lowered before DNS answered the primary on enough ticks in a row", s15),
    ("L1", "an invocation that reads ALARM raises, or finds the standby raised", l1),
    ("R", "every decision recomputes offline to the same verdict", recomputes),
];

/// Judges every invariant over `records`.
#[must_use]
pub fn verify(records: &[DecisionRecord]) -> Vec<Verdict> {
    let judge = |&(id, statement, judge): &(&'static str, &'static str, Judge)| {
        let mut verdict = Verdict { id, statement, checked: 0, violations: Vec::new() };
        for record in records {
            let Some(result) = judge(record) else { continue };
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

fn ensure(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

fn lowering(record: &DecisionRecord) -> Option<StandbyWrite> {
    record.decision.standby.filter(StandbyWrite::lowers)
}

fn s1(record: &DecisionRecord) -> Option<Result<(), String>> {
    lowering(record)?;
    let hold_down = record.policy.hold_down();
    let (Known::Known(alarm), Known::Known(points)) =
        (record.observation.alarm, record.observation.datapoints)
    else {
        return Some(Err("the alarm or its metric is unknown".to_owned()));
    };
    let old_enough = age(record.at, alarm.transitioned_at) >= hold_down;
    Some(
        ensure(alarm.state == AlarmState::Ok, "the alarm is not OK")
            .and_then(|()| ensure(old_enough, "the alarm is not OK for long enough"))
            .and_then(|()| {
                ensure(
                    points.healthy_for() >= hold_down,
                    "the metric has a gap or a 0 in the hold-down",
                )
            }),
    )
}

fn s3(record: &DecisionRecord) -> Option<Result<(), String>> {
    let alarm = record.observation.alarm.known()?;
    (alarm.state == AlarmState::Alarm)
        .then(|| ensure(lowering(record).is_none(), "lowered while the alarm reads ALARM"))
}

fn s4(record: &DecisionRecord) -> Option<Result<(), String>> {
    let live = record.observation.standby.known()?;
    let write = record.decision.standby?;
    let cap = record.policy.capacity_max().max(live.max).max(live.desired);
    Some(match write.applied(live.sizes()) {
        None => Err("min, desired and max do not fit each other".to_owned()),
        Some(sizes) => ensure(sizes.max <= cap, "above the cap"),
    })
}

fn s5(record: &DecisionRecord) -> Option<Result<(), String>> {
    let blind = match record.observation.alarm {
        Known::Unknown(_) => true,
        Known::Known(alarm) => {
            alarm.state == AlarmState::Insufficient || alarm.evaluation == Evaluation::Failing
        }
    };
    (blind || record.observation.datapoints.known().is_none())
        .then(|| ensure(lowering(record).is_none(), "lowered while blind"))
}

fn s6(record: &DecisionRecord) -> Option<Result<(), String>> {
    let write = lowering(record)?;
    let ownership = record.observation.record.known().map(crate::Record::ownership);
    let Some(Ownership::Ours(raised)) = ownership else {
        return Some(Err("lowered what we did not raise".to_owned()));
    };
    let live = record.observation.standby.known()?;
    Some(match write {
        StandbyWrite::LowerMin { min } => ensure(min == raised.undo.min, "not the noted minimum"),
        StandbyWrite::LowerDesired { desired, .. } => {
            let noted = raised.undo.desired.min(live.desired).max(live.min);
            ensure(desired == noted, "not the noted desired capacity")
        }
        StandbyWrite::Raise(_) => Ok(()),
    })
}

fn s7(record: &DecisionRecord) -> Option<Result<(), String>> {
    if !record.decision.writes() {
        return None;
    }
    let after = applied(record)?;
    let again = crate::decide(&record.policy, &record.signal, &after, record.at);
    let still = again.standby.is_none() && again.primary.is_none();
    Some(ensure(still, &format!("a second write: {}", again.reason.name())))
}

/// The observation after the decision was carried out in full.
fn applied(record: &DecisionRecord) -> Option<Observation> {
    let mut next = record.observation.clone();
    if let (Some(write), Known::Known(group)) = (record.decision.standby, &mut next.standby) {
        let Sizes { min, desired, max } = write.applied(group.sizes())?;
        (group.min, group.desired, group.max) = (min, desired, max);
    }
    let registers = record.decision.before.iter().chain(&record.decision.after);
    let before = next.record.known()?.clone();
    next.record = Known::Known(registers.fold(before, crate::Record::with));
    Some(next)
}

fn s9(record: &DecisionRecord) -> Option<Result<(), String>> {
    let frozen = record.observation.mode() == Known::Known(Mode::Frozen);
    if !frozen && record.decision.effect == Effect::Act {
        return None;
    }
    let wrote = record.outcome.done.iter().any(|step| match step {
        Step::Before | Step::Standby | Step::Primary | Step::After => true,
        Step::Recheck | Step::Notify => false,
    });
    Some(ensure(!wrote && !record.decision.writes(), "wrote all the same"))
}

fn s15(record: &DecisionRecord) -> Option<Result<(), String>> {
    lowering(record)?;
    let needed = record.policy.drain_ticks();
    let counted = record.observation.record.known().and_then(|memory| memory.drain.held());
    let enough = counted.is_some_and(|drain| drain.ticks.saturating_add(1) >= needed);
    let primary = record.observation.answer == Known::Known(Answer::Primary);
    Some(
        ensure(primary, "DNS does not answer the primary")
            .and_then(|()| ensure(enough, "too few ticks were counted")),
    )
}

fn l1(record: &DecisionRecord) -> Option<Result<(), String>> {
    let alarm = record.observation.alarm.known()?;
    if alarm.state != AlarmState::Alarm {
        return None;
    }
    let raised = match record.decision.reason {
        Reason::Raise { .. } | Reason::AlreadyRaised { .. } => true,
        // The operator's freeze and an unreadable group are told apart by their own reasons.
        Reason::Frozen | Reason::StandbyUnreadable { .. } => return None,
        Reason::NotArmed { .. }
        | Reason::Proving { .. }
        | Reason::Draining { .. }
        | Reason::LowerMin
        | Reason::LowerDesired
        | Reason::Finish
        | Reason::Sample { .. }
        | Reason::RecordUnreadable
        | Reason::Blind
        | Reason::Idle => false,
    };
    Some(ensure(raised, "read ALARM and did not raise"))
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of a judge")]
fn recomputes(record: &DecisionRecord) -> Option<Result<(), String>> {
    Some(ensure(record.recomputed() == record.decision, "recomputes to another decision"))
}
