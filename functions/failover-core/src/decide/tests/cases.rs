use expect_test::{Expect, expect};

use super::world::World;
use crate::decision::{Reason, StandbyWrite};
use crate::observation::{AlarmState, Answer, Evaluation, Known, Mode, Probe, Why};
use crate::record::{Drain, Ownership, Peak, Register, Sizes, Slot};
use crate::signal::{Claim, Signal};
use crate::time::after;
use crate::{Decision, invariant};

fn shown(decision: &Decision) -> String {
    let registers = |registers: &[Register]| {
        let text = |register: &Register| {
            let (key, value) = register.tag();
            format!("{key} = {value}")
        };
        registers.iter().map(text).collect::<Vec<_>>().join("; ")
    };
    format!(
        "{:?}\nbefore: {}\nstandby: {:?}\nafter: {}\nnotice: {}\n",
        decision.reason,
        registers(&decision.before),
        decision.standby,
        registers(&decision.after),
        decision.notice.as_ref().map_or("none", |notice| &notice.subject),
    )
}

fn check(world: &World, expected: &Expect) {
    expected.assert_eq(&shown(&world.decide()));
}

fn hold(world: &World) -> &'static str {
    let decision = world.decide();
    assert!(!decision.writes(), "{}", shown(&decision));
    decision.reason.name()
}

/// A world in which the standby was raised `minutes` ago and the primary is back since.
fn raised_and_back(minutes: u16) -> World {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    assert_eq!(world.step(), "Raise");
    world.wait_minutes(5);
    world.alarm(AlarmState::Ok);
    world.seen.answer = Known::Known(Answer::Primary);
    world.wait_minutes(minutes);
    world
}

#[test]
fn an_alarm_raises_with_intent_first_and_one_write() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    check(
        &world,
        &expect![[r#"
            Raise { why: Alarm, target: 4 }
            before: pilotlight:raised = v1 first=1767225600 at=1767225600 target=4 why=alarm min=0 desired=0 max=8
            standby: Some(Raise(Sizes { min: 4, desired: 4, max: 8 }))
            after: 
            notice: raising the standby from 0 to 4 instances
        "#]],
    );
}

#[test]
fn two_zero_datapoints_raise_although_the_alarm_says_ok() {
    let mut world = World::new();
    if let Known::Known(points) = &mut world.seen.datapoints {
        points.newest_two_zero = true;
    }
    assert_eq!(world.step(), "Raise");
}

#[test]
fn old_zero_datapoints_raise_nothing() {
    let mut world = World::new();
    if let Known::Known(points) = &mut world.seen.datapoints {
        points.newest_two_zero = true;
        points.newest = after(world.now, -301);
    }
    assert_eq!(hold(&world), "Blind");
}

#[test]
fn a_claim_counts_only_while_the_alarm_is_unknown_and_the_claim_is_fresh() {
    let mut world = World::new();
    let claim = |at| Signal::Alarm(Claim { state: AlarmState::Alarm, at });
    world.signal = claim(world.now);
    assert_eq!(hold(&world), "Idle", "the alarm reads OK: the event is stale");
    world.seen.alarm = Known::Unknown(Why::Timeout);
    assert_eq!(world.decide().reason.name(), "Raise");
    world.signal = claim(after(world.now, -901));
    assert_eq!(hold(&world), "Blind", "a five-hour-old event is news of yesterday");
    world.signal = claim(after(world.now, 60));
    assert_eq!(world.decide().reason.name(), "Raise", "a clock that runs ahead is age zero");
}

#[test]
fn a_second_raise_keeps_the_sizes_to_go_back_to() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    world.step();
    world.wait_minutes(1);
    assert_eq!(hold(&world), "AlreadyRaised");
    // Somebody, or a deploy, puts the minimum back in mid-outage.
    world.standby().min = 0;
    check(
        &world,
        &expect![[r#"
            Raise { why: Alarm, target: 4 }
            before: pilotlight:raised = v1 first=1767225600 at=1767225660 target=4 why=alarm min=0 desired=0 max=8
            standby: Some(Raise(Sizes { min: 4, desired: 4, max: 8 }))
            after: 
            notice: raising the standby from 4 to 4 instances
        "#]],
    );
}

#[test]
fn a_raise_never_takes_away_what_is_live() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    *world.standby() =
        crate::observation::Group { min: 1, desired: 6, max: 20, ..*world.standby() };
    let decision = world.decide();
    assert_eq!(decision.standby, Some(StandbyWrite::Raise(Sizes { min: 4, desired: 6, max: 20 })));
}

#[test]
fn the_target_follows_the_sampled_peak_up_to_the_cap() {
    let mut world = World::new();
    world.write(&Register::Peak(Peak::sampled(None, 1, 7)));
    world.alarm(AlarmState::Alarm);
    assert_eq!(
        world.decide().reason,
        Reason::Raise { why: crate::record::Cause::Alarm, target: 7 }
    );
    world.write(&Register::Peak(Peak::sampled(None, 1, 700)));
    assert_eq!(
        world.decide().reason,
        Reason::Raise { why: crate::record::Cause::Alarm, target: 8 }
    );
}

#[test]
fn an_unreadable_standby_is_tried_again() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    world.seen.standby = Known::Unknown(Why::Throttled);
    world.seen.record = Known::Unknown(Why::Throttled);
    assert!(world.decide().retry());
    assert_eq!(hold(&world), "StandbyUnreadable");
}

#[test]
fn frozen_touches_nothing_and_observe_only_reports() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    let mode = |world: &mut World, mode| {
        if let Known::Known(record) = &mut world.seen.record {
            record.mode = mode;
        }
    };
    mode(&mut world, Slot::Held(Mode::Frozen));
    assert_eq!(hold(&world), "Frozen");
    mode(&mut world, Slot::Held(Mode::Observe));
    assert_eq!(hold(&world), "Raise", "reported, not written");
    mode(&mut world, Slot::Unreadable);
    assert_eq!(world.step(), "Raise", "an unreadable mode may raise");
    mode(&mut world, Slot::Unreadable);
    world.alarm(AlarmState::Ok);
    world.wait_minutes(60);
    assert_eq!(hold(&world), "NotArmed", "and may not lower");
}

#[test]
fn a_rehearsal_decides_and_writes_nothing() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    world.signal = Signal::Rehearsal;
    assert_eq!(hold(&world), "Raise");
}

#[test]
fn each_missing_part_of_the_proof_holds() {
    let at_29 = raised_and_back(29);
    assert_eq!(hold(&at_29), "Proving");
    let mut gap = raised_and_back(31);
    if let Known::Known(points) = &mut gap.seen.datapoints {
        points.healthy_run = 29;
    }
    assert_eq!(hold(&gap), "Proving");
    let mut late = raised_and_back(31);
    if let Known::Known(points) = &mut late.seen.datapoints {
        points.newest = after(late.now, -241);
    }
    assert_eq!(hold(&late), "Proving");
    let mut blind = raised_and_back(31);
    if let Known::Known(alarm) = &mut blind.seen.alarm {
        alarm.evaluation = Evaluation::Failing;
    }
    assert_eq!(hold(&blind), "Proving");
    for probe in [Known::Known(Probe::Down), Known::Unknown(Why::Timeout)] {
        let mut world = raised_and_back(31);
        world.seen.probe = probe;
        assert_eq!(hold(&world), "Proving");
    }
    for why in [Why::Empty, Why::Denied, Why::Timeout] {
        let mut world = raised_and_back(31);
        world.seen.alarm = Known::Unknown(why);
        assert_eq!(hold(&world), "Proving");
    }
}

#[test]
fn dns_must_answer_the_primary_on_every_tick() {
    let mut world = raised_and_back(31);
    world.seen.answer = Known::Known(Answer::Standby);
    assert_eq!(world.step(), "Draining");
    world.wait_minutes(1);
    assert_eq!(hold(&world), "Draining", "a counter at 0 is not written again");
    for answer in
        [Answer::Primary, Answer::Primary, Answer::Mixed, Answer::Primary, Answer::Primary]
    {
        world.seen.answer = Known::Known(answer);
        assert_eq!(world.step(), "Draining");
        world.wait_minutes(1);
    }
    assert_eq!(world.step(), "LowerMin");
}

#[test]
fn a_missed_tick_restarts_the_count_and_a_hasty_one_does_not_count() {
    let mut world = raised_and_back(31);
    assert_eq!(world.step(), "Draining");
    world.wait_minutes(1);
    assert_eq!(world.step(), "Draining");
    assert_eq!(hold(&world), "Draining", "the same tick twice");
    world.wait_minutes(2);
    assert_eq!(world.step(), "Draining");
    assert_eq!(world.decide().reason, Reason::Draining { ticks: 1, needed: 3 });
}

#[test]
fn lowering_takes_two_phases_and_closes_the_record_last() {
    let mut world = raised_and_back(31);
    for _ in 0..2 {
        assert_eq!(world.step(), "Draining");
        world.wait_minutes(1);
    }
    check(
        &world,
        &expect![[r#"
            LowerMin
            before: pilotlight:drain = v1 for=1767225600 n=3 at=1767227880
            standby: Some(LowerMin { min: 0 })
            after: 
            notice: the primary is proven back: lowering the standby
        "#]],
    );
    assert_eq!(world.step(), "LowerMin");
    assert_eq!(hold(&world), "Draining", "never two steps in one tick");
    world.wait_minutes(1);
    check(
        &world,
        &expect![[r#"
            LowerDesired
            before: pilotlight:drain = v1 for=1767225600 n=3 at=1767227940
            standby: Some(LowerDesired { desired: 0, max: 8 })
            after: 
            notice: none
        "#]],
    );
    assert_eq!(world.step(), "LowerDesired");
    world.wait_minutes(1);
    check(
        &world,
        &expect![[r#"
            Finish
            before: 
            standby: None
            after: pilotlight:history = v1 t=1767228000; pilotlight:done = v1 at=1767225600
            notice: failover finished: the standby is back to normal
        "#]],
    );
    assert_eq!(world.step(), "Finish");
    world.wait_minutes(1);
    assert_eq!(hold(&world), "Idle");
    for record in &world.log {
        let read = crate::DecisionRecord::from_log_line(&record.to_log_line());
        assert_eq!(read.as_ref(), Some(record), "a log line reads back");
    }
    for verdict in invariant::verify(&world.log) {
        assert!(verdict.holds(), "{verdict:?}");
        let never_applies = ["S5", "S9"].contains(&verdict.id);
        assert!(verdict.checked > 0 || never_applies, "{} was not exercised", verdict.id);
    }
}

#[test]
fn a_new_failure_between_the_phases_raises_again() {
    let mut world = raised_and_back(31);
    for expected in ["Draining", "Draining", "LowerMin"] {
        assert_eq!(world.step(), expected);
        world.wait_minutes(1);
    }
    world.alarm(AlarmState::Alarm);
    assert_eq!(world.step(), "Raise");
    let Known::Known(record) = &world.seen.record else { panic!("the record is known") };
    let Ownership::Ours(raised) = record.ownership() else { panic!("it is ours") };
    assert_eq!(raised.undo, Sizes { min: 0, desired: 0, max: 8 }, "the undo note survives");
    assert!(raised.at > raised.first);
}

#[test]
fn what_we_did_not_raise_is_never_lowered() {
    let mut world = World::new();
    *world.standby() = crate::observation::Group { min: 6, desired: 6, ..*world.standby() };
    world.write(&Register::Drain(Drain { episode: world.now, ticks: 60, at: world.now }));
    for _ in 0..30 {
        world.wait_minutes(1);
        let decision = world.decide();
        assert_eq!(decision.standby, None, "{}", shown(&decision));
        world.step();
    }
}

#[test]
fn an_unreadable_undo_note_never_lowers_and_still_raises() {
    let mut world = raised_and_back(31);
    if let Known::Known(record) = &mut world.seen.record {
        record.raised = Slot::Unreadable;
    }
    assert_eq!(hold(&world), "RecordUnreadable");
    world.standby().min = 0;
    world.alarm(AlarmState::Alarm);
    assert_eq!(world.step(), "Raise");
}

#[test]
fn only_ticks_at_peace_sample() {
    let mut world = World::new();
    check(
        &world,
        &expect![[r#"
            Sample { in_service: 4 }
            before: 
            standby: None
            after: pilotlight:peak = v1 hour=490896 ring=040000000000000000000000000000000000000000000000; pilotlight:base = v1 min=0 desired=0 max=8 at=1767225600
            notice: none
        "#]],
    );
    world.step();
    assert_eq!(hold(&world), "Sample", "nothing new, nothing written");
    world.seen.answer = Known::Known(Answer::Standby);
    assert_eq!(hold(&world), "Idle", "users are elsewhere");
    world.seen.answer = Known::Known(Answer::Primary);
    world.seen.primary = Known::Unknown(Why::Timeout);
    assert_eq!(hold(&world), "Idle");
}

#[test]
fn blindness_is_told_by_its_event_and_not_by_ticks() {
    let mut world = World::new();
    world.alarm(AlarmState::Insufficient);
    assert_eq!(world.decide().notice, None);
    world.signal = Signal::Alarm(Claim { state: AlarmState::Insufficient, at: world.now });
    let notice = world.decide().notice.expect("the event is told");
    assert_eq!(notice.subject, "the detector is blind: no data from the health check");
}
