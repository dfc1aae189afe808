//! Rule 3: the evidence for a failback, the latch that opens onto a ready primary, and the standby that is lowered in two
//! phases.

use expect_test::expect;

use super::shown::{check, hold, shown, silence, skipped};
use super::world::{World, start};
use crate::decision::{PrimaryWrite, Proof, Reason, StandbyWrite};
use crate::observation::{AlarmState, Answer, Evaluation, Group, Known, Mode, Probe, Why};
use crate::record::{Count, Ownership, Raised, Register, Sizes, Slot, Turn};
use crate::time::after;

const KEEP: &str = "keep the standby raised while the latch holds users there";
const LOWER: &str = "lower the standby, minimum first";

#[test]
fn each_missing_part_of_the_proof_holds() {
    let missing = |world: &World| {
        let reason = world.decide().reason;
        let Reason::Proving { left_seconds, missing } = reason else { panic!("it is proven") };
        (missing, left_seconds)
    };
    let proven = || World::blipped(30, &[]);
    assert_eq!(proven().decide().reason.name(), "Draining");
    let mut young = World::blipped(29, &[]);
    young.points().healthy_run = 1000;
    assert_eq!(missing(&young), (Proof::Age, 60));
    let mut gap = proven();
    gap.points().healthy_run = 29;
    assert_eq!(missing(&gap), (Proof::Datapoints, 60));
    let mut late = proven();
    late.points().newest = after(late.now, -240);
    assert_eq!(late.decide().reason.name(), "Draining");
    late.points().newest = after(late.now, -241);
    assert_eq!(missing(&late), (Proof::Datapoints, 60));
    late.points().newest = after(late.now, -301);
    assert_eq!(missing(&late), (Proof::Sight, 1800));
    let mut failing = proven();
    failing.alarm_view().evaluation = Evaluation::Failing;
    assert_eq!(missing(&failing), (Proof::Sight, 1800));
    let mut silent = proven();
    silent.seen.datapoints = Known::Unknown(Why::Empty);
    assert_eq!(missing(&silent), (Proof::Sight, 1800));
    for probe in [Known::Known(Probe::Down), Known::Unknown(Why::Timeout)] {
        let mut world = proven();
        world.seen.probe = probe;
        assert_eq!(missing(&world), (Proof::Probe, 60));
    }
    for why in [Why::Empty, Why::Denied, Why::Timeout] {
        let mut world = proven();
        world.seen.alarm = Known::Unknown(why);
        assert_eq!(missing(&world), (Proof::Alarm, 1800));
    }
    let mut insufficient = proven();
    insufficient.alarm_view().state = AlarmState::Insufficient;
    assert_eq!(missing(&insufficient), (Proof::Alarm, 1800));
}

#[test]
fn a_whole_failover_and_back() {
    let mut world = World::new();
    assert_eq!(world.story(2), "Sample x2");
    world.alarm(AlarmState::Alarm);
    assert_eq!(world.story(2), "Raise, AlreadyRaised");
    world.dns(Answer::Standby);
    assert_eq!(world.story(3), "CloseLatch, AlreadyRaised x2");
    world.alarm(AlarmState::Ok);
    assert_eq!(world.story(33), "Proving x30, Prewarm, OpenLatch, Draining");
    world.dns(Answer::Primary);
    assert_eq!(world.story(6), "Draining x2, LowerMin, LowerDesired, Finish, Idle");
    assert_eq!(world.story(23), "Idle x21, Sample x2", "an hour after the alarm turned OK");
    assert_eq!(world.standby().sizes(), Sizes { min: 0, desired: 0, max: 8 });
    assert_eq!(world.primary().min, 2);
    assert_eq!(world.record().unreadable(), [""; 0]);
    for record in &world.log {
        let read = crate::DecisionRecord::from_log_line(&record.to_log_line());
        assert_eq!(read.as_ref(), Some(record), "a log line reads back");
    }
    for verdict in world.verified() {
        let never_applies = ["S5", "S8", "S9", "S16", "S19", "S20"].contains(&&*verdict.id);
        assert_eq!(verdict.checked > 0, !never_applies, "{}", verdict.id);
    }
}

#[test]
fn the_mode_must_be_known_to_allow_a_failback() {
    let mut world = World::blipped(33, &[]);
    world.record().mode = Slot::Unreadable;
    let mode = Known::Unknown(Why::Unparseable);
    assert_eq!(world.decide().reason, Reason::NotArmed { mode });
    world.record().mode = Slot::Held(Mode::Observe);
    assert_eq!(silence(&world), "Draining", "reported, not written");
    world.record().mode = Slot::Held(Mode::Armed);
    assert_eq!(world.decide().reason.name(), "Draining");
}

#[test]
fn what_cannot_be_read_may_be_what_forbids_the_way_back() {
    for key in ["raised", "done", "closed", "opened", "order"] {
        let mut world = World::blipped(33, &[]);
        world.tag(key, "?");
        assert_eq!(hold(&world), "RecordUnreadable", "{key}");
    }
    let mut unread = World::blipped(33, &[]);
    unread.seen.record = Known::Unknown(Why::Timeout);
    assert_eq!(silence(&unread), "RecordUnreadable");
    for key in ["closed", "opened"] {
        let mut without_latch = World::blipped(33, &[("latch", "off")]);
        without_latch.primary().min = 4;
        without_latch.tag(key, "?");
        assert_eq!(without_latch.decide().reason.name(), "Draining", "no latch, no {key}");
    }
}

#[test]
fn behind_a_closed_latch_the_primary_is_made_ready_before_it_opens() {
    let mut world = World::latched(30, &[]);
    world.primary().desired = 2;
    check(
        &world,
        &expect![[r#"
            Prewarm { demand: 4 }
            before: pilotlight:primary = v1 for=1767225600 min=2 desired=2 was=2 wrote=4
            primary: PrimaryWrite { min: 4, desired: Some(4) }
            latch: Known(Closed)
            notice: prewarming the primary: at least 4 instances
        "#]],
    );
    world.step();
    world.wait_minutes(1);
    world.primary().healthy = Known::Known(3);
    check(
        &world,
        &expect![[r#"
            Prewarming { healthy: 3, demand: 4 }
            latch: Known(Closed)
        "#]],
    );
    *world.primary() =
        Group { in_service: 3, healthy: Known::Unknown(Why::Denied), ..*world.primary() };
    assert_eq!(hold(&world), "Prewarming", "without targets the instances are counted");
    world.primary().in_service = 4;
    assert_eq!(world.decide().reason, Reason::OpenLatch);
    world.primary().healthy = Known::Known(5);
    check(
        &world,
        &expect![[r#"
            OpenLatch
            after: pilotlight:opened = v1 for=1767225600 at=1767227760
            latch: Known(Closed)
            notice: the users move back to the primary
        "#]],
    );
    world.step();
    assert_eq!(skipped(&world, "make the primary ready, then open the latch"), "the latch is open");
    assert_eq!(world.decide().reason, Reason::Draining { ticks: 0, needed: 3 });
}

#[test]
fn behind_a_closed_latch_everything_has_to_be_proven_too() {
    let world = World::latched(29, &[]);
    check(
        &world,
        &expect![[r#"
            Proving { left_seconds: 60, missing: Age }
            latch: Known(Closed)
        "#]],
    );
    let mut dark = World::latched(30, &[]);
    dark.seen.primary = Known::Unknown(Why::Timeout);
    assert_eq!(dark.decide().reason, Reason::PrimaryUnreadable { why: Why::Timeout });
}

#[test]
fn the_primary_has_to_carry_what_the_standby_carries_now() {
    let mut world = World::latched(30, &[]);
    world.standby().in_service = 6;
    assert_eq!(world.decide().reason, Reason::Prewarm { demand: 6 });
    *world.primary() = Group { max: 5, ..*world.primary() };
    let decision = world.decide();
    assert_eq!(decision.reason, Reason::Prewarm { demand: 5 });
    assert_eq!(decision.primary, Some(PrimaryWrite { min: 5, desired: Some(5) }));
    *world.primary() = Group { min: 5, desired: 7, max: 8, ..*world.primary() };
    let decision = world.decide();
    assert_eq!(decision.primary, Some(PrimaryWrite { min: 6, desired: Some(7) }));
}

#[test]
fn behind_a_closed_latch_somebodys_change_of_the_standby_is_taken_back() {
    let mut world = World::latched(5, &[]);
    world.standby().min = 0;
    check(
        &world,
        &expect![[r#"
            KeepRaised { target: 4 }
            standby: Raise(Sizes { min: 4, desired: 4, max: 8 })
            latch: Known(Closed)
            notice: the standby's minimum is put back to 4 instances
        "#]],
    );
    *world.standby() = Group { min: 4, desired: 3, ..*world.standby() };
    assert_eq!(world.step(), "KeepRaised");
    assert_eq!(skipped(&world, KEEP), "the standby stands at its target");
    let mut open = World::blipped(5, &[]);
    open.standby().min = 0;
    assert_eq!(skipped(&open, KEEP), "the latch is open");
    let mut both_serve = World::latched(5, &[]);
    both_serve.policy = super::world::policy(&[("routing", "active-active"), ("floor", "match")]);
    *both_serve.standby() = *World::latched(5, &[]).standby();
    both_serve.primary().min = 4;
    assert_eq!(skipped(&both_serve, KEEP), "both regions serve");
}

#[test]
fn the_size_to_restore_at_the_primary_is_noted_once_in_a_failover() {
    let mut world = World::latched(30, &[]);
    world.step();
    world.standby().in_service = 6;
    let decision = world.decide();
    let [Register::Primary(undo)] = decision.before[..] else { panic!("{decision:?}") };
    assert_eq!(decision.reason, Reason::Prewarm { demand: 6 });
    assert_eq!((undo.min, undo.ours), (2, Some([4, 6])), "what is to be restored stays");
}

#[test]
fn lowering_takes_two_phases_and_closes_the_record_last() {
    let mut world = World::blipped(31, &[]);
    assert_eq!(world.story(2), "Draining x2");
    check(
        &world,
        &expect![[r#"
            LowerMin
            before: pilotlight:drain = v1 for=1767225600 n=3 at=1767227880
            standby: LowerMin { min: 0 }
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
            standby: LowerDesired { desired: 0, max: 8 }
        "#]],
    );
    assert_eq!(world.step(), "LowerDesired");
    world.wait_minutes(1);
    check(
        &world,
        &expect![[r#"
            Finish
            after: pilotlight:history = v1 t=1767228000
                    pilotlight:done = v1 at=1767225600
            notice: failover finished: the standby is back to normal
            told: pilotlight:findings = v1 set= at=1767225600
        "#]],
    );
    assert_eq!(world.story(2), "Finish, Idle");
    world.verified();
}

#[test]
fn a_new_failure_between_the_phases_raises_again() {
    let mut world = World::blipped(31, &[]);
    assert_eq!(world.story(3), "Draining x2, LowerMin");
    world.alarm(AlarmState::Alarm);
    assert_eq!(world.step(), "Raise");
    let Ownership::Ours(raised) = world.record().ownership() else { panic!("it is ours") };
    assert_eq!(raised.undo, Sizes { min: 0, desired: 0, max: 8 }, "the undo note survives");
    assert!(raised.at > raised.first);
}

/// Proven and drained but for the present tick, with these sizes to go back to and these live ones.
fn drained(undo: Sizes, (min, desired, max): (u16, u16, u16)) -> World {
    let mut world = World::blipped(33, &[]);
    let raised = *world.record().raised.held().unwrap();
    world.write(&Register::Raised(Raised { undo, target: 8, ..raised }));
    let at = after(world.now, -60);
    world.write(&Register::Drain(Count { episode: raised.first, ticks: 2, at }));
    *world.standby() = Group { min, desired, max, ..*world.standby() };
    world
}

#[test]
fn nothing_is_lowered_below_what_was_noted_or_raised_on_the_way() {
    let undo = Sizes { min: 1, desired: 2, max: 6 };
    let write = |sizes| drained(undo, sizes).decide().standby;
    assert_eq!(write((4, 4, 8)), Some(StandbyWrite::LowerMin { min: 1 }));
    assert_eq!(write((1, 4, 8)), Some(StandbyWrite::LowerDesired { desired: 2, max: 6 }));
    assert_eq!(write((0, 1, 8)), Some(StandbyWrite::LowerDesired { desired: 1, max: 6 }));
    assert_eq!(write((0, 4, 5)), Some(StandbyWrite::LowerDesired { desired: 2, max: 5 }));
    assert_eq!(write((2, 2, 6)), Some(StandbyWrite::LowerMin { min: 1 }));
    let normal = drained(undo, (1, 2, 6));
    assert_eq!(skipped(&normal, LOWER), "the standby is at its normal sizes");
    assert_eq!(drained(undo, (0, 1, 3)).decide().reason, Reason::Finish);
    let lower = Sizes { min: 0, desired: 0, max: 2 };
    let decision = drained(lower, (0, 3, 3)).decide();
    assert_eq!(
        decision.standby,
        Some(StandbyWrite::LowerDesired { desired: 0, max: 3 }),
        "not as we wrote it"
    );
}

#[test]
fn a_finished_failover_restores_the_primarys_floor_and_nothing_else() {
    let mut world = World::blipped(33, &[]);
    *world.standby() = Group { min: 0, desired: 0, ..*world.standby() };
    world.tag("primary", "v1 for=1767225600 min=2 desired=4");
    *world.primary() = Group { min: 4, desired: 6, ..*world.primary() };
    assert_eq!(world.story(2), "Draining x2", "the users may still be on their way to it");
    check(
        &world,
        &expect![[r#"
            Finish
            primary: PrimaryWrite { min: 2, desired: None }
            after: pilotlight:history = v1 t=1767228000
                    pilotlight:done = v1 at=1767225600
            notice: failover finished: the standby is back to normal
            told: pilotlight:findings = v1 set= at=1767225600
        "#]],
    );
    world.seen.primary = Known::Unknown(Why::Denied);
    assert_eq!(world.decide().reason, Reason::PrimaryUnreadable { why: Why::Denied });
    assert_eq!(hold(&world), "PrimaryUnreadable");
    world.tag("primary", "v1 for=1700000000 min=2 desired=4");
    assert_eq!(world.decide().reason, Reason::Finish, "another failover's note needs no primary");
    world.tag("primary", "v1 for=17672256");
    assert_eq!(hold(&world), "RecordUnreadable", "only a person can know what it was");
}

#[test]
fn a_raise_that_may_be_under_way_is_not_taken_for_one_that_was_undone() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    let note = world.decide().before;
    world.write(&note[0]);
    world.alarm(AlarmState::Ok);
    for (seconds, left_seconds) in [(0, 90), (89, 1)] {
        world.now = after(start(), seconds);
        let reason = Reason::Proving { left_seconds, missing: Proof::Raise };
        assert_eq!(world.decide().reason, reason);
        assert_eq!(hold(&world), "Proving");
    }
    world.now = after(start(), 90);
    assert_eq!(world.decide().reason, Reason::Finish);
}

#[test]
fn a_floor_that_is_back_already_is_not_written() {
    let mut world = World::blipped(33, &[]);
    *world.standby() = Group { min: 0, desired: 0, ..*world.standby() };
    world.tag("primary", "v1 for=1767225600 min=2 desired=4");
    let decision = world.decide();
    assert_eq!((decision.reason, decision.primary), (Reason::Finish, None));
    world.tag("primary", "v1 for=1700000000 min=1 desired=4");
    assert_eq!(world.decide().primary, None, "{}", shown(&world.decide()));
}

/// Goal: a latch that was switched off while it was closed is not found closed by the next failover.
#[test]
fn a_finished_failover_opens_a_latch_that_nobody_is_held_by() {
    let finished = |closed, opened| {
        let mut world = World::blipped(33, &[("latch", "off")]);
        *world.standby() = Group { min: 0, desired: 0, ..*world.standby() };
        let turn = |at| Turn { episode: None, at: after(start(), at) };
        world.write(&Register::Closed(turn(closed)));
        world.write(&Register::Opened(turn(opened)));
        let decision = world.decide();
        assert_eq!(decision.reason, Reason::Finish);
        decision.after.iter().any(|register| matches!(register, Register::Opened(_)))
    };
    assert!(finished(2, 1));
    assert!(!finished(1, 2));
}

#[test]
fn what_was_raised_under_another_routing_is_closed_and_not_lowered() {
    let mut world = World::blipped(33, &[]);
    world.policy = super::world::policy(&[("routing", "active-active"), ("floor", "match")]);
    assert_eq!(world.step(), "Follow", "the primary's floor first");
    assert_eq!(skipped(&world, LOWER), "both regions serve");
    assert_eq!(world.step(), "Finish");
    assert_eq!(world.standby().sizes(), Sizes { min: 4, desired: 4, max: 8 });
}

#[test]
fn a_latch_that_is_noted_as_closed_is_opened_with_the_end_of_the_failover_and_no_other() {
    let opens = |changes: &[(&str, &str)], closed: Option<&str>| {
        let mut world = World::blipped(31, changes);
        for _ in 0..8 {
            if world.decide().reason == Reason::Finish {
                break;
            }
            world.story(1);
        }
        if let Some(closed) = closed {
            world.tag("closed", closed);
        }
        let decision = world.decide();
        assert_eq!(decision.reason, Reason::Finish);
        decision.after.iter().any(|register| matches!(register, Register::Opened(_)))
    };
    let off = [("latch", "off")];
    assert!(!opens(&[], None), "it was never closed");
    assert!(opens(&off, Some("garbled")));
    assert!(opens(&off, Some("v1 for=1767225600 at=1767225700")));
}
