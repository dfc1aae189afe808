//! Rule 4 with active-active routing.

use expect_test::expect;

use super::shown::{check, hold, skipped};
use super::world::World;
use crate::decision::{PrimaryWrite, Reason, StandbyWrite};
use crate::observation::{AlarmState, Answer, Group, Known, Why};
use crate::record::{Peak, Register, Sizes};

const FOLLOW: &str = "keep both floors at the load";
const SAMPLE: &str = "record the normal sizes";

/// Both regions serve with 4 instances each.
fn both(standby: (u16, u16), primary: (u16, u16)) -> World {
    let mut world = World::with(&[("routing", "active-active"), ("floor", "match")]);
    let group = |group: &mut Group, (min, desired)| {
        (group.min, group.desired, group.in_service) = (min, desired, desired);
        group.cpu = Known::Known(30);
    };
    group(world.standby(), standby);
    group(world.primary(), primary);
    world
}

#[test]
fn both_floors_follow_the_load_upwards() {
    check(
        &both((2, 3), (3, 6)),
        &expect![[r#"
            Follow { target: 4 }
            standby: Raise(Sizes { min: 4, desired: 4, max: 8 })
            primary: PrimaryWrite { min: 4, desired: Some(6) }
            latch: Unknown(NotAsked)
            notice: the floor follows the load: 4 instances
        "#]],
    );
    let standby = both((4, 3), (4, 4)).decide();
    assert_eq!(standby.standby, Some(StandbyWrite::Raise(Sizes { min: 4, desired: 4, max: 8 })));
    assert_eq!(standby.primary, None);
    let primary = both((4, 4), (3, 3)).decide();
    assert_eq!(primary.standby, None);
    assert_eq!(primary.primary, Some(PrimaryWrite { min: 4, desired: Some(4) }));
    assert_eq!(skipped(&both((4, 4), (4, 4)), FOLLOW), "both floors carry the load");
    assert_eq!(skipped(&World::new(), FOLLOW), "one region serves at a time");
}

#[test]
fn the_primarys_floor_stays_within_its_maximum() {
    let mut world = both((4, 4), (2, 2));
    world.primary().max = 3;
    assert_eq!(world.decide().primary, Some(PrimaryWrite { min: 3, desired: Some(3) }));
    world.primary().min = 3;
    assert_eq!(world.decide().primary, None);
    world.seen.primary = Known::Unknown(Why::Timeout);
    assert_eq!(skipped(&world, FOLLOW), "both floors carry the load");
    world.standby().min = 3;
    assert!(world.decide().standby.is_some(), "the primary is best effort");
}

#[test]
fn no_floor_is_ever_lowered() {
    let mut world = both((7, 7), (7, 7));
    (world.standby().cpu, world.primary().cpu) = (Known::Known(10), Known::Known(10));
    world.write(&Register::Peak(Peak::sampled(None, 490_896, 2)));
    assert_eq!(world.story(100), "Sample x100");
    assert_eq!((world.standby().min, world.primary().min), (7, 7));
}

#[test]
fn the_load_is_weighed_by_the_cpu_of_both() {
    let mut world = both((4, 4), (4, 6));
    world.standby().cpu = Known::Known(25);
    world.primary().cpu = Known::Known(40);
    world.dns(Answer::Mixed);
    assert_eq!(world.decide().reason, Reason::Sample { load: 7 }, "(4 × 25 + 6 × 40) / 50");
    world.primary().cpu = Known::Known(35);
    assert_eq!(world.decide().reason, Reason::Sample { load: 7 }, "6.2, rounded up");
    world.primary().in_service = u16::MAX;
    world.primary().cpu = Known::Known(u16::MAX);
    assert_eq!(world.decide().reason, Reason::Sample { load: u16::MAX });
    world.primary().cpu = Known::Unknown(Why::Empty);
    assert_eq!(world.decide().reason, Reason::Sample { load: 2 }, "what is known of it");
    world.standby().cpu = Known::Unknown(Why::Empty);
    assert_eq!(skipped(&world, SAMPLE), "the CPU of both groups is unknown");
    assert_eq!(hold(&world), "Idle");
    world.seen.primary = Known::Unknown(Why::Empty);
    assert_eq!(skipped(&world, SAMPLE), "the CPU of both groups is unknown");
}

#[test]
fn the_load_is_weighed_by_the_cpu_that_the_groups_are_scaled_to() {
    let at = |percent: &str| {
        let mut world = both((4, 4), (4, 4));
        world.policy = super::world::policy(&[
            ("routing", "active-active"),
            ("floor", "match"),
            ("cpu_target_percent", percent),
        ]);
        (world.standby().cpu, world.primary().cpu) = (Known::Known(60), Known::Known(60));
        world.decide().reason
    };
    assert_eq!(at("80"), Reason::Sample { load: 6 });
    assert_eq!(at("30"), Reason::Sample { load: 16 });
}

#[test]
fn a_garbled_raise_or_an_unreadable_primary_does_not_stop_the_floors_from_following_the_load() {
    for garbled in [true, false] {
        let mut world = both((4, 4), (4, 4));
        (world.standby().cpu, world.primary().cpu) = (Known::Known(70), Known::Known(70));
        if garbled {
            world.tag("raised", "v1 first=");
        } else {
            world.standby().cpu = Known::Known(99);
            world.seen.primary = Known::Unknown(Why::Timeout);
        }
        world.write(&Register::Peak(Peak::sampled(None, 490_800, 4)));
        let base = world.record().base;
        assert_eq!(world.step(), "Sample");
        assert!(world.record().peak.held().unwrap().max() >= Some(8), "garbled: {garbled}");
        assert_eq!(world.step(), "Follow");
        assert_eq!(world.standby().min, 8, "garbled: {garbled}");
        if garbled {
            assert_eq!(world.record().base, base, "what is normal is not known");
        } else {
            let peak = world.record().peak.held().unwrap();
            assert_eq!(peak.hour, 490_800, "a part of the load pushes no hour out of the ring");
        }
    }
}

#[test]
fn a_region_that_fails_raises_nothing_of_the_other() {
    let mut world = both((4, 4), (4, 4));
    world.alarm(AlarmState::Alarm);
    world.dns(Answer::Standby);
    assert_eq!(
        skipped(&world, "raise the standby while the primary is down"),
        "both regions serve, and each can carry everything"
    );
    assert_eq!(hold(&world), "Idle");
}

#[test]
fn a_failover_from_before_both_regions_served_is_closed_although_the_primarys_note_is_garbled() {
    let mut world = World::blipped(31, &[]);
    assert_eq!(world.story(4), "Draining x2, LowerMin, LowerDesired");
    world.wait_minutes(1);
    world.tag("primary", "garbled");
    assert_eq!(world.decide().reason, Reason::RecordUnreadable);
    world.policy = super::world::policy(&[("routing", "active-active"), ("floor", "match")]);
    assert_eq!(world.step(), "Follow");
    *world.primary() = Group { min: 4, desired: 4, ..*world.primary() };
    assert_eq!(world.decide().reason, Reason::Finish);
}
