//! Properties of `decide` for any reading, and that the readings reach everything there is.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::strategies::{alarm_state, world};
use super::world::{World, start};
use crate::ReasonKind;
use crate::decision::{DecisionRecord, Effect};
use crate::observation::{Known, Mode};
use crate::record::{Cause, Record, Sizes, Slot};
use crate::signal::{Claim, Signal};
use crate::time::after;

/// AWS would take every write of the decision.
fn fits(world: &World) -> bool {
    let decision = world.decide();
    let standby = match (&world.seen.standby, decision.standby) {
        (Known::Known(live), Some(write)) => write.applied(live.sizes()).is_some(),
        (Known::Unknown(_), Some(_)) => false,
        (_, None) => true,
    };
    let primary = match (&world.seen.primary, decision.primary) {
        (Known::Known(live), Some(write)) => {
            let desired = write.desired.unwrap_or(live.desired);
            Sizes { min: write.min, desired, max: live.max }.plausible()
        }
        (Known::Unknown(_), Some(_)) => false,
        (_, None) => true,
    };
    standby && primary
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Every invariant holds, and AWS would refuse nothing.
    #[test]
    fn every_invariant_holds_for_any_world(mut world in world()) {
        prop_assert!(fits(&world), "AWS would refuse {:?}", world.decide());
        world.step();
        for verdict in crate::invariant::verify(&world.log) {
            prop_assert!(verdict.holds(), "{verdict:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// The rules that `explain` walks are the ones that decide: the last one fired, and none before it.
    #[test]
    fn explain_tells_the_same_verdict(world in world()) {
        let explanation = world.explain();
        prop_assert_eq!(&explanation.decision, &world.decide());
        let (fired, before) = explanation.rules.split_last().expect("a rule fires");
        prop_assert_eq!(fired.skipped, None);
        prop_assert!(before.iter().all(|trace| trace.skipped.is_some_and(|why| !why.is_empty())));
        let readable = world.seen.standby.known().is_some();
        prop_assert_eq!(explanation.evidence.len(), if readable { Cause::ALL.len() } else { 0 });
    }

    /// With the alarm readable, the event's text does not matter for what is written.
    #[test]
    fn the_event_does_not_matter_while_the_alarm_can_be_read(mut world in world(), state in alarm_state(), ago in 0_i64..2000) {
        if world.seen.alarm.known().is_none() {
            return Ok(());
        }
        world.signal = Signal::Unreadable { detail: "noise".to_owned() };
        let silent = world.decide();
        world.signal = Signal::Alarm(Claim { state, at: after(start(), -ago) });
        prop_assert_eq!(silent, world.decide());
    }

    /// What is written for a tick reads back as it was meant, and a log line as the record it holds.
    #[test]
    fn whatever_is_written_reads_back(mut world in world()) {
        let decision = world.decide();
        for register in decision.before.iter().chain(&decision.after).chain(&decision.request) {
            let (key, value) = register.tag();
            prop_assert!(value.is_ascii() && value.len() <= crate::record::TAG_VALUE_MAX);
            let read = Record::from_tags([(key.as_str(), value.as_str())]);
            prop_assert_eq!(read, Record::default().with(register));
        }
        for notice in decision.notice.into_iter().chain(decision.news.notice) {
            prop_assert!(notice.subject.is_ascii() && notice.subject.len() <= 100);
        }
        world.step();
        let line = world.log[0].to_log_line();
        prop_assert_eq!(DecisionRecord::from_log_line(&line), world.log.pop());
    }

    /// A mode that forbids writes forbids them all, but the request that changes it and what people were told.
    #[test]
    fn nothing_is_done_where_nothing_may_be(mut world in world()) {
        let decision = world.decide();
        let before = world.seen.clone();
        world.step();
        let mode = world.seen.mode();
        let allowed = mode == Known::Known(Mode::Armed) || matches!(mode, Known::Unknown(_));
        if !allowed || world.signal == Signal::Rehearsal {
            let kept = decision.request.clone();
            let silent = |record: Record| Record {
                findings: Slot::Absent,
                lasting: Slot::Absent,
                ..record
            };
            let expected = before.record.map(|record| {
                silent(kept.iter().fold(record, Record::with))
            });
            prop_assert_eq!(world.seen.record.map(silent), expected);
            prop_assert_eq!(world.seen.standby, before.standby);
            prop_assert_eq!(world.seen.primary, before.primary);
        } else {
            prop_assert_eq!(decision.effect, Effect::Act);
        }
    }
}

/// Goal: no property above passes by being empty. Method: a fixed seed; every reason, every rule and every invariant is met.
#[test]
fn the_worlds_reach_every_reason_every_rule_and_every_invariant() {
    let mut runner = TestRunner::deterministic();
    let worlds = world();
    let mut reasons = BTreeSet::new();
    let mut rules = BTreeMap::new();
    let mut judged = BTreeMap::new();
    for _ in 0..40_000 {
        let mut world = worlds.new_tree(&mut runner).unwrap().current();
        for trace in world.explain().rules {
            let met: &mut (bool, bool) = rules.entry(trace.title).or_default();
            if trace.skipped.is_some() { met.1 = true } else { met.0 = true }
        }
        reasons.insert(world.step());
        for verdict in crate::invariant::verify(&world.log) {
            *judged.entry(verdict.id).or_insert(0) += verdict.checked;
        }
    }
    assert_eq!(reasons, ReasonKind::ALL.iter().map(|kind| kind.name()).collect());
    let unmet: Vec<_> =
        rules.iter().filter(|(title, met)| **met != (true, **title != "hold")).collect();
    assert!(unmet.is_empty(), "fired and skipped: {unmet:?}");
    assert_eq!(rules.len(), super::super::RULES.len() + 1);
    assert!(judged.values().all(|&checked| checked >= 25), "{judged:?}");
}
