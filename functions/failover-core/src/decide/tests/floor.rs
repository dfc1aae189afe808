//! Rule 4: the normal state that is noted after an hour of OK, and a floor that matches the load.

use expect_test::expect;

use super::shown::{check, hold, skipped};
use super::world::{World, start};
use crate::decision::{Reason, StandbyWrite};
use crate::observation::{AlarmState, Answer, Evaluation, Group, Known, Probe, Why};
use crate::record::{Base, Count, History, Peak, Register, Sizes, Slot};
use crate::signal::{Claim, Signal};
use crate::time::after;

const FOLLOW: &str = "keep a matching floor at the load";
const SAMPLE: &str = "record the normal sizes";

#[test]
fn the_normal_state_is_noted_on_change() {
    let mut world = World::new();
    check(
        &world,
        &expect![[r#"
            Sample { load: 4 }
            after: pilotlight:peak = v1 hour=490896 ring=040000000000000000000000000000000000000000000000
                    pilotlight:base = v1 min=0 desired=0 max=8 at=1767225600
        "#]],
    );
    world.step();
    assert_eq!(hold(&world), "Sample", "nothing new, nothing written");
    world.primary().in_service = 3;
    assert_eq!(hold(&world), "Sample", "less in the same hour");
    world.primary().in_service = 5;
    world.standby().max = 9;
    check(
        &world,
        &expect![[r#"
            Sample { load: 5 }
            after: pilotlight:peak = v1 hour=490896 ring=050000000000000000000000000000000000000000000000
                    pilotlight:base = v1 min=0 desired=0 max=9 at=1767225600
        "#]],
    );
    world.step();
    world.wait_minutes(60);
    check(
        &world,
        &expect![[r#"
            Sample { load: 5 }
            after: pilotlight:peak = v1 hour=490897 ring=050500000000000000000000000000000000000000000000
        "#]],
    );
}

#[test]
fn only_ticks_sample() {
    let mut world = World::new();
    for signal in [
        Signal::Unreadable { detail: String::new() },
        Signal::Alarm(Claim { state: AlarmState::Ok, at: world.now }),
        Signal::Rehearsal,
    ] {
        world.signal = signal;
        assert_eq!(skipped(&world, SAMPLE), "only ticks sample");
        assert_eq!(hold(&world), "Idle");
    }
}

#[test]
fn only_an_hour_of_ok_is_normal() {
    let restless = "the alarm has not been OK for an hour";
    let mut young = World::new();
    young.alarm_view().transitioned_at = after(start(), -3600);
    assert_eq!(young.decide().reason.name(), "Sample");
    young.alarm_view().transitioned_at = after(start(), -3599);
    assert_eq!((skipped(&young, SAMPLE), hold(&young)), (restless, "Idle"));
    let mut insufficient = World::new();
    insufficient.alarm_view().state = AlarmState::Insufficient;
    let mut unread = World::new();
    unread.seen.alarm = Known::Unknown(Why::Denied);
    let mut failing = World::new();
    failing.alarm_view().evaluation = Evaluation::Failing;
    let mut stale = World::new();
    stale.points().newest = after(start(), -301);
    for world in [insufficient, unread, failing, stale] {
        assert_eq!((skipped(&world, SAMPLE), hold(&world)), (restless, "Blind"));
    }
}

#[test]
fn only_the_primary_under_load_is_normal() {
    for answer in
        [Known::Known(Answer::Mixed), Known::Known(Answer::Standby), Known::Unknown(Why::Timeout)]
    {
        let mut world = World::new();
        world.write(&Register::Opened(after(start(), -10).into()));
        world.seen.answer = answer;
        assert_eq!(skipped(&world, SAMPLE), "DNS does not name the primary");
        assert_eq!(hold(&world), "Idle");
    }
    let mut dark = World::new();
    dark.seen.primary = Known::Unknown(Why::Timeout);
    assert_eq!(skipped(&dark, SAMPLE), "the primary cannot be read");
    assert_eq!(hold(&dark), "Idle");
}

#[test]
fn sizes_in_the_middle_of_a_change_are_not_normal() {
    for (min, desired, max) in [(3, 2, 8), (0, 9, 8), (0, 0, 1296)] {
        let mut world = World::new();
        *world.standby() = Group { min, desired, max, ..*world.standby() };
        let after = world.decide().after;
        assert!(matches!(after[..], [Register::Peak(_)]), "{after:?}");
    }
    let mut largest = World::new();
    *largest.standby() = Group { min: 1295, desired: 1295, max: 1295, ..*largest.standby() };
    assert_eq!(largest.decide().after.len(), 2);
}

#[test]
fn nothing_is_sampled_before_a_failover_is_finished() {
    let mut world = World::blipped(61, &[]);
    world.standby().desired = 0;
    world.standby().min = 0;
    world.tag("primary", "?");
    assert_eq!(hold(&world), "RecordUnreadable");
}

fn matching() -> World {
    World::with(&[("floor", "match")])
}

/// A matching floor of 6 that has been normal for `minutes`, above a load of 4.
fn above(minutes: i64) -> World {
    let mut world = matching();
    *world.standby() =
        Group { min: 6, desired: 6, in_service: 6, healthy: Known::Known(6), ..*world.standby() };
    let at = after(start(), -minutes * 60);
    world.write(&Register::Base(Base { sizes: world.clone().standby().sizes(), at }));
    world.write(&Register::Peak(Peak::sampled(None, 490_896, 4)));
    world
}

#[test]
fn a_matching_floor_follows_the_load_up_at_once() {
    let mut world = matching();
    world.alarm(AlarmState::Insufficient);
    world.signal = Signal::Unreadable { detail: String::new() };
    world.write(&Register::Peak(Peak::sampled(None, 1, 6)));
    check(
        &world,
        &expect![[r#"
            Follow { target: 6 }
            standby: Raise(Sizes { min: 6, desired: 6, max: 8 })
            notice: the floor follows the load: 6 instances
        "#]],
    );
    *world.standby() = Group { min: 6, desired: 5, ..*world.standby() };
    assert_eq!(world.decide().reason.name(), "Follow");
    world.standby().desired = 6;
    assert_eq!(skipped(&world, FOLLOW), "the floor matches the load");
    let mut fixed = World::with(&[("floor", "2")]);
    assert_eq!(skipped(&fixed, FOLLOW), "the floor is fixed");
    assert_eq!(fixed.step(), "Sample");
}

#[test]
fn a_matching_floor_waits_for_a_failover_to_be_finished() {
    let mut world = World::blipped(33, &[("floor", "match")]);
    *world.standby() = Group { min: 0, desired: 0, ..*world.standby() };
    assert_eq!(world.decide().reason, Reason::Finish);
    world.tag("raised", "?");
    assert_eq!(hold(&world), "RecordUnreadable");
}

#[test]
fn a_matching_floor_follows_the_load_down_once_per_hold_down() {
    let mut world = above(30);
    assert_eq!(world.story(2), "Draining x2");
    check(
        &world,
        &expect![[r#"
            LowerFloor { target: 4 }
            before: pilotlight:drain = v1 for=1767223800 n=3 at=1767225720
            standby: LowerMin { min: 4 }
        "#]],
    );
    world.step();
    assert_eq!(skipped(&world, FOLLOW), "the floor matches the load");
    world.wait_minutes(1);
    assert_eq!(world.step(), "Sample");
    let noted = world.record().base.held().unwrap().at;
    assert_eq!(noted, world.now, "the new floor is normal now");
    for verdict in world.verified() {
        assert!(verdict.id != "S15" || verdict.checked > 0);
    }
}

#[test]
fn a_matching_floor_is_not_lowered_within_a_hold_down_of_its_last_change() {
    let moment = "the floor is higher than the load, and was changed a moment ago";
    let mut world = above(29);
    assert_eq!(skipped(&world, FOLLOW), moment);
    world.wait_minutes(1);
    assert_eq!(hold_or_drain(&world), "Draining");
    world.write(&Register::History(History { finished: vec![after(world.now, -60)] }));
    assert_eq!(skipped(&world, FOLLOW), moment, "the hold-down has doubled");
}

fn hold_or_drain(world: &World) -> &'static str {
    let decision = world.decide();
    assert_eq!((decision.standby, decision.primary), (None, None));
    decision.reason.name()
}

#[test]
fn a_matching_floor_is_lowered_only_on_the_evidence_of_a_failback() {
    let unproven = "the floor is higher than the load, and nothing is proven";
    let mut unprobed = above(60);
    unprobed.seen.probe = Known::Known(Probe::Down);
    let mut gap = above(60);
    gap.points().healthy_run = 29;
    let mut blind = above(60);
    blind.seen.alarm = Known::Unknown(Why::Timeout);
    for world in [unprobed, gap, blind] {
        assert_eq!(skipped(&world, FOLLOW), unproven);
    }
    for answer in [Known::Known(Answer::Mixed), Known::Unknown(Why::Timeout)] {
        let mut world = above(60);
        world.seen.answer = answer;
        let elsewhere = "the floor is higher than the load, and DNS does not name the primary";
        assert_eq!(skipped(&world, FOLLOW), elsewhere);
        assert_eq!(hold(&world), "Idle");
    }
}

#[test]
fn a_matching_floor_is_lowered_only_from_sizes_recorded_while_idle() {
    let unnoted =
        "the floor is higher than the load, and the normal sizes have not been recorded yet";
    let mut absent = above(60);
    absent.record().base = Slot::Absent;
    let mut garbled = above(60);
    garbled.record().base = Slot::Unreadable;
    let mut changed = above(60);
    changed.standby().max = 9;
    for world in [absent, garbled, changed] {
        assert_eq!(skipped(&world, FOLLOW), unnoted);
        assert_eq!(hold_or_drain(&world), "Sample");
    }
}

#[test]
fn a_count_of_drained_ticks_belongs_to_one_floor() {
    let mut world = above(30);
    let at = after(world.now, -60);
    world.write(&Register::Drain(Count { episode: start(), ticks: 3, at }));
    assert_eq!(world.decide().reason, Reason::Draining { ticks: 1, needed: 3 });
    let noted = world.record().base.held().unwrap().at;
    world.write(&Register::Drain(Count { episode: noted, ticks: 2, at }));
    assert_eq!(world.decide().standby, Some(StandbyWrite::LowerMin { min: 4 }));
}

#[test]
fn a_matching_floor_fails_over_like_any_other() {
    let mut world = matching();
    world.alarm(AlarmState::Alarm);
    assert_eq!(world.step(), "Raise");
    let raised = world.record().raised.held().unwrap();
    assert_eq!(raised.undo, Sizes { min: 0, desired: 0, max: 8 });
}
